"""The semantic loss of Ultrasound-CLIP (arXiv 2604.01749): cosines follow the prior of the labels.

With the prior `P` (`udt.similarity.prior`), the share λ of the squared error and the temperature τ:

    L_semantic = λ · MSE(cos, P) + (1 − λ) · ½ (D(P, cos) + D(Pᵀ, cosᵀ))
    D(P, cos)  = KL(softmax(P/τ) ‖ softmax(cos/τ))

with λ = 0.2 and τ = 0.07 as published. The public code of the authors has λ = 0.6 and D(P, cos) alone
(`semantic_directions = "rows"`).

The own text takes most of softmax(P/τ). With `negatives_only`, both distributions of D are renormalised without it and
the other matches, as the disentangled negatives of SoftCLIP are (Gao et al., AAAI 2024), so that D compares the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch

from udt.clip.loss.gather import mean_over_processes
from udt.clip.loss.objective import Objective
from udt.clip.loss.pairs import Pairs, Side, excluding, masked_log_softmax
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class SemanticTerm:
    """The semantic loss with the parameters of an objective."""

    objective: Objective

    @property
    def needs_prior(self) -> bool:
        """Always true."""
        return True

    def __call__(self, pairs: Pairs) -> torch.Tensor:
        """Return the loss of a batch, a scalar.

        :raises DataError: if the pairs have no prior.
        """
        if pairs.prior is None:
            raise DataError("the semantic loss got no prior; give the similarity of the labels of the samples as prior")
        chosen = self.objective
        sides = (pairs.images, pairs.texts) if chosen.semantic_directions == "both" else (pairs.images,)
        return torch.stack([self._of(side) for side in sides]).mean()

    def _of(self, side: Side) -> torch.Tensor:
        """Return the loss of one direction."""
        chosen, prior = self.objective, cast(torch.Tensor, side.prior)
        without = side.positives(chosen.duplicates) if chosen.negatives_only else None
        return semantic_loss(side.cosine, prior, chosen.temperature, chosen.mse_share, side.known, without=without)


def semantic_loss(
    cosine: torch.Tensor,
    prior: torch.Tensor,
    temperature: float = 0.07,
    mse_share: float = 0.2,
    known: torch.Tensor | None = None,
    *,
    without: torch.Tensor | None = None,
) -> torch.Tensor:
    """Compute `λ · MSE(cos, P) + (1 − λ) · D(P, cos)`, one direction.

    :param cosine: (N, B) in [-1, 1], the N queries of this process × all candidates.
    :param prior: P, (N, B) in [0, 1].
    :param temperature: τ, above 0.
    :param mse_share: λ, in [0, 1].
    :param known: (N, B) bool, True if the prior of the pair is known; other pairs are left out of both parts.
    :param without: (N, B) bool, pairs that are left out of D; None for none.
    :returns: a scalar, at least 0; 0 if cos = P.
    """
    error = (cosine - prior).square()
    # The mean over processes of these quotients is the one quotient of the whole batch.
    mse = error.mean() if known is None else (error * known).sum() / mean_over_processes(known.sum()).clamp(min=1)
    compared = known if without is None else excluding(without, known)
    return mse_share * mse + (1 - mse_share) * divergence(prior, cosine, temperature, compared)


def divergence(
    prior: torch.Tensor, cosine: torch.Tensor, temperature: float, known: torch.Tensor | None = None
) -> torch.Tensor:
    """Compute `KL(softmax(P/τ) ‖ softmax(cos/τ))`, the mean over rows.

    :param prior: P, (N, B) in [0, 1].
    :param cosine: (N, B) in [-1, 1].
    :param temperature: τ, above 0.
    :param known: (N, B) bool; each softmax is over the known pairs of a row. None if all pairs are known.
    :returns: a scalar, at least 0.
    """
    target, predicted = (masked_log_softmax(scores / temperature, known) for scores in (prior, cosine))
    terms = target.exp() * (target - predicted)
    return (terms if known is None else terms.masked_fill(~known, 0)).sum(-1).mean()
