"""The contrastive loss of CLIP (Radford et al. 2021) with several matches a row and, by choice, soft targets.

    L_contrastive = ½ (H(T, softmax(s · cos)) + H(T', softmax(s · cosᵀ)))

T spreads each row equally over all that matches; with soft labels, a share of it follows `softmax(P/τ)`.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from udt.clip.loss.masked_softmax import masked_log_softmax
from udt.clip.loss.terms import LossTerm, PairBatch, TermParameters


def contrastive_loss(logits: torch.Tensor, targets: torch.Tensor, text_targets: torch.Tensor) -> torch.Tensor:
    """Compute `½ (H(T, softmax(logits)) + H(T', softmax(logitsᵀ)))`, the mean over rows.

    It is the loss of CLIP if both targets are the identity.

    :param logits: (B, B), images × texts.
    :param targets: T, (B, B), images × texts; each row sums to 1.
    :param text_targets: T', (B, B), texts × images; each row sums to 1.
    """
    return (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, text_targets)) / 2


def match_targets(matches: torch.Tensor) -> torch.Tensor:
    """Return (B, B) float32 with equal shares for all matches of a row, and 0 elsewhere.

    >>> match_targets(torch.tensor([[True, False, True], [False, True, False], [True, False, True]]))
    tensor([[0.5000, 0.0000, 0.5000],
            [0.0000, 1.0000, 0.0000],
            [0.5000, 0.0000, 0.5000]])
    """
    shares = matches.float()
    return shares / shares.sum(1, keepdim=True)


def soft_targets(prior: torch.Tensor, temperature: float, known: torch.Tensor | None = None) -> torch.Tensor:
    """Return (B, B) `softmax(P/τ)` over the known pairs of each row."""
    return masked_log_softmax(prior / temperature, known).exp()


def _targets(batch: PairBatch, parameters: TermParameters) -> torch.Tensor:
    """Return (B, B) the targets of the rows."""
    hard = match_targets(batch.matches)
    if batch.prior is None or not parameters.soft_label_share:
        return hard
    soft = soft_targets(batch.needed_prior(), parameters.temperature, batch.known)
    return torch.lerp(hard, soft.to(hard), parameters.soft_label_share)


def _contrastive(batch: PairBatch, parameters: TermParameters) -> torch.Tensor:
    targets, text_targets = _targets(batch, parameters), _targets(batch.transposed(), parameters)
    return contrastive_loss(batch.logit_scale * batch.cosine, targets, text_targets)


CONTRASTIVE = LossTerm(_contrastive)
