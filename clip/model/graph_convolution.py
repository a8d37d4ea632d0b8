"""The graph encoder of the public code of Ultrasound-CLIP: graph convolutions and mean pooling, on padded tensors.

For a relation from the nodes s of one type to the nodes t of another, of which a graph has n and m, all connected
(`GraphConv` of DGL with `norm="both"`, after Kipf and Welling, ICLR 2017):

    H'(t)   = relu(Σ H(s) / √(n · m) · W + b)
    summary = L · Σ over types of the mean of H over the nodes of a type, divided by its length

H' has no part of H(t) itself: after one layer, all nodes of a type of a graph are the same. The publication describes a
graph transformer instead (`udt.clip.model.graph_encoder`); this encoder serves comparisons with the code.

In the code, nodes of unknown labels take the place of those that a graph lacks. Here a type without nodes adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import nn

from udt.clip.model.graph_encoder import GraphStates, look_up
from udt.clip.model.hgt import Relation
from udt.graphkit.nodes import NODE_TYPES
from udt.graphkit.sample import RELATIONS


class GraphConvolution(nn.Module):
    """One graph convolution along the edges of a relation, between all nodes of its two types.

    :param width: of a node, in and out.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width, width))
        self.bias = nn.Parameter(torch.empty(width))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the weights as DGL does: uniform after Glorot, and a bias of 0."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, sources: torch.Tensor, source_mask: torch.Tensor, target_mask: torch.Tensor) -> torch.Tensor:
        """Return the new features of the targets, before the activation.

        :param sources: (B, S, width).
        :param source_mask: (B, S) bool, False for padding; `target_mask`, (B, N), likewise.
        :returns: (B, N, width): in a graph without sources the bias alone.
        """
        degrees = [mask.sum(1, keepdim=True).clamp(min=1).to(sources) for mask in (source_mask, target_mask)]
        total = (sources * source_mask.unsqueeze(-1)).sum(1) / (degrees[0] * degrees[1]).sqrt()
        return (total @ self.weight + self.bias).unsqueeze(1).expand(-1, target_mask.shape[1], -1)


class ConvolutionEncoder(nn.Module):
    """Embeds the nodes of a sample graph, passes messages between them, and pools them.

    The initial features of a node are `LayerNorm(label embedding)`.

    :param node_types: index in `NODE_TYPES` of the type of each node of the node space.
    :param width: of a node.
    :param summary_width: of the summary.
    :param layers: number of layers.
    :param dropout: share of the features of a layer that is dropped in training.
    """

    def __init__(
        self, node_types: Sequence[int], width: int, summary_width: int, layers: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.labels = nn.Embedding(len(node_types), width)
        self.norm = nn.LayerNorm(width)
        self.relations = [Relation(*relation) for relation in RELATIONS]
        self.layers = nn.ModuleList(
            nn.ModuleDict({relation.name: GraphConvolution(width) for relation in self.relations})
            for _ in range(layers)
        )
        self.dropout = nn.Dropout(dropout)
        self.projection = nn.Linear(width, summary_width)

    def forward(self, diagnosis_ids: torch.Tensor, attribute_ids: torch.Tensor) -> GraphStates:
        """Encode B graphs in which every diagnosis has an edge to every attribute, and back.

        :param diagnosis_ids: (B, N1) ids in the node space, -1 for padding.
        :param attribute_ids: (B, N2) ids in the node space, -1 for padding.
        :returns: the states with N = N1 + N2, and summaries (B, summary_width) of length 1.
        """
        ids: dict[str, torch.Tensor] = dict(zip(NODE_TYPES, (diagnosis_ids, attribute_ids), strict=True))
        masks = {kind: part >= 0 for kind, part in ids.items()}
        table = self.norm(self.labels.weight)
        nodes = {kind: look_up(table, part) for kind, part in ids.items()}
        for layer in self.layers:
            nodes = self._pass_messages(cast(nn.ModuleDict, layer), nodes, masks)
        means = (mean_of_nodes(nodes[kind], masks[kind]) for kind in NODE_TYPES)
        summary = nn.functional.normalize(self.projection(torch.stack(list(means)).sum(0)), dim=-1)
        joined, mask = (torch.cat([part[kind] for kind in NODE_TYPES], dim=1) for part in (nodes, masks))
        return GraphStates(joined, mask, summary)

    def _pass_messages(
        self, layer: nn.ModuleDict, nodes: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Apply one layer to the nodes of all types."""
        found = dict(nodes)
        for relation in self.relations:
            made = layer[relation.name](nodes[relation.source], masks[relation.source], masks[relation.target])
            found[relation.target] = self.dropout(torch.relu(made))
        return found


def mean_of_nodes(nodes: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of the nodes of each graph, (B, width); 0 for a graph without nodes.

    :param nodes: (B, N, width).
    :param mask: (B, N) bool, False for padding.
    """
    shares = mask.to(nodes) / mask.sum(1, keepdim=True).clamp(min=1)
    return (shares.unsqueeze(-1) * nodes).sum(1)
