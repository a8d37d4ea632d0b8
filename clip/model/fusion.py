"""Cross-attention from a text to its graph: gated over the nodes, or as in the public code of Ultrasound-CLIP."""

from __future__ import annotations

import torch
from torch import nn

from udt.clip.model.graph_encoder import GraphStates

_FIRST_GATE, _LARGEST_GATE = 0.05, 0.2


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


class SingleKeyFusion(nn.Module):
    """The fusion of the public code of Ultrasound-CLIP: attention to the summary of the graph as the only key.

        answer = MultiHeadAttention(query = Q text, key = value = K summary)
        fused  = LayerNorm(text + clamp(g, 0, 0.2) * tanh(W answer))

    With a single key, the answer does not depend on the text, and the query gets no gradient. LayerNorm comes last, so
    that the result has a length of about √width. This fusion serves comparisons with the code.

    :param width: of the text embedding.
    :param graph_width: of the summary.
    :param heads: attention heads, a divisor of `width`.
    """

    def __init__(self, width: int, graph_width: int, heads: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(graph_width, width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.output = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.gate = nn.Parameter(torch.tensor(_FIRST_GATE))

    def forward(self, text: torch.Tensor, graph: GraphStates) -> torch.Tensor:
        """Add to the embeddings of B texts the contribution of their graphs.

        :param text: (B, width), of any length; it is normalised first.
        :param graph: B graphs; one without nodes contributes nothing.
        :returns: (B, width), as LayerNorm leaves it.
        """
        text = nn.functional.normalize(text, dim=-1)
        key = self.key(graph.summary).unsqueeze(1)
        answer, _ = self.attention(self.query(text).unsqueeze(1), key, key, need_weights=False)
        gate = self.gate.clamp(0, _LARGEST_GATE) * graph.mask.any(dim=1, keepdim=True)
        fused: torch.Tensor = self.norm(text + gate * torch.tanh(self.output(answer.squeeze(1))))
        return fused
