"""The labels that a caption is made from, with their certainties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from udt.core.hashing import parts_sha256
from udt.core.labels import LabelSet
from udt.core.report import Report
from udt.core.vocabulary import Vocabulary

CERTAINTIES: Final = ("present", "possible", "absent")


@dataclass(frozen=True, slots=True)
class TaggedLabels:
    """Labels by certainty, over the classification tasks of a vocabulary; each label has one certainty."""

    present: LabelSet
    possible: LabelSet
    absent: LabelSet

    @classmethod
    def of_present(cls, labels: LabelSet) -> TaggedLabels:
        """Return labels that are all present."""
        none = LabelSet(((),) * len(labels.ids))
        return cls(labels, none, none)

    @classmethod
    def of_report(cls, report: Report, vocabulary: Vocabulary) -> TaggedLabels:
        """Return the labels of a report; what is possible is not among those that are present."""
        sure = {
            key: [label for label in labels if label not in report.possible[key]]
            for key, labels in report.labels.items()
        }
        parts = (sure, report.possible, report.absent)
        present, possible, absent = (
            LabelSet.of({key: part[key] for key in vocabulary.keys if key in part}, vocabulary) for part in parts
        )
        return cls(present, possible, absent)

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """Yield (certainty, dimension index, label id) of every label."""
        for name in CERTAINTIES:
            for dimension, label in getattr(self, name).pairs():
                yield name, dimension, label

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CERTAINTIES)

    def choice(self) -> int:
        """Return a number for choices between wordings: the same for the same labels, everywhere."""
        return int(parts_sha256(repr((self.present.ids, self.possible.ids, self.absent.ids)))[:8], 16)
