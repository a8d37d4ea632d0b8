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

import torch

from udt.clip.loss.objective import Objective
from udt.clip.loss.pairs import Pairs, excluding, masked_log_softmax, transposed
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
        return semantic_loss(
            pairs.cosine,
            pairs.prior,
            chosen.temperature,
            chosen.mse_share,
            pairs.known,
            without=pairs.positives(chosen.duplicates) if chosen.negatives_only else None,
            both=chosen.semantic_directions == "both",
        )


def semantic_loss(
    cosine: torch.Tensor,
    prior: torch.Tensor,
    temperature: float = 0.07,
    mse_share: float = 0.2,
    known: torch.Tensor | None = None,
    *,
    without: torch.Tensor | None = None,
    both: bool = True,
) -> torch.Tensor:
    """Compute `λ · MSE(cos, P) + (1 − λ) · ½ (D(P, cos) + D(Pᵀ, cosᵀ))`.

    :param cosine: (B, B) in [-1, 1], images × texts.
    :param prior: P, (B, B) in [0, 1].
    :param temperature: τ, above 0.
    :param mse_share: λ, in [0, 1].
    :param known: (B, B) bool, True if the prior of the pair is known; other pairs are left out of both parts.
    :param without: (B, B) bool, pairs that are left out of D; None for none.
    :param both: False for `D(P, cos)`, the direction from images to texts, instead of the mean of both.
    :returns: a scalar, at least 0; 0 if cos = P.
    """
    error = (cosine - prior).square()
    mse = error.mean() if known is None else (error * known).sum() / known.sum().clamp(min=1)
    compared = known if without is None else excluding(without, known)
    kl = divergence(prior, cosine, temperature, compared)
    if both:
        kl = (kl + divergence(prior.T, cosine.T, temperature, transposed(compared))) / 2
    return mse_share * mse + (1 - mse_share) * kl


def divergence(
    prior: torch.Tensor, cosine: torch.Tensor, temperature: float, known: torch.Tensor | None = None
) -> torch.Tensor:
    """Compute `KL(softmax(P/τ) ‖ softmax(cos/τ))`, the mean over rows.

    :param prior: P, (B, B) in [0, 1].
    :param cosine: (B, B) in [-1, 1].
    :param temperature: τ, above 0.
    :param known: (B, B) bool; each softmax is over the known pairs of a row. None if all pairs are known.
    :returns: a scalar, at least 0.
    """
    target, predicted = (masked_log_softmax(scores / temperature, known) for scores in (prior, cosine))
    terms = target.exp() * (target - predicted)
    return (terms if known is None else terms.masked_fill(~known, 0)).sum(-1).mean()
