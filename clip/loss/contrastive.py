"""The contrastive loss of CLIP, with several matches for a query and soft labels.

With the learnt scale `s` and targets `T` (images × texts) and `T'` (texts × images) whose rows sum to 1:

    L_contrastive = ½ (H(T, softmax(s · cos)) + H(T', softmax(s · cosᵀ)))

`T` is the identity in CLIP. Here its rows are spread over all known matches (`duplicates`), and a share of them follows
`softmax(P/τ)` (`soft_label_share`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from udt.clip.loss.objective import Objective
from udt.clip.loss.pairs import Pairs, masked_log_softmax, transposed


@dataclass(frozen=True, slots=True)
class ContrastiveTerm:
    """The contrastive loss with the parameters of an objective."""

    objective: Objective

    @property
    def needs_prior(self) -> bool:
        """Whether a share of the targets follows the prior."""
        return self.objective.soft_label_share > 0

    def __call__(self, pairs: Pairs) -> torch.Tensor:
        """Return the loss of a batch, a scalar."""
        matches = pairs.matches if self.objective.duplicates else None
        if matches is None:
            matches = torch.eye(len(pairs.cosine), device=pairs.cosine.device)
        targets = self._targets(matches, pairs.prior, pairs.known)
        text_targets = self._targets(matches.T, transposed(pairs.prior), transposed(pairs.known))
        return contrastive_loss(pairs.logit_scale * pairs.cosine, targets, text_targets)

    def _targets(self, matches: torch.Tensor, prior: torch.Tensor | None, known: torch.Tensor | None) -> torch.Tensor:
        """Return the targets (B, B), each row of which sums to 1."""
        hard, share = match_targets(matches), self.objective.soft_label_share
        if prior is None or not share:
            return hard
        return torch.lerp(hard, soft_targets(prior, self.objective.temperature, known).to(hard), share)


def contrastive_loss(logits: torch.Tensor, targets: torch.Tensor, text_targets: torch.Tensor) -> torch.Tensor:
    """Compute `½ (H(T, softmax(logits)) + H(T', softmax(logitsᵀ)))`, the mean over rows.

    :param logits: (B, B), images × texts.
    :param targets: T, (B, B), images × texts: each row sums to 1. With the identity the loss is that of CLIP.
    :param text_targets: T', (B, B), texts × images: each row sums to 1.
    :returns: a scalar, at least 0.
    """
    return (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, text_targets)) / 2


def match_targets(matches: torch.Tensor) -> torch.Tensor:
    """Return targets with equal shares for all matches of a row.

    >>> match_targets(torch.tensor([[True, False, True], [False, True, False], [True, False, True]]))
    tensor([[0.5000, 0.0000, 0.5000],
            [0.0000, 1.0000, 0.0000],
            [0.5000, 0.0000, 0.5000]])

    :param matches: (B, B), at least one match in each row.
    :returns: (B, B) float32; each row sums to 1.
    """
    shares = matches.float()
    return shares / shares.sum(1, keepdim=True)


def soft_targets(prior: torch.Tensor, temperature: float, known: torch.Tensor | None = None) -> torch.Tensor:
    """Compute `softmax(P/τ)` over the known pairs of each row.

    :param prior: P, (B, B) in [0, 1].
    :param temperature: τ, above 0.
    :param known: (B, B) bool; None if all pairs are known.
    :returns: (B, B); each row sums to 1, and unknown pairs are 0.
    """
    return masked_log_softmax(prior / temperature, known).exp()
