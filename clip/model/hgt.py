"""The heterogeneous graph transformer of Hu et al. 2020 (WWW, section 3), on padded tensors.

With heads h of width d = width / h, for an edge from s to t of the relation r:

    attention[s, t] = softmax over all s of  (K(s) · A[r] · Q(t)) · prior[r] / √d
    message[s]      = V(s) · M[r]
    H'(t)           = O(gelu(Σ attention[s, t] · message[s]))
    H(t)            = a · H'(t) + (1 − a) · H(t),   a = sigmoid(skip of t's type)

K, Q, V and O are linear maps of a node type; A, M and prior belong to a relation and a head. The learnable skip follows
the authors' code. Here each type is the source of one relation, so that A, M and prior can be multiplied into K and V
before they are applied to nodes, and the target of one relation, so that the softmax is over the sources of that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

from udt.core.errors import DataError


class Relation(NamedTuple):
    """Edges from nodes of one type to nodes of another."""

    source: str
    name: str
    target: str


class Projected(NamedTuple):
    """Queries, keys and messages of nodes, (…, width) each.

    :ivar query: Q.
    :ivar key: K · A · prior / √d.
    :ivar message: V · M.
    """

    query: torch.Tensor
    key: torch.Tensor
    message: torch.Tensor


States = Mapping[str, torch.Tensor]


class HgtLayer(nn.Module):
    """One layer of the graph transformer. The constructor creates all parameters, whatever the graphs.

    :param width: of a node, in and out.
    :param heads: attention heads, a divisor of `width`.
    :param node_types: names of the node types.
    :param relations: one from each node type, and one to each.
    :param dropout: share of the new features that is dropped in training.
    :raises DataError: if a type is the source, or the target, of no relation or of several.
    """

    def __init__(
        self, width: int, heads: int, node_types: Sequence[str], relations: Sequence[Relation], dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.relations = {relation.source: relation for relation in relations}
        ends = [sorted(end) for end in zip(*((r.source, r.target) for r in relations), strict=True)]
        if ends != [sorted(node_types)] * 2:
            got = ", ".join(f"{source} {name} {target}" for source, name, target in relations)
            raise DataError(
                f"each of the node types {', '.join(node_types)} has to start and end one relation; got: {got}"
            )
        self.heads = heads
        self.key, self.query, self.value, self.out = (
            nn.ModuleDict({kind: nn.Linear(width, width) for kind in node_types}) for _ in range(4)
        )
        shape = (heads, width // heads, width // heads)
        self.attention, self.message = (
            nn.ParameterDict({r.name: nn.Parameter(torch.empty(shape)) for r in relations}) for _ in range(2)
        )
        self.prior = nn.ParameterDict({r.name: nn.Parameter(torch.empty(heads)) for r in relations})
        self.skip = nn.ParameterDict({kind: nn.Parameter(torch.empty(())) for kind in node_types})
        self.activation: nn.Module = nn.GELU()
        self.dropout = nn.Dropout(dropout)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the weights: the same prior for every relation, and equal shares of old and new features."""
        for maps in (self.key, self.query, self.value, self.out):
            for linear in maps.values():
                nn.init.xavier_uniform_(cast(nn.Linear, linear).weight)
                nn.init.zeros_(cast(nn.Linear, linear).bias)
        for weights in (*self.attention.values(), *self.message.values()):
            for head in weights:
                nn.init.xavier_uniform_(head)
        for prior in self.prior.values():
            nn.init.ones_(prior)
        for skip in self.skip.values():
            nn.init.zeros_(skip)

    def forward(
        self, nodes: States, masks: States, projected: Mapping[str, Projected] | None = None
    ) -> dict[str, torch.Tensor]:
        """Pass messages between the nodes of B graphs.

        Every node has an edge from all nodes of its graph whose type has a relation to its type.

        :param nodes: (B, N, width) by node type; N may differ between types.
        :param masks: (B, N) bool by node type, False for padding.
        :param projected: the output of `project` for the nodes; computed here if None.
        :returns: (B, N, width) by node type: the new features; those of padding are finite, but meaningless.
        """
        if projected is None:
            projected = {kind: self.project(kind, features) for kind, features in nodes.items()}
        aggregated = {
            r.target: self._aggregate(projected[r.target].query, projected[r.source], masks[r.source])
            for r in self.relations.values()
        }
        return {kind: self.update(kind, old, aggregated[kind]) for kind, old in nodes.items()}

    def project(self, kind: str, features: torch.Tensor) -> Projected:
        """Compute Q, K · A · prior / √d and V · M of nodes of one type, as one product: the time is that of the calls.

        :param kind: the node type.
        :param features: (…, width).
        """
        relation, width = self.relations[kind], features.shape[-1]
        scale = self.prior[relation.name] / math.sqrt(self.attention[relation.name].shape[-1])
        heads = torch.cat([self.attention[relation.name] * scale[:, None, None], self.message[relation.name]])
        maps = _affine([cast(nn.Linear, part[kind]) for part in (self.query, self.key, self.value)])
        mapped = torch.bmm(heads.transpose(1, 2), maps[width:].unflatten(0, heads.shape[:2]))
        joint = torch.cat([maps[:width], mapped.flatten(0, 1)])
        return Projected(*nn.functional.linear(features, joint[:, :-1], joint[:, -1]).split(width, dim=-1))

    def _aggregate(self, query: torch.Tensor, source: Projected, source_mask: torch.Tensor) -> torch.Tensor:
        """Sum the messages to each node, weighted by attention.

        :param query: (B, N, width), of the target nodes.
        :param source: (B, S, width) each, of the source nodes.
        :param source_mask: (B, S) bool, False for padding.
        :returns: (B, N, width); 0 in a graph without source nodes.
        """
        has_source = source_mask.any(dim=1)[:, None, None]
        mask = source_mask[:, None, None] | ~has_source.unsqueeze(1)  # a softmax over no source would be NaN
        q, k, v = (self.split(part).transpose(1, 2) for part in (query, source.key, source.message))
        aggregated = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)
        return aggregated.transpose(1, 2).flatten(2) * has_source

    def update(self, kind: str, old: torch.Tensor, aggregated: torch.Tensor) -> torch.Tensor:
        """Compute the new features of nodes of one type: `a · O(gelu(aggregated)) + (1 − a) · old`.

        :param kind: the node type.
        :param old: (…, width), the present features.
        :param aggregated: (…, width), the weighted messages.
        :returns: (…, width).
        """
        new = self.dropout(self.out[kind](self.activation(aggregated)))
        return torch.lerp(old, new, torch.sigmoid(self.skip[kind]))

    def split(self, features: torch.Tensor) -> torch.Tensor:
        """Split features (…, width) into heads, (…, heads, d)."""
        return cast(torch.Tensor, features.unflatten(-1, (self.heads, -1)))


def _affine(maps: Sequence[nn.Linear]) -> torch.Tensor:
    """Return the weights of linear maps one below the other, with their bias as the last column."""
    bias = torch.cat([linear.bias for linear in maps])
    return torch.cat([torch.cat([linear.weight for linear in maps]), bias.unsqueeze(1)], dim=1)


def masked_softmax(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Compute the softmax over the last axis; masked entries, and rows without any entry, are 0.

    :param scores: (…, N).
    :param mask: bool, False for masked entries; broadcast to the shape of `scores`.
    """
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~mask, lowest), dim=-1) * mask
