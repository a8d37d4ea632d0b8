"""The directed acyclic graph above the values of a dimension, or above the findings.

The nodes above a value are

- its parents (`skos:broader`), all of them, and theirs;
- its groups (`udt.similarity.graph.groups`), and theirs;
- the intervals of its scale: for values with a position (`ns:ordinal`), each range of positions that contains it. The
  smallest interval of two values is their nearest common ancestor on the scale. This is the interordinal scale of
  Ganter and Wille (1999, *Formal Concept Analysis*);
- for a finding, the organs and values that its name implies, with all that is above them in turn.

Nodes with the same values below them carry the same information and are one node, as concepts of one extent are in
formal concept analysis: a parent with a single child adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.similarity.graph.groups import declared_groups
from udt.taxonomy.model.concept import Concept, Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

FINDING = "finding"
"""Key of the matrix of the findings, beside those of the dimensions."""

_FINDING_KIND = "FindingTerm"

Members = NDArray[np.bool_]

_Above = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True, eq=False)
class ConceptGraph:
    """Values, and the nodes that each is at or below. V values, C nodes.

    :ivar key: of the dimension, or `FINDING`.
    :ivar labels: English labels of the values, in their order.
    :ivar curies: of the values.
    :ivar nodes: names of the nodes: the values and all above them, the root first; the first name of equal nodes.
    :ivar members: (V, C), whether the value is at or below the node. No two columns are equal.
    """

    key: str
    labels: tuple[str, ...]
    curies: tuple[str, ...]
    nodes: tuple[str, ...]
    members: Members

    @classmethod
    def of(cls, key: str, values: Sequence[Concept], above: Sequence[Iterable[str]]) -> ConceptGraph:
        """Return the graph of `values`.

        :param above: for each value, the names of the nodes above it; the root and the value itself are added.
        """
        names = [frozenset((value.curie, *nodes)) for value, nodes in zip(values, above, strict=True)]
        order = sorted(frozenset[str]().union(*names))
        places = {name: place for place, name in enumerate(order, 1)}
        members = np.zeros((len(values), len(order) + 1), dtype=np.bool_)
        members[:, 0] = True
        for row, nodes in enumerate(names):
            members[row, [places[name] for name in nodes]] = True
        _, first = np.unique(np.packbits(members, axis=0), axis=1, return_index=True)
        kept = np.sort(first)
        nodes_of_all = (key, *order)
        return cls(
            key,
            tuple(value.label for value in values),
            tuple(value.curie for value in values),
            tuple(nodes_of_all[place] for place in kept),
            np.ascontiguousarray(members[:, kept]),
        )


def concept_graphs(taxonomy: Taxonomy, keys: Iterable[str]) -> list[ConceptGraph]:
    """Return the graphs of the dimensions of these keys, and of all findings for the key `FINDING`.

    Values are in the order of their dimension, findings in that of their CURIEs.

    :raises DataError: for the findings, if the taxonomy has a dimension of their key.
    :raises udt.core.errors.UnknownConceptError: if there is no dimension of a key.
    :raises udt.core.errors.TaxonomyError: if a group is faulty.
    """
    above = _above(taxonomy)
    return [
        _finding_graph(taxonomy, above) if key == FINDING else _dimension_graph(taxonomy.dimension(key), above)
        for key in keys
    ]


def is_finding(concept: Concept) -> bool:
    """Return whether a concept is the name of a disease, sign or state."""
    return concept.kind == _FINDING_KIND


def _dimension_graph(dimension: Dimension, above: _Above) -> ConceptGraph:
    intervals = _intervals(dimension.values)
    nodes = [above(value.curie) | intervals.get(value.curie, frozenset()) for value in dimension.values]
    return ConceptGraph.of(dimension.key, dimension.values, nodes)


def _finding_graph(taxonomy: Taxonomy, above: _Above) -> ConceptGraph:
    if FINDING in taxonomy.full_vocabulary.keys:
        raise DataError(
            f"the taxonomy has a dimension '{FINDING}', the key of the findings; give the dimension another key"
        )
    findings = [concept for concept in taxonomy if is_finding(concept)]
    nodes = []
    for finding in findings:
        implied = taxonomy.implied(finding.curie)
        places = [{name, *above(name)} for name in (*implied.organs, *implied.values)]
        nodes.append(above(finding.curie).union(*places))
    return ConceptGraph.of(FINDING, findings, nodes)


def _above(taxonomy: Taxonomy) -> _Above:
    """Return the function from a concept to the names of its parents, its groups and all above them.

    Dimensions are left out, since they are the root of their values.
    """
    groups = declared_groups(taxonomy)

    @cache
    def above(name: str) -> frozenset[str]:
        concept = taxonomy.concepts.get(name)
        parents = [p for p in concept.broader if p in taxonomy.concepts] if concept else []
        nearest = {p for p in parents if taxonomy.concepts[p].kind != "Dimension"} | {*groups.get(name, ())}
        return frozenset(nearest).union(*(above(parent) for parent in nearest))

    return above


def _intervals(values: Sequence[Concept]) -> Mapping[str, frozenset[str]]:
    """Return the names of the intervals of the scale that contain each value with a position on it."""
    positions = {v.curie: place for v in values if (place := v.number("ordinal")) is not None}
    steps = sorted(set(positions.values()))
    every = [(low, high) for n, low in enumerate(steps) for high in steps[n:]]
    return {
        curie: frozenset(f"from {low} to {high}" for low, high in every if low <= place <= high)
        for curie, place in positions.items()
    }
