"""The node space: every diagnosis and every attribute is a numbered node; the place of a lesion is context.

The roles of the dimensions decide: those with the role *place* have no nodes, as published, unless they are asked for.
Then they are attributes of the diagnosis, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.texts import brief
from udt.core.vocabulary import DimensionLabels, DimensionRole, Vocabulary

NodeType = Literal["diagnosis", "attribute"]
NODE_TYPES: tuple[NodeType, NodeType] = ("diagnosis", "attribute")

_TYPE_OF_ROLE: Mapping[DimensionRole, NodeType] = {
    "diagnosis": "diagnosis", "attribute": "attribute", "place": "attribute"
}  # fmt: skip


class Node(NamedTuple):
    """One label as a node.

    :ivar id: its number among all nodes, from 0; diagnoses come first, then the attributes in task order.
    :ivar dimension: key of its dimension, e.g. `echogenicity`.
    :ivar place: index of its dimension in the vocabulary.
    :ivar label_id: index of its label in the dimension.
    """

    id: int
    type: NodeType
    dimension: str
    place: int
    label: str
    label_id: int
    iri: str


@dataclass(frozen=True)
class NodeSpace:
    """All possible nodes.

    >>> from udt import Taxonomy
    >>> space = NodeSpace(Taxonomy.load().vocabulary)
    >>> [(n.id, n.type, n.label) for n in space.nodes[4:6]]
    [(4, 'diagnosis', 'normal appearance'), (5, 'attribute', 'round')]

    :ivar places: whether places have nodes, of the type *attribute*.
    """

    vocabulary: Vocabulary
    places: bool = False

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node; its index is its id."""
        labels = ((place, d, i) for place, d in self._dimensions() for i in range(len(d)))
        return tuple(_node(number, *label) for number, label in enumerate(labels))

    def _dimensions(self) -> Iterator[tuple[int, DimensionLabels]]:
        """Yield the index and the labels of each dimension that has nodes, diagnoses first."""
        found = [(p, d) for p, d in enumerate(self.vocabulary.dimensions) if self.places or d.role != "place"]
        yield from sorted(found, key=lambda pair: NODE_TYPES.index(_TYPE_OF_ROLE[pair[1].role]))

    @cached_property
    def diagnosis_count(self) -> int:
        """How many nodes are diagnoses: their ids are below this number."""
        return sum(len(self.vocabulary[key]) for key in self.vocabulary.keys_of("diagnosis"))

    @cached_property
    def types(self) -> NDArray[np.int64]:
        """By node id, 0 for a diagnosis and 1 for an attribute. Shape (nodes,)."""
        return np.array([NODE_TYPES.index(node.type) for node in self.nodes], dtype=np.int64)

    @cached_property
    def dimensions(self) -> NDArray[np.int64]:
        """By node id, the index of the node's dimension in the vocabulary. Shape (nodes,)."""
        return np.array([node.place for node in self.nodes], dtype=np.int64)

    @cached_property
    def _offsets(self) -> tuple[tuple[int, int], ...]:
        """(index of a dimension, id of its first node), in the order of the nodes."""
        return tuple((node.place, node.id) for node in self.nodes if node.label_id == 0)

    def ids(self, labels: LabelSet) -> tuple[int, ...]:
        """Return the nodes of a label set, ascending, without labels that have none."""
        return tuple([offset + label for place, offset in self._offsets for label in labels.ids[place]])

    def labels(self, ids: Iterable[int]) -> LabelSet:
        """Return the label set of these nodes; without places, if they have no nodes."""
        found: list[set[int]] = [set() for _ in self.vocabulary.dimensions]
        for node in map(self.nodes.__getitem__, ids):
            found[node.place].add(node.label_id)
        return LabelSet(tuple(tuple(sorted(part)) for part in found))

    def node(self, dimension: str, label: str) -> Node:
        """Return the node of one label.

        :raises udt.core.errors.UnknownConceptError: if there is no such dimension or label, or it is of places, which
            have no nodes.
        """
        label_id = self.vocabulary[dimension].id(label)
        offsets = dict(self._offsets)
        place = self.vocabulary.keys.index(dimension)
        if place not in offsets:
            allowed = ", ".join(d.key for _, d in self._dimensions())
            raise UnknownConceptError(dimension, f"{dimension} is of places, which have no nodes; allowed: {allowed}")
        return self.nodes[offsets[place] + label_id]

    def diagnosis(self, label: str) -> Node:
        """Return the node of a diagnosis.

        :raises udt.core.errors.UnknownConceptError: if there is no such diagnosis.
        """
        diagnoses = self.nodes[: self.diagnosis_count]
        for node in diagnoses:
            if node.label == label:
                return node
        allowed = ", ".join(node.label for node in diagnoses) or "none; no dimension has the role of a diagnosis"
        raise UnknownConceptError(label, f"there is no diagnosis '{brief(label)}'; allowed: {allowed}")


def _node(number: int, place: int, dimension: DimensionLabels, label_id: int) -> Node:
    kind = _TYPE_OF_ROLE[dimension.role]
    return Node(number, kind, dimension.key, place, dimension.labels[label_id], label_id, dimension.iris[label_id])
