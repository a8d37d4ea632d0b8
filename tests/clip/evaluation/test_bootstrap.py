"""Bootstrap intervals against loops, known proportions, and paired differences."""

from __future__ import annotations

import numpy as np
import pytest

from udt.clip.evaluation.bootstrap import BootstrapInterval, Resamples, mean_of_present
from udt.clip.evaluation.calibration import Calibration, resampled_ece
from udt.clip.evaluation.classification import TaskResult
from udt.clip.evaluation.retrieval import weighted_median
from udt.core.errors import DataError


def test_ratios_equal_a_loop_over_the_drawn_cases() -> None:
    generator = np.random.default_rng(1)
    cases = [f"c{n}" for n in generator.integers(7, size=40)]
    above, below = generator.random((40, 3)), generator.random((40, 3))
    resamples = Resamples(cases, 5, seed=9)
    found = resamples.ratios(above, below)
    np.testing.assert_allclose(found[0], above.sum(0) / below.sum(0))
    names = sorted(set(cases))
    draws = np.random.default_rng(9)
    for replicate in range(1, 6):
        drawn = [names[n] for n in draws.integers(len(names), size=len(names))]
        samples = [sample for name in drawn for sample, case in enumerate(cases) if case == name]
        np.testing.assert_allclose(found[replicate], above[samples].sum(0) / below[samples].sum(0))


def _drawn(cases: list[str], replicates: int, seed: int) -> list[list[int]]:
    """The samples of each resample, by a loop over the drawn cases."""
    names, draws = sorted(set(cases)), np.random.default_rng(seed)
    drawn = [[names[n] for n in draws.integers(len(names), size=len(names))] for _ in range(replicates)]
    return [[sample for name in one for sample, case in enumerate(cases) if case == name] for one in drawn]


def test_medians_equal_those_of_the_drawn_samples() -> None:
    generator = np.random.default_rng(1)
    cases = [f"c{n}" for n in generator.integers(9, size=50)]
    ranks, weights = generator.integers(1, 30, size=50) / 2, 1 / generator.integers(1, 4, size=50)
    found = Resamples(cases, 250, seed=3).medians(ranks, weights)
    assert found[0] == weighted_median(ranks, weights)
    for value, samples in zip(found[1:], _drawn(cases, 250, 3), strict=True):
        pairs = sorted((ranks[n], weights[n]) for n in samples)
        total = sum(weight for _, weight in pairs)
        below = [rank for rank, _ in pairs if sum(w for r, w in pairs if r <= rank) >= total / 2 - 1e-9]
        above = [rank for rank, _ in pairs if sum(w for r, w in pairs if r <= rank) > total / 2 + 1e-9]
        assert value == pytest.approx((min(below) + min(above)) / 2)


def test_the_calibration_error_of_a_resample_is_that_of_its_samples() -> None:
    generator = np.random.default_rng(2)
    cases = [f"c{n}" for n in generator.integers(9, size=60)]
    truth = generator.random((60, 3)) < 0.4
    correct, confidence = truth.any(axis=1) & (generator.random(60) < 0.6), generator.random(60)
    task = TaskResult("organ", ("a", "b", "c"), truth, truth, correct, confidence)
    assert 0 < task.left_out < 40
    found = resampled_ece(task, Resamples(cases, 120, seed=3))
    assert found[0] == pytest.approx(Calibration.of_task(task).ece)
    for value, samples in zip(found[1:], _drawn(cases, 120, 3), strict=True):
        known = [n for n in samples if truth[n].any()]
        error = 0.0
        for number in range(15):
            inside = [n for n in known if number / 15 < confidence[n] <= (number + 1) / 15]
            error += abs(sum(float(correct[n]) - confidence[n] for n in inside)) / len(known)
        assert value == pytest.approx(error)


def test_a_resample_without_labels_has_no_calibration_error() -> None:
    truth = np.array([[True], [False]])
    task = TaskResult("organ", ("a",), truth, truth, truth[:, 0], np.array([0.75, 0.5]))
    found = resampled_ece(task, Resamples(["a", "b"], 200))
    assert np.isnan(found).any() and set(found[~np.isnan(found)]) == {0.25}


def test_intervals_cover_a_known_proportion() -> None:
    generator = np.random.default_rng(2)
    covered = 0
    for trial in range(200):
        right = generator.random(150) < 0.7
        resamples = Resamples([str(n) for n in range(150)], 200, seed=trial)
        interval = resamples.interval(resamples.ratios(right, np.ones(150))[:, 0])
        covered += interval.low <= 0.7 <= interval.high
    assert 0.89 <= covered / 200 <= 0.99


def test_intervals_are_of_cases_not_of_samples() -> None:
    """Ten equal samples of each case say no more than one of them."""
    right = np.random.default_rng(3).random(60) < 0.5
    alone = Resamples([str(n) for n in range(60)], 500)
    often = Resamples([str(n) for n in range(60) for _ in range(10)], 500)
    one = alone.interval(alone.ratios(right, np.ones(60))[:, 0])
    many = often.interval(often.ratios(np.repeat(right, 10), np.ones(600))[:, 0])
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


def test_paired_intervals_are_narrower_for_correlated_predictions() -> None:
    generator = np.random.default_rng(4)
    first = generator.random(300) < 0.6
    second = np.where(generator.random(300) < 0.05, ~first, first)
    cases, ones = [str(n) for n in range(300)], np.ones(300)
    resamples, others = Resamples(cases, 500, seed=0), Resamples(cases, 500, seed=1)
    base = resamples.ratios(first, ones)[:, 0]
    paired = resamples.interval(resamples.ratios(second, ones)[:, 0] - base)
    unpaired = resamples.interval(others.ratios(second, ones)[:, 0] - base)
    assert paired.value == unpaired.value
    assert paired.high - paired.low < 0.6 * (unpaired.high - unpaired.low)


def test_resamples_depend_on_the_seed_and_the_cases_alone() -> None:
    cases = ["b", "a", "b", "c"]
    values = np.arange(4.0)
    first, same, other = (Resamples(cases, 50, seed).ratios(values, np.ones(4)) for seed in (0, 0, 1))
    assert np.array_equal(first, same) and not np.array_equal(first, other)
    moved = Resamples(["c", "b", "b", "a"], 50, 0).ratios(np.array([3.0, 0, 2, 1]), np.ones(4))
    np.testing.assert_allclose(moved, first)


def test_a_ratio_without_denominator_is_left_out() -> None:
    resamples = Resamples(["a", "b"], 200)
    values = resamples.ratios(np.array([1.0, 0]), np.array([1.0, 0]))[:, 0]
    assert np.isnan(values).any() and resamples.interval(values) == BootstrapInterval(1, 1, 1)


def test_a_single_case_has_no_interval() -> None:
    resamples = Resamples(["a", "a"], 20)
    found = resamples.interval(resamples.ratios(np.array([1.0, 0]), np.ones(2))[:, 0])
    assert found.value == 0.5 and np.isnan([found.low, found.high]).all() and str(found) == f"{found}" == "0.500"


def test_mean_of_present() -> None:
    found = mean_of_present(np.array([[1, np.nan, 3], [np.nan] * 3]))
    assert found[0] == 2 and np.isnan(found[1])


@pytest.mark.parametrize(("cases", "replicates"), [([], 10), (["a"], 0)])
def test_nothing_to_resample_is_refused(cases: list[str], replicates: int) -> None:
    with pytest.raises(DataError, match=f"got {len(cases)} and {replicates}"):
        Resamples(cases, replicates)
