"""The warning of a prior without effect."""

from __future__ import annotations

import logging

import pytest
import torch

from udt.clip.loss.statistics import prior_statistics
from udt.clip.training.prior_check import PriorCheck


def warnings_of(prior: torch.Tensor, steps: int, caplog: pytest.LogCaptureFixture, first: int = 1) -> list[str]:
    check = PriorCheck()
    with caplog.at_level(logging.WARNING):
        for step in range(first, first + steps):
            check.add(prior_statistics(prior, 0.07))
            check.step(step, len(prior))
    return [record.getMessage() for record in caplog.records]


def test_a_prior_of_the_identity_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    (found,) = warnings_of(torch.eye(128), 40, caplog)
    assert "over the first 10 steps an image has 1.00 effective positives among 128 texts" in found
    assert "its own text takes 1.000 of the target; this warning is given below 1.05" in found
    for setting in ("missing", "match_prior", "temperature", "negatives_only", "semantic_weight"):
        assert f"objective.{setting}" in found


@pytest.mark.parametrize(("steps", "first"), [(9, 1), (30, 11)], ids=["too few steps", "a resumed run"])
def test_other_trainings_are_not_checked(steps: int, first: int, caplog: pytest.LogCaptureFixture) -> None:
    assert not warnings_of(torch.eye(128), steps, caplog, first)


def test_a_prior_that_says_something(caplog: pytest.LogCaptureFixture) -> None:
    assert not warnings_of(torch.eye(128).clamp(min=0.9), 12, caplog)


def test_a_training_without_prior(caplog: pytest.LogCaptureFixture) -> None:
    check = PriorCheck()
    for step in range(1, 15):
        check.add({})
        check.step(step, 8)
    assert not caplog.records
