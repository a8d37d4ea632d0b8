"""Sample graphs of a batch as padded arrays: equal to the graphs, and made for a GPU.

A corpus is indexed once, as one array of node ids; each batch is then a gather from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.graphkit.nodes import NODE_TYPES, NodeSpace
from udt.graphkit.sample import SampleGraph

if TYPE_CHECKING:
    from collections.abc import Mapping

    import torch

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class DenseBatch(NamedTuple):
    """B graphs padded to N nodes each; diagnoses first, then attributes, by id.

    :ivar node_ids: ids in the node space; 0 for padding. Shape (B, N).
    :ivar node_types: 0 diagnosis, 1 attribute; 0 for padding. Shape (B, N).
    :ivar node_dimensions: index of the dimension in the vocabulary; 0 for padding. Shape (B, N).
    :ivar node_mask: False for padding. Shape (B, N).
    """

    node_ids: Ints
    node_types: Ints
    node_dimensions: Ints
    node_mask: Bools

    def adjacency(self) -> Bools:
        """Return the adjacency: two nodes of different types are connected. Shape (B, N, N), symmetric."""
        real = self.node_mask[:, :, None] & self.node_mask[:, None, :]
        edges: Bools = real & (self.node_types[:, :, None] != self.node_types[:, None, :])
        return edges

    def graphs(self) -> list[SampleGraph]:
        """Return the B graphs."""
        return [self._graph(row) for row in range(len(self.node_ids))]

    def _graph(self, row: int) -> SampleGraph:
        ids, types = (part[row][self.node_mask[row]] for part in (self.node_ids, self.node_types))
        return SampleGraph(tuple(ids[types == 0].tolist()), tuple(ids[types == 1].tolist()))

    def tensors(self, device: torch.device | str | None = None) -> dict[str, torch.Tensor]:
        """Return the four arrays as tensors of the same names, int64 and bool; on the CPU they share the memory."""
        import torch

        return {name: torch.from_numpy(part).to(device) for name, part in self._asdict().items()}

    def typed(self) -> dict[str, torch.Tensor]:
        """Return the input of graph encoders: `diagnosis_ids` (B, N1) and `attribute_ids` (B, N2), padded with -1."""
        import torch

        parts = ((name, self.node_mask & (self.node_types == kind)) for kind, name in enumerate(NODE_TYPES))
        return {f"{name}_ids": torch.from_numpy(_left_aligned(self.node_ids, mask)) for name, mask in parts}

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, torch.Tensor]) -> DenseBatch:
        """Build the batch of four tensors, from any device."""
        return cls(*(tensors[name].detach().cpu().numpy() for name in cls._fields))


class GraphIndex:
    """The concatenated node ids of all samples of a corpus, from which batches are taken.

    :ivar starts: offset of each sample in `ids`, and the end of the last. Shape (samples + 1,).
    :ivar ids: node ids of all samples.
    """

    def __init__(self, ids: Iterable[Sequence[int]], space: NodeSpace) -> None:
        """Index the ascending node ids of each sample."""
        rows = list(ids)
        self.space = space
        self.starts: Ints = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, rows), np.int64, len(rows)), out=self.starts[1:])
        self.ids: Ints = np.fromiter(chain.from_iterable(rows), np.int64, int(self.starts[-1]))

    @classmethod
    def of(cls, samples: Iterable[LabelSet], space: NodeSpace) -> GraphIndex:
        """Index the graphs of label sets, in their order."""
        return cls(map(space.ids, samples), space)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def batch(self, rows: ArrayLike, size: int | None = None) -> DenseBatch:
        """Return the graphs of some samples as a batch.

        N is the number of nodes of the largest graph, and at least 1, also for a batch of graphs without nodes.

        :param rows: numbers of the samples, in any order, repeats allowed. Shape (B,).
        :param size: N, for batches of one shape.
        :raises DataError: if a graph has more than `size` nodes.
        :raises IndexError: if there is no such sample.
        """
        chosen = np.asarray(rows, dtype=np.int64)
        starts, lengths = self.starts[:-1][chosen], np.diff(self.starts)[chosen]
        longest = int(lengths.max(initial=0))
        if size is not None and longest > size:
            raise DataError(f"a sample graph has {longest} nodes, more than the {size} of each row; give a larger size")
        columns = np.arange(max(longest, 1) if size is None else size)
        mask = columns < lengths[:, None]
        ids = np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = self.ids[(starts[:, None] + columns)[mask]]
        return DenseBatch(ids, self.space.types[ids] * mask, self.space.dimensions[ids] * mask, mask)


def _left_aligned(ids: Ints, mask: Bools) -> Ints:
    """Return (B, N) the unmasked ids of each row, left-aligned and padded with -1; N is at least 1."""
    lengths = mask.sum(axis=1)
    front = np.full((len(ids), max(int(lengths.max(initial=0)), 1)), -1, dtype=np.int64)
    front[np.arange(front.shape[1]) < lengths[:, None]] = ids[mask]
    return front


def collate(graphs: Sequence[SampleGraph], space: NodeSpace, size: int | None = None) -> DenseBatch:
    """Collate `graphs` into a batch, in their order; `size` as in `GraphIndex.batch`.

    :raises DataError: if a graph has more than `size` nodes.
    """
    return GraphIndex((graph.ids for graph in graphs), space).batch(np.arange(len(graphs)), size)
