"""The pairwise sigmoid loss of SigLIP (Zhai et al., ICCV 2023, equation 1), with soft targets.

With the learnt scale `s`, the learnt bias `b` and targets `T` in [0, 1] (images × texts):

    l[i, j]   = s · cos[i, j] + b
    L_sigmoid = − 1/B Σ (T[i, j] · log σ(l[i, j]) + (1 − T[i, j]) · log σ(−l[i, j]))

`T` is the identity in SigLIP. Here all known matches are 1 (`duplicates`), and a share of the targets is the prior `P`
(`soft_label_share`; with 1 all of them). Each pair is a question of its own, so that the prior is not flattened by a
softmax. Pairs whose prior is not known keep the target of their match; hard negative texts have the target 0.

The scale is that of the contrastive loss; the bias is a parameter of the model (`logit_bias`), stored in its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from udt.clip.loss.objective import Objective
from udt.clip.loss.pairs import Pairs
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class SigmoidTerm:
    """The sigmoid loss with the parameters of an objective."""

    objective: Objective

    @property
    def needs_prior(self) -> bool:
        """Whether a share of the targets is the prior."""
        return self.objective.soft_label_share > 0

    @property
    def needs_bias(self) -> bool:
        """Always true."""
        return True

    def __call__(self, pairs: Pairs) -> torch.Tensor:
        """Return the loss of a batch, a scalar.

        :raises DataError: if the model has no bias.
        """
        if pairs.logit_bias is None:
            raise DataError("the sigmoid loss got no bias; build the model with one: model.logit_bias = -10")
        side = pairs.images
        targets = side.positives(self.objective.duplicates).to(side.cosine)
        if side.prior is not None and (share := self.objective.soft_label_share):
            soft = torch.lerp(targets, side.prior, share)
            targets = soft if side.known is None else torch.where(side.known, soft, targets)
        loss = sigmoid_loss(pairs.logit_scale * side.cosine + pairs.logit_bias, targets)
        if pairs.negatives is None or pairs.has_negative is None:
            return loss
        hard = functional.softplus(pairs.logit_scale * pairs.negatives + pairs.logit_bias)
        return loss + (hard * pairs.has_negative).sum() / len(hard)


def sigmoid_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Compute `− 1/N Σ (T · log σ(logits) + (1 − T) · log σ(−logits))`.

    :param logits: (N, B), images × texts.
    :param targets: T, (N, B) in [0, 1].
    :returns: a scalar, at least 0.
    """
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(logits)
