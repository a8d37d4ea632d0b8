"""Loss terms: named functions of a batch of pairs. The objective is their weighted sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch

from udt.core.errors import DataError
from udt.core.registry import Registry


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Embeddings of B image–text pairs, and which of the B × B pairs match.

    :ivar image_embeds: (B, P) rows of length 1; `text_embeds` likewise. Row i of the images belongs to row i of the
        texts.
    :ivar logit_scale: s, a scalar above 0.
    :ivar cosine: (B, B) float32 in [-1, 1], images × texts.
    :ivar matches: (B, B), nonzero if image i matches text j; at least the diagonal.
    :ivar prior: P, (B, B) in [0, 1], or None if there is none.
    :ivar known: (B, B) bool, False for pairs that the prior has no value for; None if it has one for all.
    """

    image_embeds: torch.Tensor
    text_embeds: torch.Tensor
    logit_scale: torch.Tensor
    cosine: torch.Tensor
    matches: torch.Tensor
    prior: torch.Tensor | None = None
    known: torch.Tensor | None = None

    def __post_init__(self) -> None:
        size = len(self.cosine)
        matrices = {"cosine": self.cosine, "matches": self.matches, "prior": self.prior, "known": self.known}
        shapes = {name: tuple(matrix.shape) for name, matrix in matrices.items() if matrix is not None}
        if any(shape != (size, size) for shape in shapes.values()):
            got = ", ".join(f"{name} is {' × '.join(map(str, shape))}" for name, shape in shapes.items())
            raise DataError(f"a batch of {size} images needs as many texts and {size} × {size} matrices, but {got}")

    def transposed(self) -> PairBatch:
        """Return the batch with the roles of images and texts exchanged."""
        prior, known = (None if matrix is None else matrix.T for matrix in (self.prior, self.known))
        return PairBatch(
            self.text_embeds, self.image_embeds, self.logit_scale, self.cosine.T, self.matches.T, prior, known
        )

    def needed_prior(self) -> torch.Tensor:
        """Return the prior in the type of the cosines.

        :raises DataError: if there is none.
        """
        if self.prior is None:
            raise DataError("a loss term follows the prior, but the batch has none; give one, or set its weight to 0")
        return self.prior.to(self.cosine)


class TermParameters(Protocol):
    """Parameters that terms share; `udt.clip.Objective` has them."""

    @property
    def temperature(self) -> float:
        """τ of the prior, above 0."""

    @property
    def mse_share(self) -> float:
        """λ in [0, 1]: share of the squared error in the semantic loss."""

    @property
    def soft_label_share(self) -> float:
        """Share of the contrastive targets that follows `softmax(P/τ)`, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class LossTerm:
    """One term of the objective.

    :ivar function: returns a scalar, to be minimised, with gradients to the embeddings and the scale.
    :ivar needs_prior: whether `PairBatch.prior` has to be there.
    """

    function: Callable[[PairBatch, TermParameters], torch.Tensor]
    needs_prior: bool = False


LOSS_TERMS: Registry[LossTerm] = Registry(
    "loss term",
    "udt.loss_terms",
    {"contrastive": "udt.clip.loss.contrastive:CONTRASTIVE", "semantic": "udt.clip.loss.semantic:SEMANTIC"},
)
"""Terms by name. Another package adds one by an entry point of the group `udt.loss_terms`."""
