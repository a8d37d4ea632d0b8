from __future__ import annotations

import numpy as np
import pytest

from udt.core.errors import DataError
from udt.graphkit.convert.dense import DenseBatch, GraphIndex, collate
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph


def slow(graphs: list[SampleGraph], space: NodeSpace) -> DenseBatch:
    """The same, node by node."""
    longest = max(1, *(len(graph) for graph in graphs))
    parts = [np.zeros((len(graphs), longest), dtype=np.int64) for _ in range(3)]
    mask = np.zeros((len(graphs), longest), dtype=bool)
    for row, graph in enumerate(graphs):
        for column, id in enumerate(graph.ids):
            node = space.nodes[id]
            for part, value in zip(parts, (id, int(node.type == "attribute"), node.place), strict=True):
                part[row, column] = value
            mask[row, column] = True
    return DenseBatch(parts[0], parts[1], parts[2], mask)


def same(one: DenseBatch, other: DenseBatch) -> bool:
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


def test_batches_agree_with_a_slow_reference_and_round_trip(graphs: list[SampleGraph], space: NodeSpace) -> None:
    batch = collate(graphs, space)
    assert batch.node_ids.shape[0] == 128
    assert same(batch, slow(graphs, space))
    assert batch.graphs() == graphs


def test_adjacency_is_all_pairs_both_ways(graphs: list[SampleGraph], space: NodeSpace) -> None:
    batch = collate(graphs, space)
    adjacency = batch.adjacency()
    assert np.array_equal(adjacency, adjacency.transpose(0, 2, 1))
    for row, graph in enumerate(graphs):
        ids = batch.node_ids[row]
        edges = {(int(ids[i]), int(ids[j])) for i, j in np.argwhere(adjacency[row])}
        assert edges == {*graph.pairs(), *((a, d) for d, a in graph.pairs())}


def test_an_index_gives_any_rows(graphs: list[SampleGraph], space: NodeSpace) -> None:
    index = GraphIndex((graph.ids for graph in graphs), space)
    rows = [5, 127, 5, 0, 64]
    assert len(index) == 128
    assert same(index.batch(rows), slow([graphs[row] for row in rows], space))
    assert index.batch(rows, size=40).node_ids.shape == (5, 40)
    assert index.batch(rows, size=40).graphs() == [graphs[row] for row in rows]
    assert index.batch([]).graphs() == []
    with pytest.raises(IndexError):
        index.batch([128])
    with pytest.raises(DataError, match="more than the 2 of each row; give a larger size"):
        index.batch(np.arange(128), size=2)


def test_graphs_without_nodes_are_a_batch(space: NodeSpace) -> None:
    batch = collate([SampleGraph()] * 3, space)
    assert batch.node_ids.shape == (3, 1) and not batch.node_mask.any()
    assert batch.graphs() == [SampleGraph()] * 3


def test_tensors(graphs: list[SampleGraph], space: NodeSpace) -> None:
    torch = pytest.importorskip("torch")
    batch = collate(graphs, space)
    tensors = batch.tensors()
    assert {name: part.dtype for name, part in tensors.items()} == {
        "node_ids": torch.int64,
        "node_types": torch.int64,
        "node_dimensions": torch.int64,
        "node_mask": torch.bool,
    }
    assert same(DenseBatch.of_tensors(tensors), batch)
