"""Acceptance of captions: the normaliser has to read exactly the labels that a caption was made from."""

from __future__ import annotations

from udt.core.vocabulary import Vocabulary
from udt.normalize.normalizer import Normalizer
from udt.records.captions.tagged import TaggedLabels


class RoundTrip:
    """Reads captions back, to compare them with the labels that they were made from.

    :param vocabulary: of the classification tasks whose labels captions are made from.
    """

    def __init__(self, normalizer: Normalizer, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._normalizer = normalizer

    def read(self, caption: str) -> TaggedLabels:
        """Return the labels that a caption states."""
        return TaggedLabels.of_report(self._normalizer.normalize(caption), self.vocabulary)

    def fault(self, caption: str, labels: TaggedLabels) -> str | None:
        """Return why a caption is not accepted for labels, or None if exactly these are read, equally certain."""
        if not caption.strip():
            return "it is empty"
        wanted, found = set(labels), set(self.read(caption))
        if wanted == found:
            return None
        lost, added = (self._names(part) for part in (wanted - found, found - wanted))
        reasons = [f"{text} {names}" for text, names in (("does not state", lost), ("also states", added)) if names]
        return " and ".join(reasons)

    def _names(self, labels: set[tuple[str, int, int]]) -> str:
        dimensions = self.vocabulary.dimensions
        return ", ".join(
            f"{dimensions[dimension].labels[label]} ({certainty})" for certainty, dimension, label in sorted(labels)
        )
