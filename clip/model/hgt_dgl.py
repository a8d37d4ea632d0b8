"""The graph encoder on DGL heterographs, edge by edge, with the same weights and the same results.

It encodes graphs that come from DGL, and is the reference for the padded form. DGL has no wheels for current CUDA
versions, so that this runs on the CPU.
"""

from __future__ import annotations

import math
from typing import cast

import torch

from udt.clip.model.graph_encoder import GraphEncoder, GraphStates, look_up
from udt.clip.model.hgt import HgtLayer, Relation
from udt.graphkit.convert.dgl import Heterograph, batch_dgl
from udt.graphkit.convert.dgl_compat import dgl
from udt.graphkit.nodes import NODE_TYPES
from udt.graphkit.sample import SampleGraph

Nodes = dict[str, torch.Tensor]
"""Node type to features (nodes of the batch, width)."""


def encode_dgl(encoder: GraphEncoder, graph: Heterograph) -> GraphStates:
    """Encode the graphs of a batched heterograph made by `udt.graphkit.convert.dgl`."""
    table = encoder.features()
    nodes: Nodes = {kind: look_up(table, graph.nodes[kind].data["id"]) for kind in NODE_TYPES}
    for layer in encoder.layers:
        nodes = layer_dgl(cast(HgtLayer, layer), graph, nodes)
    padded = [_padded(nodes[kind], graph.batch_num_nodes(kind)) for kind in NODE_TYPES]
    features, masks = zip(*padded, strict=True)
    return encoder.with_summary(torch.cat(features, dim=1), torch.cat(masks, dim=1))


def layer_dgl(layer: HgtLayer, graph: Heterograph, nodes: Nodes) -> Nodes:
    """Apply one layer. Each type is the target of one relation, so that its softmax is over all neighbours."""
    aggregated = {relation.target: _aggregate(layer, relation, graph, nodes) for relation in layer.relations.values()}
    return {kind: layer.update(kind, old, aggregated[kind]) for kind, old in nodes.items()}


def _aggregate(layer: HgtLayer, relation: Relation, graph: Heterograph, nodes: Nodes) -> torch.Tensor:
    """Sum the messages along the edges of one relation, weighted by attention; (target nodes, width)."""
    source, name, target = relation
    key, value = (layer.split(maps[source](nodes[source])) for maps in (layer.key, layer.value))
    with graph.local_scope():
        edges = graph[tuple(relation)]
        edges.srcdata["k"] = torch.einsum("nhd,hde->nhe", key, layer.attention[name])
        edges.srcdata["m"] = torch.einsum("nhd,hde->nhe", value, layer.message[name])
        edges.dstdata["q"] = layer.split(layer.query[target](nodes[target]))
        edges.apply_edges(dgl.function.v_dot_u("q", "k", "score"))
        scale = layer.prior[name].unsqueeze(-1) / math.sqrt(key.shape[-1])
        edges.edata["share"] = dgl.nn.functional.edge_softmax(edges, edges.edata["score"] * scale)
        edges.update_all(dgl.function.u_mul_e("m", "share", "part"), dgl.function.sum("part", "aggregated"))
        return cast(torch.Tensor, edges.dstdata["aggregated"]).flatten(1)


def _padded(nodes: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad the concatenated nodes of B graphs to (B, N, width), N at least 1; also return the mask (B, N)."""
    size = max(int(counts.max()), 1)
    mask = torch.arange(size) < counts.unsqueeze(1)
    padded = nodes.new_zeros(*mask.shape, nodes.shape[-1])
    return padded.masked_scatter(mask.unsqueeze(-1), nodes), mask


def heterograph(diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> Heterograph:
    """Build the batched heterograph of padded ids (B, N1) and (B, N2), -1 for padding."""
    pairs = zip(diagnosis_ids.tolist(), attribute_ids.tolist(), strict=True)
    return batch_dgl([SampleGraph(*(tuple(id for id in ids if id >= 0) for ids in pair)) for pair in pairs])
