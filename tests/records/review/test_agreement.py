"""Coefficients of agreement against slow computations by their definitions."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from udt.core.errors import DataError
from udt.records.database.curation_models import ReviewRole
from udt.records.review.agreement import (
    Ratings,
    agreement,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    observed_agreement,
    to_document,
)
from udt.records.review.votes import Vote

for package in ("krippendorff", "sklearn", "statsmodels"):
    pytest.importorskip(package)


def ratings(seed: int, samples: int, reviewers: int, missing: float = 0.0) -> Ratings:
    rng = np.random.default_rng(seed)
    truth = rng.random((samples, 1)) < 0.7
    found = np.where(rng.random((samples, reviewers)) < 0.8, truth, ~truth).astype(np.int64)
    return np.where(rng.random((samples, reviewers)) < missing, -1, found)


def slow_cohen(found: Ratings) -> float:
    pairs = [(one, other) for one, other in found.tolist() if -1 not in (one, other)]
    equal = sum(one == other for one, other in pairs) / len(pairs)
    share = [[sum(pair[i] == value for pair in pairs) / len(pairs) for value in (0, 1)] for i in (0, 1)]
    chance = sum(share[0][value] * share[1][value] for value in (0, 1))
    return (equal - chance) / (1 - chance)


def slow_fleiss(found: Ratings) -> float:
    rows = found.tolist()
    equal = [sum(a == b for a, b in permutations(row, 2)) / (len(row) * (len(row) - 1)) for row in rows]
    answers = [answer for row in rows for answer in row]
    chance = sum((answers.count(value) / len(answers)) ** 2 for value in (0, 1))
    return (sum(equal) / len(equal) - chance) / (1 - chance)


def slow_krippendorff(found: Ratings) -> float:
    """1 − observed / expected disagreement, over all pairs of answers to one sample, and over all pairs of answers."""
    rows = [[answer for answer in row if answer != -1] for row in found.tolist()]
    rows = [row for row in rows if len(row) > 1]
    answers = [answer for row in rows for answer in row]
    observed = sum(sum(a != b for a, b in permutations(row, 2)) / (len(row) - 1) for row in rows) / len(answers)
    expected = sum(a != b for a, b in permutations(answers, 2)) / (len(answers) * (len(answers) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize("seed", range(5))
def test_cohen(seed: int) -> None:
    found = ratings(seed, 60, 2, missing=0.2)
    assert cohen_kappa(found) == pytest.approx(slow_cohen(found))


@pytest.mark.parametrize("seed", range(5))
def test_fleiss(seed: int) -> None:
    found = ratings(seed, 60, 3)
    assert fleiss_kappa(found) == pytest.approx(slow_fleiss(found))


def test_fleiss_takes_the_samples_with_the_most_frequent_number_of_answers() -> None:
    found = ratings(0, 60, 4)
    found[:40, 3] = -1
    assert fleiss_kappa(found) == pytest.approx(slow_fleiss(found[:40, :3]))


@pytest.mark.parametrize("seed", range(5))
def test_krippendorff(seed: int) -> None:
    found = ratings(seed, 40, 4, missing=0.3)
    assert krippendorff_alpha(found) == pytest.approx(slow_krippendorff(found))


@pytest.mark.parametrize("seed", range(3))
def test_observed_agreement(seed: int) -> None:
    found = ratings(seed, 30, 4, missing=0.3)
    pairs = [pair for row in found.tolist() for pair in combinations([a for a in row if a != -1], 2)]
    assert observed_agreement(found) == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))


@pytest.mark.parametrize("coefficient", [cohen_kappa, fleiss_kappa, krippendorff_alpha])
def test_equal_answers_define_no_coefficient(coefficient: object) -> None:
    assert callable(coefficient)
    assert coefficient(np.ones((5, 2), dtype=np.int64)) is None
    assert coefficient(np.array([[1, -1], [-1, 0]])) is None


def votes(found: Ratings, samples_of_case: int = 1) -> list[Vote]:
    names = ("Ann", "Bo", "Cy", "Di")
    return [
        Vote(i, i // samples_of_case, names[j], ReviewRole.REVIEW, bool(answer), True)
        for i, row in enumerate(found.tolist())
        for j, answer in enumerate(row)
        if answer != -1
    ]


def test_questions_pairs_and_intervals() -> None:
    found = ratings(1, 80, 3)
    alignment, consistency, problem = agreement(votes(found), resamples=200)
    names = [(one.name, one.reviewers) for one in alignment.estimates]
    pairs = [("cohen", pair) for pair in combinations(("Ann", "Bo", "Cy"), 2)]
    assert names == [*pairs, ("fleiss", ("Ann", "Bo", "Cy")), ("krippendorff", ("Ann", "Bo", "Cy"))]
    for one in alignment.estimates:
        assert one.value is not None and one.low is not None and one.high is not None
        assert one.low < one.value < one.high and one.samples == 80
    assert consistency.observed == 1.0 and {one.value for one in consistency.estimates} == {None}
    assert {one.undefined for one in consistency.estimates} == {200}
    assert [one.value for one in problem.estimates] == pytest.approx([one.value for one in alignment.estimates])
    assert to_document([alignment])[0]["estimates"][0]["name"] == "cohen"


def test_intervals_are_the_quantiles_of_resampled_cases() -> None:
    """A slow bootstrap with the same random numbers; a case has four equal samples."""
    few = ratings(2, 20, 2)
    found = np.repeat(few, 4, axis=0)
    one = agreement(votes(found, 4), resamples=100, seed=5)[0].estimates[0]
    rng = np.random.default_rng(5)
    values = []
    for _ in range(100):
        cases = rng.integers(20, size=20)
        values.append(slow_cohen(np.concatenate([found[case * 4 : case * 4 + 4] for case in cases])))
    assert (one.low, one.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


def test_adjudications_and_open_reviews_are_left_out() -> None:
    alone = [
        Vote(1, 1, "Ann", ReviewRole.REVIEW, True, True),
        Vote(1, 1, "Bo", ReviewRole.REVIEW, None, None),
        Vote(1, 1, "Ward", ReviewRole.ADJUDICATION, True, True),
    ]
    with pytest.raises(DataError, match="no sample has two decided reviews"):
        agreement(alone)
