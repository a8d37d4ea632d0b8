"""The heterogeneous graph transformer of Hu et al. 2020 (WWW, section 3), on padded tensors.

Node types, relations, heads h of width d = width / h. For an edge from s to t of the relation r:

    attention[s, t] = softmax over all s of  (K(s) · A[r] · Q(t)) · prior[r] / √d
    message[s]      = V(s) · M[r]
    H'(t)           = O(gelu(Σ attention[s, t] · message[s]))
    H(t)            = a · H'(t) + (1 − a) · H(t),   a = sigmoid(skip of t's type)

K, Q, V and O are linear maps of a node's type; A, M and prior belong to a relation and a head. The learnable skip is
that of the authors' code. In a graph here every node of the source type has an edge to every node of the target type,
so that an adjacency need not be kept: padding is all that is masked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import torch
from torch import nn

States = Mapping[str, torch.Tensor]
"""Node type to its padded nodes: features (B, N, width), or the mask (B, N) that is True where there is one."""


class Relation(NamedTuple):
    """Edges from every node of one type to every node of another, within a sample."""

    source: str
    name: str
    target: str


class HgtLayer(nn.Module):
    """One layer. All of its parameters are made here, whatever the graphs.

    :param width: of a node, in and out; `heads` has to divide it.
    :param dropout: share of the new features that is dropped in training.
    """

    def __init__(
        self, width: int, heads: int, node_types: Sequence[str], relations: Sequence[Relation], dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.heads = heads
        self.relations = tuple(relations)
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

    def forward(self, nodes: States, masks: States) -> dict[str, torch.Tensor]:
        """New features of all nodes, in the shapes of `nodes`; those of padding mean nothing, but are finite."""
        return {kind: self.update(kind, nodes[kind], self._gathered(kind, nodes, masks)) for kind in nodes}

    def update(self, kind: str, old: torch.Tensor, gathered: torch.Tensor) -> torch.Tensor:
        """(…, width): what nodes of one type become, given the messages that they gathered."""
        new = self.dropout(self.out[kind](self.activation(gathered)))
        return torch.lerp(old, new, torch.sigmoid(self.skip[kind]))

    def _gathered(self, target: str, nodes: States, masks: States) -> torch.Tensor:
        """(B, N, width): weighted messages to each node of one type; 0 where there is nobody to send any."""
        incoming = [relation for relation in self.relations if relation.target == target]
        if not incoming:
            return torch.zeros_like(nodes[target])
        query = self.split(self.query[target](nodes[target]))
        keys = torch.cat([self._keys(r, nodes[r.source]) for r in incoming], dim=1)
        messages = torch.cat([self._messages(r, nodes[r.source]) for r in incoming], dim=1)
        there = torch.cat([masks[r.source] for r in incoming], dim=1)[:, None, None, :]
        scores = torch.einsum("bthd,bshd->bhts", query, keys)
        gathered = torch.einsum("bhts,bshd->bthd", masked_softmax(scores, there), messages)
        return gathered.flatten(2)

    def _keys(self, relation: Relation, source: torch.Tensor) -> torch.Tensor:
        """(B, N, heads, d): K(s) · A[r] · prior[r] / √d. The weights are multiplied first, since they are few."""
        name, linear = relation.name, cast(nn.Linear, self.key[relation.source])
        scale = self.prior[name] / math.sqrt(self.attention[name].shape[-1])
        return self._mapped(source, linear, self.attention[name] * scale[:, None, None])

    def _messages(self, relation: Relation, source: torch.Tensor) -> torch.Tensor:
        """(B, N, heads, d): V(s) · M[r]."""
        return self._mapped(source, cast(nn.Linear, self.value[relation.source]), self.message[relation.name])

    def _mapped(self, source: torch.Tensor, linear: nn.Linear, heads: torch.Tensor) -> torch.Tensor:
        """(B, N, heads, d): `linear` and then the map of each head, as one linear map."""
        weight = torch.einsum("hdi,hde->hei", linear.weight.unflatten(0, heads.shape[:2]), heads)
        bias = torch.einsum("hd,hde->he", linear.bias.unflatten(0, heads.shape[:2]), heads)
        return self.split(nn.functional.linear(source, weight.flatten(0, 1), bias.flatten()))

    def split(self, features: torch.Tensor) -> torch.Tensor:
        """(…, heads, d): the features (…, width) of each head."""
        return cast(torch.Tensor, features.unflatten(-1, (self.heads, -1)))


def masked_softmax(scores: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Softmax over the last axis where `there` is True; 0 elsewhere, and everywhere in a row without any True.

    :param there: broadcasts to the shape of `scores`.
    """
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~there, lowest), dim=-1) * there
