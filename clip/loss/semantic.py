"""The semantic loss: cosine similarities follow the prior of the labels (arXiv 2604.01749).

    L_semantic = λ · MSE(cos, P) + (1 − λ) · ½ (D(P, cos) + D(Pᵀ, cosᵀ))
    D(P, cos)  = KL(softmax(P/τ) ‖ softmax(cos/τ))

with λ = 0.2 and τ = 0.07 as published.
"""

from __future__ import annotations

import torch

from udt.clip.loss.masked_softmax import masked_log_softmax
from udt.clip.loss.terms import LossTerm, PairBatch, TermParameters


def semantic_loss(
    cosine: torch.Tensor,
    prior: torch.Tensor,
    temperature: float = 0.07,
    mse_share: float = 0.2,
    known: torch.Tensor | None = None,
) -> torch.Tensor:
    """Compute `λ · MSE(cos, P) + (1 − λ) · KL`, the KL being the mean of both directions; 0 if cos = P.

    :param cosine: (B, B) in [-1, 1], images × texts.
    :param prior: P, (B, B) in [0, 1].
    :param temperature: τ, above 0.
    :param mse_share: λ in [0, 1].
    :param known: (B, B) bool; pairs that are False are left out of both parts. None for all.
    """
    error = (cosine - prior).square()
    mse = error.mean() if known is None else (error * known).sum() / known.sum().clamp(min=1)
    both = [
        divergence(prior, cosine, temperature, known),
        divergence(prior.T, cosine.T, temperature, None if known is None else known.T),
    ]
    return mse_share * mse + (1 - mse_share) * (both[0] + both[1]) / 2


def divergence(
    prior: torch.Tensor, cosine: torch.Tensor, temperature: float, known: torch.Tensor | None = None
) -> torch.Tensor:
    """Compute the mean over rows of `KL(softmax(P/τ) ‖ softmax(cos/τ))` over the known pairs of each row."""
    target, predicted = (masked_log_softmax(scores / temperature, known) for scores in (prior, cosine))
    terms = target.exp() * (target - predicted)
    return (terms if known is None else terms.masked_fill(~known, 0)).sum(-1).mean()


def _semantic(batch: PairBatch, parameters: TermParameters) -> torch.Tensor:
    return semantic_loss(batch.cosine, batch.needed_prior(), parameters.temperature, parameters.mse_share, batch.known)


SEMANTIC = LossTerm(_semantic, needs_prior=True)
