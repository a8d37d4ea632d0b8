"""From the nodes of a sample graph to their states and one summary of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

from udt.clip.hgt import HgtLayer, Relation, masked_softmax
from udt.graphkit.nodes import NODE_TYPES
from udt.graphkit.sample import RELATIONS


class GraphStates(NamedTuple):
    """What is known of B graphs with room for N nodes.

    :ivar nodes: (B, N, width), diagnoses first.
    :ivar mask: (B, N), True where there is a node.
    :ivar summary: (B, width); 0 for a graph without nodes.
    """

    nodes: torch.Tensor
    mask: torch.Tensor
    summary: torch.Tensor


class AttentionPooling(nn.Module):
    """One vector for the nodes of a graph: their mean, weighted by `softmax(w · tanh(W h + b))`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1, bias=False))

    def forward(self, nodes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(B, width) from nodes (B, N, width) and their mask (B, N)."""
        weights = masked_softmax(self.score(nodes).squeeze(-1), mask)
        return (weights.unsqueeze(-1) * nodes).sum(1)


class GraphEncoder(nn.Module):
    """Embeds nodes, lets them exchange messages, and sums them up.

    A node starts as what its label is, plus what its dimension is.

    :param node_types: 0 or 1 for each node of the node space, as `NODE_TYPES` counts.
    :param node_dimensions: for each node the index of its dimension.
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
        """(nodes of the node space, width): how each starts."""
        found: torch.Tensor = self.norm(self.labels.weight + self.dimensions(self.dimension_of))
        return found

    def forward(self, diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> GraphStates:
        """The states of B graphs in which every diagnosis has edges to every attribute, and back.

        :param diagnosis_ids: (B, N1) ids in the node space, -1 where there is no node; so `attribute_ids`, (B, N2).
        """
        ids = torch.cat([diagnosis_ids, attribute_ids], dim=1)
        sizes = diagnosis_ids.shape[1], attribute_ids.shape[1]
        mask = ids >= 0
        edges, table = _edges(mask, sizes[0]), self.features()
        nodes = look_up(table, ids)
        said: torch.Tensor | None = self._first_words(table, ids, sizes)
        for layer in self.layers:
            nodes, said = layer(nodes, sizes, edges, said), None
        return self.summed_up(nodes, mask)

    def _first_words(self, table: torch.Tensor, ids: torch.Tensor, sizes: Sequence[int]) -> torch.Tensor:
        """(B, N, 3 · width): what nodes say in the first layer, worked out once for each label."""
        parts = zip(NODE_TYPES, ids.split(list(sizes), dim=1), strict=True)
        return torch.cat(
            [look_up(cast(HgtLayer, self.layers[0]).say(kind, table), part) for kind, part in parts], dim=1
        )

    def summed_up(self, nodes: torch.Tensor, mask: torch.Tensor) -> GraphStates:
        """The states with their summary; nodes (B, N, width), mask (B, N)."""
        return GraphStates(nodes, mask, self.pooling(nodes, mask))


def _edges(mask: torch.Tensor, diagnoses: int) -> torch.Tensor:
    """(B, N, N): True between any two nodes of different types; the first `diagnoses` places are of one type."""
    first = torch.arange(mask.shape[1], device=mask.device) < diagnoses
    return mask.unsqueeze(1) & mask.unsqueeze(2) & (first.unsqueeze(0) != first.unsqueeze(1))


def look_up(table: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """(…, width): rows of `table` by number, 0 for the number -1.

    As a product with zeros and ones: unlike an embedding, it sums gradients in the same order on every device.
    """
    numbers = torch.arange(len(table), device=ids.device)
    return (ids.unsqueeze(-1) == numbers).to(table.dtype) @ table
