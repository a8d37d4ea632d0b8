"""Which attributes go with which diagnoses in a corpus: a weighted graph between the two, counted over samples.

With N samples, c(d) of them with the diagnosis d, c(a) with the attribute a and c(d, a) with both:

    share(d, a) = c(d, a) / c(d)            how often a lesion of the kind d has the attribute
    lift(d, a)  = N · c(d, a) / (c(d) c(a))   how much more often than if the two had nothing to do with each other
    ppmi(d, a)  = max(0, log2 lift(d, a))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from udt.core.labels import LabelSet
from udt.graphkit.convert.dense import GraphIndex, Ints
from udt.graphkit.nodes import Node, NodeSpace

Measure = Literal["count", "lift", "ppmi"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Floats = NDArray[np.float64]

_CHUNK = 8192


@dataclass(frozen=True, slots=True)
class Association:
    """One edge of the corpus graph.

    :ivar count: samples that have both.
    :ivar share: in [0, 1]; `lift` in (0, N]; `ppmi` in [0, log2 N].
    """

    diagnosis: Node
    attribute: Node
    count: int
    share: float
    lift: float
    ppmi: float


@dataclass(frozen=True, eq=False)
class CorpusGraph:
    """Counts of a corpus; D diagnoses, A attributes.

    :ivar samples: N.
    :ivar together: how many samples have both of two nodes, by node ids; the diagonal counts one. Shape (D+A, D+A).
    """

    space: NodeSpace
    samples: int
    together: Ints

    @classmethod
    def of(cls, samples: Iterable[LabelSet], space: NodeSpace) -> CorpusGraph:
        """Build the graph of all `samples`, which may be an iterator; memory does not grow with them."""
        number, together = 0, np.zeros((len(space), len(space)), dtype=np.int64)
        rest = iter(samples)
        while chunk := list(islice(rest, _CHUNK)):
            number += len(chunk)
            rows = _rows(GraphIndex.of(chunk, space))
            together += (rows.T @ rows).astype(np.int64)
        return cls(space, number, together)

    @property
    def joint(self) -> Ints:
        """c(d, a). Shape (D, A)."""
        split = self.space.diagnosis_count
        return self.together[:split, split:]

    def _single(self) -> tuple[Floats, Floats]:
        """Return c(d), shape (D, 1), and c(a), shape (1, A); NaN for a label that never occurs."""
        counts = np.diagonal(self.together).astype(np.float64)
        known = np.where(counts > 0, counts, np.nan)
        split = self.space.diagnosis_count
        return known[:split, None], known[None, split:]

    def share(self) -> Floats:
        """Return share(d, a), in [0, 1]; NaN if d never occurs. Shape (D, A)."""
        diagnoses, _ = self._single()
        found: Floats = self.joint / diagnoses
        return found

    def lift(self) -> Floats:
        """Return lift(d, a), at least 0; NaN if d or a never occurs. Shape (D, A)."""
        diagnoses, attributes = self._single()
        found: Floats = self.samples * self.joint / (diagnoses * attributes)
        return found

    def ppmi(self) -> Floats:
        """Return ppmi(d, a), at least 0; NaN if d or a never occurs. Shape (D, A)."""
        return np.log2(np.maximum(self.lift(), 1.0))

    def edges(self) -> Iterator[Association]:
        """Yield every pair that occurs, by node ids."""
        share, lift, ppmi = self.share(), self.lift(), self.ppmi()
        for d, a in np.argwhere(self.joint).tolist():
            nodes = self.space.nodes[d], self.space.nodes[self.space.diagnosis_count + a]
            yield Association(*nodes, int(self.joint[d, a]), float(share[d, a]), float(lift[d, a]), float(ppmi[d, a]))

    def top(
        self, limit: int, measure: Measure = "count", diagnosis: Node | None = None, least: int = 1
    ) -> list[Association]:
        """Return the heaviest edges, heaviest first; among equal weights, the more frequent first.

        :param diagnosis: only edges of this node.
        :param least: only pairs of at least this many samples; rare pairs reach a high lift by chance.
        """
        found = (e for e in self.edges() if diagnosis in {None, e.diagnosis} and e.count >= least)
        return sorted(found, key=lambda e: (-weight(e, measure), -e.count, e.diagnosis.id, e.attribute.id))[:limit]


def weight(edge: Association, measure: Measure) -> float:
    """Return the weight of an edge by one measure."""
    return {"count": float(edge.count), "lift": edge.lift, "ppmi": edge.ppmi}[measure]


def with_any_label(samples: Iterable[LabelSet], labels: LabelSet) -> Iterator[LabelSet]:
    """Yield the samples that have at least one of `labels`."""
    pairs = set(labels.pairs())
    return (sample for sample in samples if not pairs.isdisjoint(sample.pairs()))


def _rows(index: GraphIndex) -> Floats:
    """Return 1 if a sample has a node, else 0. Shape (samples, nodes)."""
    found = np.zeros((len(index), len(index.space)))
    found[np.repeat(np.arange(len(index)), np.diff(index.starts)), index.ids] = 1
    return found
