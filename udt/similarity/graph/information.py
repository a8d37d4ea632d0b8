"""Information content: the rarer a concept, the more two values have in common that are both below it.

With `n(c)` the number of samples that have a value at or below the node c, plus the number of values at or below c, and
`N` the same for the root,

    IC(c) = -log(n(c) / N) / log(N) = 1 - log n(c) / log N

which is 0 for the root and 1 for a value that no sample has. Resnik (1995, *Using information content to evaluate
semantic similarity in a taxonomy*) takes `-log p(c)` of a corpus, in which an occurrence of a concept is one of all its
ancestors. The division by the largest possible value is the uniform scale of Pesquita and others (2007, *Evaluating
GO-based semantic similarity measures*).

Adding the number of values smooths the counts: each value counts once more than it occurs (Laplace). A value that never
occurs so has an information content, and without a corpus the formula is the intrinsic information content of Seco and
others (2004, *An intrinsic information content metric for semantic similarity in WordNet*): `1 - log n(c) / log N` with
the number of values at or below a node, and all values. As there, a concept that is rich in kinds is general. Nodes
that are no values, as groups and intervals, are not counted: they are no kinds of a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.similarity.graph.concept_graph import ConceptGraph, Members

Information = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class NodeCounts:
    """Number of samples with a value at or below each node of a graph.

    :ivar counts: (C,), of each node; the first, the root, counts the samples with any value.
    :ivar unseen: labels of the values that no sample has.
    """

    counts: NDArray[np.int64]
    unseen: tuple[str, ...]


def information_content(members: Members, counts: NDArray[np.int64] | None = None) -> Information:
    """Compute the information content of all nodes, shape (C,), in [0, 1].

    :param members: (V, C), as in `ConceptGraph`.
    :param counts: (C,), samples with a value at or below each node; without, it is intrinsic.
    :raises DataError: if the number of counts is not C, or a node has more samples than the root.
    """
    of_nodes = members.sum(axis=0, dtype=np.float64)
    if counts is not None:
        if counts.shape != of_nodes.shape:
            raise DataError(f"there are {counts.size} counts; expected: {of_nodes.size}, one for each node")
        if counts.size and (counts.min() < 0 or counts.max() > counts[0]):
            raise DataError(
                f"the counts range from {counts.min()} to {counts.max()}; allowed: 0 to that of the root, {counts[0]}"
            )
        of_nodes = of_nodes + counts
    total = of_nodes[0] if of_nodes.size else 0.0
    if total <= 1:
        return np.zeros(of_nodes.shape)
    information: Information = 1 - np.log(of_nodes) / np.log(total)
    return information.clip(0, 1)


class NodeCounter:
    """Counts the samples of the nodes of a graph, batch by batch."""

    def __init__(self, graph: ConceptGraph) -> None:
        self._graph = graph
        self._below = graph.members.astype(np.float32)
        self._counts = np.zeros(len(graph.nodes), dtype=np.int64)
        self._single = np.zeros(len(graph.labels), dtype=np.int64)

    def add(self, samples: Sequence[Sequence[int]]) -> None:
        """Count a batch of samples.

        :param samples: for each sample, the row numbers of its values; a sample without any is not counted.
        :raises DataError: if a row number is out of range.
        """
        width = len(self._graph.labels)
        rows = np.zeros((len(samples), width), dtype=np.bool_)
        for number, values in enumerate(samples):
            wrong = [value for value in values if not 0 <= value < width]
            if wrong:
                raise DataError(
                    f"{self._graph.key}: sample {number} has the value {wrong[0]}; allowed: 0 to {width - 1}"
                )
            rows[number, list(values)] = True
        self._single += rows.sum(axis=0, dtype=np.int64)
        self._counts += ((rows.astype(np.float32) @ self._below) > 0).sum(axis=0)

    def result(self) -> NodeCounts:
        """Return the counts of all samples so far."""
        unseen = tuple(self._graph.labels[row] for row in np.flatnonzero(self._single == 0))
        return NodeCounts(self._counts.copy(), unseen)
