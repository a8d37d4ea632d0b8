"""From the nodes of a sample graph to their states and one summary of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

from udt.clip.model.hgt import HgtLayer, Projections, Relation, masked_softmax
from udt.graphkit.nodes import NODE_TYPES
from udt.graphkit.sample import RELATIONS


class GraphStates(NamedTuple):
    """States of B graphs, padded to N nodes.

    :ivar nodes: (B, N, width), diagnoses first.
    :ivar mask: (B, N), False for padding.
    :ivar summary: (B, width); 0 for a graph without nodes.
    """

    nodes: torch.Tensor
    mask: torch.Tensor
    summary: torch.Tensor


class AttentionPooling(nn.Module):
    """One vector for the nodes of a graph: their mean, weighted by `softmax(w · h)`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1, bias=False)

    def forward(self, nodes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Pool nodes (B, N, width) with their mask (B, N) into (B, width)."""
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
        """Return the initial features of all nodes of the node space, (nodes, width)."""
        found: torch.Tensor = self.norm(self.labels.weight + self.dimensions(self.dimension_of))
        return found

    def forward(self, diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> GraphStates:
        """Encode B graphs in which every diagnosis has edges to every attribute, and back.

        :param diagnosis_ids: (B, N1) ids in the node space, padded with -1; `attribute_ids` likewise, (B, N2).
        """
        ids: dict[str, torch.Tensor] = dict(zip(NODE_TYPES, (diagnosis_ids, attribute_ids), strict=True))
        masks = {kind: part >= 0 for kind, part in ids.items()}
        table = self.features()
        nodes = {kind: look_up(table, part) for kind, part in ids.items()}
        projected: dict[str, Projections] | None = self._first_projections(table, ids)
        for layer in self.layers:
            nodes, projected = layer(nodes, masks, projected), None
        return self.summed_up(*(torch.cat([part[kind] for kind in NODE_TYPES], dim=1) for part in (nodes, masks)))

    def _first_projections(self, table: torch.Tensor, ids: Mapping[str, torch.Tensor]) -> dict[str, Projections]:
        """Compute the projections of the first layer once for each label instead of for each node."""
        first = cast(HgtLayer, self.layers[0])
        return {kind: Projections(*(look_up(part, ids[kind]) for part in first.project(kind, table))) for kind in ids}

    def summed_up(self, nodes: torch.Tensor, mask: torch.Tensor) -> GraphStates:
        """Add the summary to the states; nodes (B, N, width), mask (B, N)."""
        return GraphStates(nodes, mask, self.pooling(nodes, mask))


def look_up(table: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Look up rows of `table` by number as (…, width); 0 for the number -1.

    It is a product with one-hot rows: unlike an embedding, it sums gradients in the same order on every device.
    """
    numbers = torch.arange(len(table), device=ids.device)
    return (ids.unsqueeze(-1) == numbers).to(table.dtype) @ table
