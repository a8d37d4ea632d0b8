"""The graph encoder of Ultrasound-CLIP: node embeddings, a heterogeneous graph transformer, and attention pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

from udt.clip.model.hgt import HgtLayer, Projected, Relation, masked_softmax
from udt.graphkit.nodes import NODE_TYPES
from udt.graphkit.sample import RELATIONS


class GraphStates(NamedTuple):
    """The encoded nodes of B graphs, padded to N nodes.

    :ivar nodes: (B, N, width), diagnoses first.
    :ivar mask: (B, N) bool, False for padding.
    :ivar summary: (B, width); 0 for a graph without nodes.
    """

    nodes: torch.Tensor
    mask: torch.Tensor
    summary: torch.Tensor


class AttentionPooling(nn.Module):
    """Pool the nodes of a graph into one vector: their mean, weighted by `softmax(w · h)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1, bias=False)

    def forward(self, nodes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Pool the nodes of each graph.

        :param nodes: (B, N, width).
        :param mask: (B, N) bool, False for padding.
        :returns: (B, width); 0 for a graph without nodes.
        """
        weights = masked_softmax(self.score(nodes).squeeze(-1), mask)
        return (weights.unsqueeze(-1) * nodes).sum(1)


class GraphEncoder(nn.Module):
    """Embeds the nodes of a sample graph, passes messages between them, and pools them.

    The initial features of a node are `LayerNorm(label embedding + dimension embedding)`.

    :param node_types: index in `NODE_TYPES` of the type of each node of the node space.
    :param node_dimensions: index of the dimension of each node of the node space.
    :param width: of a node.
    :param heads: attention heads, a divisor of `width`.
    :param layers: number of layers of the graph transformer.
    :param dropout: share of the new features of a layer that is dropped in training.
    """

    dimension_of: torch.Tensor

    def __init__(
        self,
        node_types: Sequence[int],
        node_dimensions: Sequence[int],
        width: int,
        heads: int,
        layers: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.labels = nn.Embedding(len(node_types), width)
        self.dimensions = nn.Embedding(max(node_dimensions) + 1, width)
        self.register_buffer("dimension_of", torch.tensor(node_dimensions))
        self.norm = nn.LayerNorm(width)
        relations = [Relation(*relation) for relation in RELATIONS]
        self.layers = nn.ModuleList(HgtLayer(width, heads, NODE_TYPES, relations, dropout) for _ in range(layers))
        self.pooling = AttentionPooling(width)

    def features(self) -> torch.Tensor:
        """Return the initial features of all nodes of the node space, (nodes, width)."""
        found: torch.Tensor = self.norm(self.labels.weight + self.dimensions(self.dimension_of))
        return found

    def forward(self, diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> GraphStates:
        """Encode B graphs in which every diagnosis has an edge to every attribute, and back.

        :param diagnosis_ids: (B, N1) ids in the node space, -1 for padding.
        :param attribute_ids: (B, N2) ids in the node space, -1 for padding.
        :returns: the states with N = N1 + N2.
        """
        ids: dict[str, torch.Tensor] = dict(zip(NODE_TYPES, (diagnosis_ids, attribute_ids), strict=True))
        masks = {kind: part >= 0 for kind, part in ids.items()}
        table = self.features()
        first: dict[str, Projected] = {}
        nodes: dict[str, torch.Tensor] = {}
        for kind, part in ids.items():
            nodes[kind], first[kind] = self._first_states(kind, table, part)
        for number, layer in enumerate(self.layers):
            nodes = layer(nodes, masks, None if number else first)
        return self.with_summary(*(torch.cat([part[kind] for kind in NODE_TYPES], dim=1) for part in (nodes, masks)))

    def _first_states(self, kind: str, table: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, Projected]:
        """Return the initial features of nodes and their first projections, which are computed once for each label."""
        projected = cast(HgtLayer, self.layers[0]).project(kind, table)
        nodes, *parts = look_up(torch.cat([table, *projected], dim=-1), ids).split(table.shape[-1], dim=-1)
        return nodes, Projected(*parts)

    def with_summary(self, nodes: torch.Tensor, mask: torch.Tensor) -> GraphStates:
        """Pool the nodes (B, N, width) under their mask (B, N), and return both with the summary."""
        return GraphStates(nodes, mask, self.pooling(nodes, mask))


def look_up(table: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Return rows of a table by index; 0 for the index -1.

    As a product with one-hot rows: unlike an embedding, it sums gradients in the same order on every device.

    :param table: (rows, width).
    :param ids: (…,) indices of rows, or -1.
    :returns: (…, width).
    """
    numbers = torch.arange(len(table), device=ids.device)
    return (ids.unsqueeze(-1) == numbers).to(table.dtype) @ table
