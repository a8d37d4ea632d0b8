"""The heterogeneous graph transformer of Hu et al. 2020 (WWW, section 3), on padded tensors.

Node types, relations, heads h of width d = width / h. For an edge from s to t of the relation r:

    attention[s, t] = softmax over all s of  (K(s) · A[r] · Q(t)) · prior[r] / √d
    message[s]      = V(s) · M[r]
    H'(t)           = O(gelu(Σ attention[s, t] · message[s]))
    H(t)            = a · H'(t) + (1 − a) · H(t),   a = sigmoid(skip of t's type)

K, Q, V and O are linear maps of a node's type; A, M and prior belong to a relation and a head. The learnable skip is
that of the authors' code. Each type is the source of one relation here, so that A, M and prior can be multiplied into K
and V beforehand; and the target of one, so that the softmax is over the sources of that.
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


class Projections(NamedTuple):
    """Queries, keys and messages of nodes; (…, width) each."""

    query: torch.Tensor
    key: torch.Tensor
    message: torch.Tensor


States = Mapping[str, torch.Tensor]


class HgtLayer(nn.Module):
    """One layer; all parameters exist from the start, whatever the graphs.

    :param width: width of a node, in and out; a multiple of `heads`.
    :param relations: one relation from each node type, and one to each.
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
        """Initialise all weights: priors of relations are 1, and new and old features of a node have equal shares."""
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
        self, nodes: States, masks: States, projected: Mapping[str, Projections] | None = None
    ) -> dict[str, torch.Tensor]:
        """Return new features of all nodes, (B, N, width) by node type; those of padding are finite, but meaningless.

        Every node has an edge from all nodes of its graph that are the source of a relation to its type.

        :param nodes: (B, N, width) by node type; N may differ.
        :param masks: (B, N) by node type, False for padding.
        :param projected: result of `project` for the nodes, if it is known already.
        """
        if projected is None:
            projected = {kind: self.project(kind, features) for kind, features in nodes.items()}
        gathered = {
            r.target: self._gathered(projected[r.target].query, projected[r.source], masks[r.source])
            for r in self.relations.values()
        }
        return {kind: self.update(kind, old, gathered[kind]) for kind, old in nodes.items()}

    def project(self, kind: str, features: torch.Tensor) -> Projections:
        """Return Q, K · A · prior / √d and V · M, (…, width) each, of nodes of one type with features (…, width)."""
        relation, own = self.relations[kind], (self.key[kind], self.value[kind])
        scale = self.prior[relation.name] / math.sqrt(self.attention[relation.name].shape[-1])
        heads = self.attention[relation.name] * scale[:, None, None], self.message[relation.name]
        mapped = (_composed(cast(nn.Linear, linear), head) for linear, head in zip(own, heads, strict=True))
        return Projections(
            self.query[kind](features), *(nn.functional.linear(features, *weights) for weights in mapped)
        )

    def _gathered(self, query: torch.Tensor, source: Projections, mask: torch.Tensor) -> torch.Tensor:
        """Return the weighted messages to each node, (B, N, width); 0 for a node without neighbours.

        :param query: (B, N, width).
        :param source: projections of the neighbours, (B, S, width) each.
        :param mask: (B, S), False for padding.
        """
        has_neighbours = mask.any(dim=1)[:, None, None]
        attended = mask[:, None, None] | ~has_neighbours.unsqueeze(1)  # a softmax over nothing would be NaN
        q, k, v = (self.split(part).transpose(1, 2) for part in (query, source.key, source.message))
        gathered = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=attended, scale=1.0)
        return gathered.transpose(1, 2).flatten(2) * has_neighbours

    def update(self, kind: str, old: torch.Tensor, gathered: torch.Tensor) -> torch.Tensor:
        """Return the new features (…, width) of nodes of one type, given their weighted messages."""
        new = self.dropout(self.out[kind](self.activation(gathered)))
        return torch.lerp(old, new, torch.sigmoid(self.skip[kind]))

    def split(self, features: torch.Tensor) -> torch.Tensor:
        """Split features (…, width) by head as (…, heads, d)."""
        return cast(torch.Tensor, features.unflatten(-1, (self.heads, -1)))


def _composed(linear: nn.Linear, heads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weight (width, width) and bias (width,) of `linear` followed by a map for each head, (heads, d, d)."""
    both = torch.cat([linear.weight, linear.bias.unsqueeze(1)], dim=1).unflatten(0, heads.shape[:2])
    mapped = torch.bmm(heads.transpose(1, 2), both).flatten(0, 1)
    return mapped[:, :-1], mapped[:, -1]


def masked_softmax(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Compute the softmax over the unmasked entries of the last axis; 0 for the others, and in a row without any.

    :param mask: bool, broadcast to the shape of `scores`.
    """
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~mask, lowest), dim=-1) * mask
