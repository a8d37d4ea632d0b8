"""The linear probe: the optimum of its loss, the choice of the penalty, and what it never sees."""

from __future__ import annotations

import numpy as np
import pytest

from udt.clip.transfer.linear_probe import PENALTIES, LinearProbe


def made(classes: int = 3, width: int = 6, count: int = 90, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return rng.normal(size=(count, width)) * 3 + 5 + 2 * np.eye(classes, width)[labels], labels


def log_probabilities(weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    rows = inputs @ weights.T + bias
    return rows - np.log(np.exp(rows).sum(1, keepdims=True))


def test_the_fit_is_the_optimum_of_the_penalised_loss() -> None:
    features, labels = made()
    found = LinearProbe.fit(features, labels, np.arange(60), np.arange(60, 90))
    inputs = found.scale(features[:60])
    weights, bias = found.model.coef_, found.model.intercept_
    assert np.allclose(found(features[:60]), log_probabilities(weights, bias, inputs))
    # The gradient of the loss of the docstring is zero there.
    residual = np.exp(log_probabilities(weights, bias, inputs)) - np.eye(3)[labels[:60]]
    assert np.allclose(residual.T @ inputs / 60 + found.penalty * weights, 0, atol=2e-4)
    assert np.allclose(residual.mean(0), 0, atol=2e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_penalty_has_the_smallest_validation_loss(seed: int) -> None:
    features, labels = made(seed=seed, width=40, count=120)
    train, valid = np.arange(0, 120, 2), np.arange(1, 120, 2)
    found = LinearProbe.fit(features, labels, train, valid)
    own = -found(features[valid])[np.arange(60), labels[valid]].mean()
    assert own == pytest.approx(min(found.losses)) and len(found.losses) == len(PENALTIES)
    assert found.penalty == PENALTIES[int(np.argmin(found.losses))]


def test_no_other_image_is_seen() -> None:
    features, labels = made(count=120)
    train, valid, test = np.arange(60), np.arange(60, 90), np.arange(90, 120)
    other_features, other_labels = features.copy(), labels.copy()
    other_features[test], other_labels[test] = 1e6, 0
    first, second = (
        LinearProbe.fit(x, y, train, valid)(features[test])
        for x, y in ((features, labels), (other_features, other_labels))
    )
    assert np.array_equal(first, second)


def test_more_features_than_images_lose_nothing() -> None:
    features, labels = made(width=200, count=40)
    found = LinearProbe.fit(features, labels, np.arange(20), np.arange(20, 40))
    mean = features[:20].mean(0)
    scale = np.sqrt(((features[:20] - mean) ** 2).mean())
    weights = found.model.coef_ @ found.scale.directions.T * scale  # of the scaled features
    inputs = (features - mean) / scale
    assert np.allclose(found(features), log_probabilities(weights, found.model.intercept_, inputs))
    residual = np.exp(found(features[:20])) - np.eye(3)[labels[:20]]
    assert np.allclose(residual.T @ inputs[:20] / 20 + found.penalty * weights, 0, atol=2e-4)


def test_two_images_and_constant_features_suffice() -> None:
    features = np.array([[0.0, 1.0], [1.0, 1.0], [0.1, 1.0], [0.9, 1.0]])
    found = LinearProbe.fit(features, np.array([0, 1, 0, 1]), np.arange(2), np.arange(2, 4))
    assert found(features).argmax(1).tolist() == [0, 1, 0, 1]
    alike = LinearProbe.fit(np.ones((4, 3)), np.array([0, 1, 0, 1]), np.arange(2), np.arange(2, 4))
    assert np.allclose(alike(np.ones((1, 3))), np.log(0.5))


def test_two_classes_are_like_any_number() -> None:
    features, labels = made(classes=2)
    found = LinearProbe.fit(features, labels, np.arange(60), np.arange(60, 90))(features)
    assert found.shape == (90, 2) and np.allclose(np.exp(found).sum(1), 1)
