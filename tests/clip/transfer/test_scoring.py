"""Measures against those of scikit-learn, on the images of each resample one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, roc_auc_score

from udt.clip.evaluation.bootstrap import Resamples
from udt.clip.transfer.scoring import MEASURES, areas_under_curve, confusion_counts, difference, seed_means

COUNT = 60


def made(classes: int, seed: int, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes), rng.integers(0, classes, COUNT - classes)])
    scores = rng.normal(size=(COUNT, classes)) + np.eye(classes)[truth]
    return (np.round(scores) if ties else scores), truth


def expected(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    classes, guess = range(scores.shape[1]), scores.argmax(1)
    present = [c for c in classes if (truth == c).any()]
    areas = [roc_auc_score(truth == c, scores[:, c]) for c in present if not (truth == c).all()]
    return {
        "accuracy": accuracy_score(truth, guess),
        "balanced_accuracy": np.mean([(guess[truth == c] == c).mean() for c in present]),
        "macro_f1": f1_score(truth, guess, average="macro", labels=sorted({*truth, *guess})),
        "auc": np.mean(areas),
    }


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_measures_of_each_resample(classes: int, ties: bool) -> None:
    scores, truth = made(classes, classes, ties)
    groups = [str(n // 3) for n in range(COUNT)]
    resamples = Resamples(groups, 30, 1)
    found = seed_means([scores], truth, resamples)
    for row, weights in enumerate(resamples.weights()):
        drawn = np.repeat(np.arange(COUNT), weights)
        if row == 0:
            assert drawn.tolist() == list(range(COUNT))
            assert balanced_accuracy_score(truth, scores.argmax(1)) == pytest.approx(
                found["balanced_accuracy"].interval.value
            )
        for name, value in expected(scores[drawn], truth[drawn]).items():
            assert found[name].resampled[row] == pytest.approx(value), (name, row)


def test_weights_are_those_of_whole_groups() -> None:
    groups = list("bababcca")
    weights = Resamples(groups, 50, 3).weights()
    assert weights.shape == (51, 8) and (weights[0] == 1).all()
    for row in weights:
        by_group = {group: {int(w) for w, g in zip(row, groups, strict=True) if g == group} for group in "abc"}
        assert all(len(one) == 1 for one in by_group.values())
        assert sum(one.pop() for one in by_group.values()) == 3


def test_means_and_spread_over_seeds() -> None:
    parts = [made(3, seed, False)[0] for seed in range(4)]
    truth = made(3, 9, False)[1]
    resamples = Resamples([str(n) for n in range(COUNT)], 200)
    found = seed_means(parts, truth, resamples)
    for name in MEASURES:
        single = [seed_means([one], truth, resamples)[name].interval.value for one in parts]
        assert found[name].seeds.tolist() == pytest.approx(single)
        assert found[name].interval.value == pytest.approx(np.mean(single))
        assert found[name].spread == pytest.approx(np.std(single, ddof=1))
        low, high = np.quantile(found[name].resampled[1:], [0.025, 0.975])
        assert (found[name].interval.low, found[name].interval.high) == pytest.approx((low, high))
    assert math.isnan(seed_means(parts[:1], truth, resamples)["auc"].spread)


def test_differences_are_paired() -> None:
    scores, truth = made(3, 0, False)
    resamples = Resamples([str(n) for n in range(COUNT)], 100)
    found = seed_means([scores], truth, resamples)["accuracy"]
    same = difference(found, found, resamples)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_an_area_of_alike_images_is_unknown() -> None:
    weights = np.array([[1.0, 1, 0], [1, 0, 2], [0, 0, 0]])
    found = areas_under_curve(np.array([0.1, 0.2, 0.3]), np.array([True, True, False]), weights)
    assert np.isnan(found).tolist() == [True, False, True] and found[1] == 0


def test_confusion_is_the_mean_over_seeds() -> None:
    (one, truth), (other, _) = made(4, 1, False), made(4, 2, False)
    matrices = [confusion_matrix(truth, scores.argmax(1), labels=range(4)) for scores in (one, other)]
    assert np.allclose(confusion_counts([one, other], truth), np.mean(matrices, axis=0))
