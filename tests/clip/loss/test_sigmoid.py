"""The sigmoid loss against loops over pairs in double precision."""

from __future__ import annotations

import math

import pytest
import torch

from udt.clip.loss.objective import Losses, Objective
from udt.clip.loss.sigmoid import sigmoid_loss
from udt.core.errors import DataError

from .test_objective import Batch

SCALE, BIAS = 9.0, -4.0


def log_sigmoid(value: float) -> float:
    return -math.log1p(math.exp(-value)) if value > -30 else value


def losses(batch: Batch, objective: Objective, **others: torch.Tensor) -> Losses:
    given = {"logit_bias": torch.tensor(BIAS), **others}
    return objective(batch.images, batch.texts, torch.tensor(SCALE), batch.prior, batch.matches, batch.known, **given)


def sigmoid_only(share: float, duplicates: bool = True) -> Objective:
    terms = {"sigmoid": 1.0}
    return Objective(0, soft_label_share=share, duplicates=duplicates, terms=terms, contrastive_weight=0)


@pytest.mark.parametrize("size", [1, 6])
def test_identity_targets_give_the_loss_of_siglip(size: int) -> None:
    """Equation 1: the mean over images of the sum of −log σ(z · (s · cos + b)), z = 1 for the own text, else −1."""
    batch = Batch(1, size)
    expected = 0.0
    for i in range(size):
        for j in range(size):
            expected -= log_sigmoid((1 if i == j else -1) * (SCALE * float(batch.cosine[i, j]) + BIAS)) / size
    assert float(losses(batch, sigmoid_only(0, duplicates=False)).total) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_prior_is_the_target_of_known_pairs(share: float) -> None:
    batch, expected = Batch(2), 0.0
    for i in range(7):
        for j in range(7):
            target = float(batch.matches[i, j])
            if batch.known[i, j]:
                target = (1 - share) * target + share * float(batch.prior[i, j])
            logit = SCALE * float(batch.cosine[i, j]) + BIAS
            expected -= (target * log_sigmoid(logit) + (1 - target) * log_sigmoid(-logit)) / 7
    found = losses(batch, sigmoid_only(share))
    assert float(found.terms["sigmoid"]) == pytest.approx(expected, rel=1e-5) == float(found.total)
    assert float(found.contrastive) == float(found.semantic) == 0


def test_hard_negatives_have_the_target_0() -> None:
    batch = Batch(3)
    cosines = torch.linspace(-0.9, 0.9, 14).view(7, 2)
    present = torch.arange(14).view(7, 2) % 3 > 0
    found = losses(batch, sigmoid_only(0.5), negatives=cosines, has_negative=present)
    expected = float(losses(batch, sigmoid_only(0.5)).total)
    for cosine, there in zip(cosines.flatten().tolist(), present.flatten().tolist(), strict=True):
        expected -= there * log_sigmoid(-(SCALE * cosine + BIAS)) / 7
    assert float(found.total) == pytest.approx(expected, rel=1e-5)


def test_scale_and_bias_are_learnt() -> None:
    batch = Batch(4)
    scale, bias = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (SCALE, BIAS))
    assert torch.autograd.gradcheck(lambda s, b: sigmoid_loss(s * batch.cosine + b, batch.prior), (scale, bias))


def test_a_bias_is_needed() -> None:
    assert Objective(terms={"sigmoid": 1}).needs_bias and not Objective().needs_bias
    batch = Batch(5)
    with pytest.raises(DataError, match=r"got no bias; build the model with one: model\.logit_bias = -10"):
        sigmoid_only(0)(batch.images, batch.texts, torch.tensor(SCALE))
