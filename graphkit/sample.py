"""The graph of one sample: its diagnoses, its attributes, and an edge either way between every two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from udt.core.labels import LabelSet
from udt.core.report import Finding, Report
from udt.graphkit.nodes import NodeSpace

# Relations of either direction: a diagnosis *has* an attribute, an attribute is *of* a diagnosis.
RELATIONS = (("diagnosis", "has", "attribute"), ("attribute", "of", "diagnosis"))


@dataclass(frozen=True, slots=True)
class SampleGraph:
    """Nodes of two types, by node id (see NodeSpace), ascending; either may be missing.

    The edges follow from the nodes: all pairs of a diagnosis and an attribute, in both directions. A sample without
    diagnoses or without attributes is a graph without edges; one without labels is a graph without nodes.
    """

    diagnoses: tuple[int, ...] = ()
    attributes: tuple[int, ...] = ()

    @classmethod
    def of(cls, labels: LabelSet, space: NodeSpace) -> SampleGraph:
        """Build the graph of a label set."""
        return cls.from_ids(space.ids(labels), space)

    @classmethod
    def from_ids(cls, ids: tuple[int, ...], space: NodeSpace) -> SampleGraph:
        """Build the graph of ascending node ids."""
        diagnoses = sum(id < space.diagnosis_count for id in ids)
        return cls(ids[:diagnoses], ids[diagnoses:])

    @classmethod
    def of_report(cls, report: Report | Finding, space: NodeSpace) -> SampleGraph:
        """Build the graph of the present and possible labels of a report or a finding; that of a denied one is empty.

        :raises udt.core.errors.UnknownConceptError: if it has a label that `space` does not have.
        """
        if isinstance(report, Finding) and report.certainty == "absent":
            return cls()
        return cls.of(LabelSet.of(report.labels, space.vocabulary), space)

    @property
    def ids(self) -> tuple[int, ...]:
        """All nodes, ascending."""
        return self.diagnoses + self.attributes

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield (diagnosis, attribute) of every edge of the relation *has*; reversed, those of *of*."""
        return product(self.diagnoses, self.attributes)

    def labels(self, space: NodeSpace) -> LabelSet:
        """Return the labels that it was made from; without places, if they have no nodes."""
        return space.labels(self.ids)

    def __len__(self) -> int:
        return len(self.diagnoses) + len(self.attributes)
