"""The labels that captions name: bundles keep them, and the graphs of texts are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.normalize.normalizer import Normalizer

_CACHED_CAPTIONS = 4096


class CaptionReader:
    """Reads the labels that texts name as present or possible; equal texts are mostly read once.

    >>> from udt import Taxonomy
    >>> vocabulary = Taxonomy.load().vocabulary
    >>> CaptionReader(vocabulary).read("Anechoic cyst without septations.").named(vocabulary)["echogenicity"]
    ('anechoic',)

    :param vocabulary: labels of other dimensions are left out.
    :param normalizer: by default one of the built-in taxonomy.
    :raises DataError: if the taxonomy of the normaliser lacks a dimension of the vocabulary.
    """

    def __init__(self, vocabulary: Vocabulary, normalizer: Normalizer | None = None) -> None:
        self._vocabulary = vocabulary
        self._normalizer = normalizer or Normalizer()
        keys = vocabulary.keys
        if missing := sorted(set(keys) - {dimension.key for dimension in self._normalizer.dimensions}):
            raise DataError(
                f"the tasks {', '.join(missing)} are not in the taxonomy of the normaliser; give a normaliser with the "
                "extension that adds them: Normalizer([Path('EXTRA.ttl')])"
            )
        self._cached = lru_cache(maxsize=_CACHED_CAPTIONS)(self._read)

    @property
    def maker(self) -> Mapping[str, Any]:
        """The versions of the normaliser and its taxonomy, for the manifest of a bundle."""
        version, digest = self._normalizer.taxonomy
        return {"udt-toolkit": __version__, "taxonomy": {"version": version, "digest": digest}}

    def read(self, text: str) -> LabelSet:
        """Return the labels of a text.

        :raises udt.core.errors.UnknownConceptError: if the normaliser has other labels than the vocabulary.
        """
        return self._cached(text)

    def _read(self, text: str) -> LabelSet:
        labels = self._normalizer.labels(text)
        keys = self._vocabulary.keys
        return LabelSet.of({key: labels[key] for key in keys if key in labels}, self._vocabulary)
