"""How a graph changes the embedding of its text."""

from __future__ import annotations

import torch
from torch import nn

from udt.clip.model.graph_encoder import GraphStates


class GraphFusion(nn.Module):
    """The text asks the nodes and their summary, and a gate decides how much of the answer is added.

        answer = MultiHeadAttention(query = text, keys = values = [nodes; summary])
        fused  = text + sigmoid(W [text; answer]) * answer

    With the summary as its only key, attention would not depend on the text. A text without nodes stays as it is.

    :param width: of the text embedding; `heads` has to divide it.
    :param graph_width: of nodes and summary.
    """

    def __init__(self, width: int, graph_width: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, kdim=graph_width, vdim=graph_width, batch_first=True)
        self.gate = nn.Linear(2 * width, width)

    def forward(self, text: torch.Tensor, graph: GraphStates) -> torch.Tensor:
        """Return the enhanced text (B, width) from the text (B, width); neither is normalised."""
        keys = torch.cat([graph.nodes, graph.summary.unsqueeze(1)], dim=1)
        silent = nn.functional.pad(~graph.mask, (0, 1))
        answer, _ = self.attention(
            self.norm(text).unsqueeze(1), keys, keys, key_padding_mask=silent, need_weights=False
        )
        answer = answer.squeeze(1)
        gate = torch.sigmoid(self.gate(torch.cat([text, answer], dim=-1)))
        fused: torch.Tensor = text + gate * answer * graph.mask.any(dim=1, keepdim=True)
        return fused
