"""The contrastive loss of CLIP, with several matches for a query, soft labels and hard negatives.

With the learnt scale `s` and targets `T` (images × texts) and `T'` (texts × images) whose rows sum to 1:

    L_contrastive = ½ (H(T, softmax(s · cos)) + H(T', softmax(s · cosᵀ)))

`T` is the identity in CLIP. Here its rows are spread over all known matches (`duplicates`), and a share of them follows
`softmax(P/τ)` (`soft_label_share`), with `negatives_only` over the texts that are no matches. The softmax of an image
is also over hard negatives of its own text, whose targets are 0. In NegCLIP (Yuksekgonul et al., ICLR 2023) an image
sees those of the whole batch, but a changed text of another image may describe it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from udt.clip.loss.objective import Objective
from udt.clip.loss.pairs import Pairs, Side, excluding, masked_log_softmax


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
        targets, text_targets = map(self._targets, (pairs.images, pairs.texts))
        return contrastive_loss(_logits(pairs), targets, text_targets, _hard_logits(pairs), _text_logits(pairs))

    def _targets(self, side: Side) -> torch.Tensor:
        """Return the targets (N, B), each row of which sums to 1."""
        matches, known, share = side.positives(self.objective.duplicates), side.known, self.objective.soft_label_share
        hard = match_targets(matches)
        if side.prior is None or not share:
            return hard
        if self.objective.negatives_only:
            known = excluding(matches, known)
        soft = soft_targets(side.prior, self.objective.temperature, known).to(hard)
        found = torch.lerp(hard, soft, share)
        return found if known is None else torch.where(known.any(1, keepdim=True), found, hard)


def _logits(pairs: Pairs) -> torch.Tensor:
    """Return the logits (N, B) of images with texts."""
    logits = pairs.logit_scale * pairs.images.cosine
    return logits if pairs.text_lengths is None else logits * pairs.text_lengths[:, 0]


def _text_logits(pairs: Pairs) -> torch.Tensor:
    """Return the logits (N, B) of texts with images."""
    logits, lengths = pairs.logit_scale * pairs.texts.cosine, pairs.own_lengths
    return logits if lengths is None else logits * lengths[:, :1]


def _hard_logits(pairs: Pairs) -> torch.Tensor | None:
    """Return the logits (N, K) of each image with its hard negative texts; None if there are none."""
    if pairs.negatives is None or pairs.has_negative is None:
        return None
    logits, lengths = pairs.logit_scale * pairs.negatives, pairs.own_lengths
    if lengths is not None:
        logits = logits * lengths[:, 1:]
    return logits.masked_fill(~pairs.has_negative, torch.finfo(logits.dtype).min / 2)


def contrastive_loss(
    logits: torch.Tensor,
    targets: torch.Tensor,
    text_targets: torch.Tensor,
    hard: torch.Tensor | None = None,
    text_logits: torch.Tensor | None = None,
) -> torch.Tensor:
    """Compute `½ (H(T, softmax(logits)) + H(T', softmax(text_logits)))`, the mean over rows.

    :param logits: (N, B), images × texts.
    :param targets: T, (N, B), images × texts: each row sums to 1. With the identity the loss is that of CLIP.
    :param text_targets: T', (N, B), texts × images: each row sums to 1.
    :param hard: (N, K), logits of each image with hard negative texts of its own, over which its softmax goes too.
    :param text_logits: (N, B), texts × images; the transpose of `logits` by default, for N = B.
    :returns: a scalar, at least 0.
    """
    backward = functional.cross_entropy(logits.T if text_logits is None else text_logits, text_targets)
    if hard is not None:
        logits, targets = torch.cat([logits, hard], dim=1), functional.pad(targets, (0, hard.shape[1]))
    return (functional.cross_entropy(logits, targets) + backward) / 2


def match_targets(matches: torch.Tensor) -> torch.Tensor:
    """Return targets with equal shares for all matches of a row.

    >>> match_targets(torch.tensor([[True, False, True], [False, True, False], [True, False, True]]))
    tensor([[0.5000, 0.0000, 0.5000],
            [0.0000, 1.0000, 0.0000],
            [0.5000, 0.0000, 0.5000]])

    :param matches: (N, B), at least one match in each row.
    :returns: (N, B) float32; each row sums to 1.
    """
    shares = matches.float()
    return shares / shares.sum(1, keepdim=True)


def soft_targets(prior: torch.Tensor, temperature: float, known: torch.Tensor | None = None) -> torch.Tensor:
    """Compute `softmax(P/τ)` over the known pairs of each row.

    :param prior: P, (N, B) in [0, 1].
    :param temperature: τ, above 0.
    :param known: (N, B) bool; None if all pairs are known.
    :returns: (N, B); each row with a known pair sums to 1, and unknown pairs are 0.
    """
    found = masked_log_softmax(prior / temperature, known).exp()
    return found if known is None else found * known
