"""Sample graphs as `HeteroData` of PyTorch Geometric: each node store has `id`, that of the attributes `dimension`."""

from __future__ import annotations

from typing import Any

import torch

from udt.core.errors import UdtError
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import RELATIONS, SampleGraph

try:
    from torch_geometric.data import HeteroData
except ImportError as error:
    hint = "install it with: pip install 'udt-toolkit[pyg]'"
    raise UdtError(f"PyG graphs need torch_geometric, which cannot be imported here ({error}); {hint}") from error


def to_pyg(graph: SampleGraph, space: NodeSpace) -> HeteroData:
    """Build the graph of one sample, with both relations; `Batch.from_data_list` joins many."""
    found = HeteroData()
    for kind, ids in ("diagnosis", graph.diagnoses), ("attribute", graph.attributes):
        found[kind].id = torch.tensor(ids, dtype=torch.int64)
        found[kind].num_nodes = len(ids)
    found["attribute"].dimension = torch.from_numpy(space.dimensions)[found["attribute"].id]
    diagnoses, attributes = len(graph.diagnoses), len(graph.attributes)
    pairs = torch.cartesian_prod(torch.arange(diagnoses), torch.arange(attributes)).T
    has, of = RELATIONS
    found[has].edge_index = pairs.contiguous()
    found[of].edge_index = pairs.flip(0)
    return found


def from_pyg(data: Any) -> SampleGraph:
    """Return the sample graph of heterogeneous data."""
    return SampleGraph(tuple(data["diagnosis"].id.tolist()), tuple(data["attribute"].id.tolist()))
