"""Gated cross-attention from a text to the nodes of its graph."""

from __future__ import annotations

import torch
from torch import nn

from udt.clip.model.graph_encoder import GraphStates


class GraphFusion(nn.Module):
    """Adds to a text embedding what its graph contributes.

        answer = MultiHeadAttention(query = LayerNorm(text), keys = values = [nodes; summary])
        fused  = text + sigmoid(W [text; answer]) * answer

    With the summary as its only key, attention would not depend on the text. The embedding of a text without nodes is
    not changed.

    :param width: of the text embedding.
    :param graph_width: of nodes and summary.
    :param heads: attention heads, a divisor of `width`.
    """

    def __init__(self, width: int, graph_width: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, kdim=graph_width, vdim=graph_width, batch_first=True)
        self.gate = nn.Linear(2 * width, width)

    def forward(self, text: torch.Tensor, graph: GraphStates) -> torch.Tensor:
        """Add to the embeddings of B texts what their graphs contribute.

        :param text: (B, width), not normalised.
        :param graph: B graphs.
        :returns: (B, width), not normalised.
        """
        keys = torch.cat([graph.nodes, graph.summary.unsqueeze(1)], dim=1)
        padding = nn.functional.pad(~graph.mask, (0, 1))
        answer, _ = self.attention(
            self.norm(text).unsqueeze(1), keys, keys, key_padding_mask=padding, need_weights=False
        )
        answer = answer.squeeze(1)
        gate = torch.sigmoid(self.gate(torch.cat([text, answer], dim=-1)))
        fused: torch.Tensor = text + gate * answer * graph.mask.any(dim=1, keepdim=True)
        return fused
