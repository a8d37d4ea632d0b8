"""Calibration against a loop over bins, and synthetic predictors."""

from __future__ import annotations

import numpy as np
import pytest

from udt.clip.evaluation.calibration import Calibration


def test_equals_a_loop_over_bins() -> None:
    generator = np.random.default_rng(0)
    confidence, correct = generator.random(500), generator.random(500) < 0.4
    total = 0.0
    for number in range(15):
        inside = [n for n in range(500) if number / 15 < confidence[n] <= (number + 1) / 15]
        if inside:
            gap = abs(np.mean(correct[inside]) - np.mean(confidence[inside]))
            total += len(inside) / 500 * gap
    found = Calibration.of(confidence, correct)
    assert found.ece == pytest.approx(total)
    assert found.samples == 500 and found.confidence == pytest.approx(confidence.mean())


def test_a_calibrated_predictor_has_an_error_near_0() -> None:
    generator = np.random.default_rng(1)
    confidence = generator.random(40_000)
    assert Calibration.of(confidence, generator.random(40_000) < confidence).ece < 0.01


@pytest.mark.parametrize(("confidence", "share", "ece"), [(1.0, 0.5, 0.5), (0.2, 0.9, 0.7), (0.75, 0.75, 0.0)])
def test_a_constant_confidence(confidence: float, share: float, ece: float) -> None:
    correct = np.arange(100) < 100 * share
    found = Calibration.of(np.full(100, confidence), correct)
    assert found.ece == pytest.approx(ece) and len(found.bins) == 1


def test_bounds_are_in_the_lower_bin() -> None:
    found = Calibration.of(np.array([0.0, 0.5, 0.51, 1.0]), np.ones(4, dtype=bool), bins=2)
    assert [one.samples for one in found.bins] == [2, 2]
