"""The parts of a taxonomy that scores need: names of concepts, and the dimensions of reports and findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from udt.scoring.findings.names import ConceptNames
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

Label = tuple[str, str]
"""Key of a dimension and a label."""

DIAGNOSIS = "diagnosis"
ORGAN, BODY_SYSTEM = "organ", "body_system"


@dataclass(frozen=True, slots=True)
class Terms:
    """Names and dimensions.

    :ivar names: the concepts by name.
    :ivar dimensions: the classification tasks.
    """

    names: ConceptNames
    dimensions: tuple[Dimension, ...]

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> Terms:
        """Return the terms of a taxonomy."""
        return cls(ConceptNames(taxonomy.all_concepts), taxonomy.tasks)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all dimensions of a document."""
        return tuple(dimension.key for dimension in self.dimensions)

    @property
    def finding_keys(self) -> tuple[str, ...]:
        """Keys of the dimensions that describe a finding: its type and attributes, not its place."""
        return tuple(dimension.key for dimension in self.dimensions if dimension.role != "place")


def labels_in(labels: Mapping[str, Iterable[str]] | None, keys: Iterable[str]) -> frozenset[Label]:
    """Return the labels of some dimensions as pairs of key and label."""
    return frozenset((key, label) for key in keys for label in (labels or {}).get(key) or ())
