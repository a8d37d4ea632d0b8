"""The heterogeneous graph transformer of Hu et al. 2020 (WWW, section 3), on padded tensors.

Node types, relations, heads h of width d = width / h. For an edge from s to t of the relation r:

    attention[s, t] = softmax over all s of  (K(s) · A[r] · Q(t)) · prior[r] / √d
    message[s]      = V(s) · M[r]
    H'(t)           = O(gelu(Σ attention[s, t] · message[s]))
    H(t)            = a · H'(t) + (1 − a) · H(t),   a = sigmoid(skip of t's type)

K, Q, V and O are linear maps of a node's type; A, M and prior belong to a relation and a head. The learnable skip is
that of the authors' code. Each type is the source of one relation here, so that A, M and prior can be multiplied into K
and V before the nodes come; weights are fewer than nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

from udt.errors import DataError


class Relation(NamedTuple):
    """Edges from nodes of one type to nodes of another."""

    source: str
    name: str
    target: str


class HgtLayer(nn.Module):
    """One layer. All of its parameters are made here, whatever the graphs.

    :param width: of a node, in and out; `heads` has to divide it.
    :param node_types: in the order in which the nodes of a graph stand.
    :param relations: one from each node type.
    :param dropout: share of the new features that is dropped in training.
    :raises DataError: where some type is the source of no relation, or of several.
    """

    def __init__(
        self, width: int, heads: int, node_types: Sequence[str], relations: Sequence[Relation], dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.relations = {relation.source: relation for relation in relations}
        if sorted(relation.source for relation in relations) != sorted(node_types):
            got = ", ".join(f"{source} {name} {target}" for source, name, target in relations)
            raise DataError(f"each of the node types {', '.join(node_types)} has to start one relation; got: {got}")
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
        """Fresh weights: every relation of the same prior, as much new as old in every node."""
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
        self, nodes: torch.Tensor, sizes: Sequence[int], edges: torch.Tensor, said: torch.Tensor | None = None
    ) -> torch.Tensor:
        """(B, N, width): new features of all nodes; those of padding mean nothing, but are finite.

        :param nodes: (B, N, width), type by type.
        :param sizes: how much room each type has; they add up to N.
        :param edges: (B, N, N), True from row to column where the column's node is a source of the row's.
        :param said: (B, N, 3 · width), what `say` makes of the nodes, where that is known already.
        """
        if said is None:
            said = torch.cat([self.say(kind, part.contiguous()) for kind, part in self._parts(nodes, sizes)], dim=1)
        query, key, value = (self.split(part).transpose(1, 2) for part in said.chunk(3, dim=-1))
        shares = masked_softmax(query @ key.transpose(2, 3), edges.unsqueeze(1))
        gathered = self._parts((shares @ value).transpose(1, 2).flatten(2), sizes)
        old = self._parts(nodes, sizes)
        return torch.cat([self.update(kind, a, b) for (kind, a), (_, b) in zip(old, gathered, strict=True)], dim=1)

    def say(self, kind: str, features: torch.Tensor) -> torch.Tensor:
        """(…, 3 · width): Q, K · A · prior / √d and V · M of nodes of one type with the features (…, width)."""
        return nn.functional.linear(features, *self._weights(kind))

    def update(self, kind: str, old: torch.Tensor, gathered: torch.Tensor) -> torch.Tensor:
        """(…, width): what nodes of one type become, given the messages that they gathered."""
        new = self.dropout(self.out[kind](self.activation(gathered)))
        return torch.lerp(old, new, torch.sigmoid(self.skip[kind]))

    def split(self, features: torch.Tensor) -> torch.Tensor:
        """(…, heads, d): the features (…, width) of each head."""
        return cast(torch.Tensor, features.unflatten(-1, (self.heads, -1)))

    def _parts(self, nodes: torch.Tensor, sizes: Sequence[int]) -> list[tuple[str, torch.Tensor]]:
        """Each type with its nodes."""
        return list(zip(self.relations, nodes.split(list(sizes), dim=1), strict=True))

    def _weights(self, kind: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The map of `say`: weight (3 · width, width) and bias (3 · width,)."""
        name = self.relations[kind].name
        scale = self.prior[name] / math.sqrt(self.attention[name].shape[-1])
        heads = torch.cat([self.attention[name] * scale[:, None, None], self.message[name]])
        own = torch.cat([_joined(self.key[kind]), _joined(self.value[kind])]).unflatten(0, heads.shape[:2])
        both = torch.cat([_joined(self.query[kind]), torch.bmm(heads.transpose(1, 2), own).flatten(0, 1)])
        return both[:, :-1], both[:, -1]


def _joined(linear: nn.Module) -> torch.Tensor:
    """(out, in + 1): the weight with the bias as its last column."""
    return torch.cat([cast(nn.Linear, linear).weight, cast(nn.Linear, linear).bias.unsqueeze(1)], dim=1)


def masked_softmax(scores: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Softmax over the last axis where `there` is True; 0 elsewhere, and everywhere in a row without any True.

    :param there: broadcasts to the shape of `scores`.
    """
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~there, lowest), dim=-1) * there
