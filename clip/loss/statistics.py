"""Measures of the information in a soft prior: how far `softmax(P/τ)` differs from the identity of CLIP."""

from __future__ import annotations

import torch

from udt.clip.loss.pairs import masked_log_softmax, own_pairs

EFFECTIVE_POSITIVES, OWN_MASS, RELATED_SHARE = "effective_positives", "own_mass", "related_share"
HARD_NEGATIVES = "hard_negatives"
PRIOR_STATISTICS = (EFFECTIVE_POSITIVES, OWN_MASS, RELATED_SHARE)


@torch.no_grad()
def prior_statistics(
    prior: torch.Tensor, temperature: float, known: torch.Tensor | None = None, first: int = 0
) -> dict[str, torch.Tensor]:
    """Compute the statistics of a batch.

    - `effective_positives`: the exponential of the entropy of each row of `softmax(P/τ)`, the mean over rows, from 1
      (all mass on one text) to B (equal shares).
    - `own_mass`: the mean of `softmax(P/τ)` over the own texts, the diagonal if N = B, in (0, 1].
    - `related_share`: the share of the pairs of different samples with P > 0, in [0, 1].

    :param prior: P, (N, B) in [0, 1].
    :param temperature: τ, above 0.
    :param known: (N, B) bool; each softmax is over the known pairs of a row. None if all pairs are known.
    :param first: text `first + n` is the own one of row n.
    :returns: name to a scalar.
    """
    logarithms = masked_log_softmax(prior / temperature, known)
    shares = logarithms.exp()
    entropy = -(shares * logarithms).sum(1)
    others = ~own_pairs(prior, first)
    related = ((prior > 0) & others).sum() / others.sum().clamp(min=1)
    own = shares.diagonal(first).mean()
    return {EFFECTIVE_POSITIVES: entropy.exp().mean(), OWN_MASS: own, RELATED_SHARE: related}
