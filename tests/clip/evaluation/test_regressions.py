"""The regressions against scikit-learn, closed forms, and data that they can and cannot explain."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from udt.clip.evaluation.logistic import LogisticRegression, Standardisation, held_out
from udt.clip.evaluation.ridge import RidgeRegression
from udt.core.errors import DataError


def _made(samples: int, features: int, labels: int, noise: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(samples, features)) * generator.uniform(0.1, 10, features) + 5
    scores = (rows - 5) @ generator.normal(size=(features, labels)) + noise * generator.gumbel(size=(samples, labels))
    return rows, np.eye(labels, dtype=bool)[scores.argmax(1)]


def _names(count: int) -> list[str]:
    return [str(n) for n in range(count)]


@pytest.mark.parametrize(("samples", "features"), [(120, 6), (40, 90)], ids=["more samples", "more features"])
def test_equals_scikit_learn(samples: int, features: int) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    rows, truth = _made(samples, features, 3, noise=20)
    standardise = Standardisation.of(rows)
    own = LogisticRegression.fit(standardise(rows), truth, _names(samples), penalties=(0.1,))
    scaled = (rows - rows.mean(0)) / rows.std(0)
    theirs = linear_model.LogisticRegression(C=1 / (0.1 * samples), max_iter=5000, tol=1e-8)
    expected = theirs.fit(scaled, truth.argmax(1)).predict_proba(scaled)
    np.testing.assert_allclose(np.exp(own(standardise(rows))), expected, atol=2e-3)


def test_the_penalty_follows_the_noise() -> None:
    rows, truth = _made(200, 30, 2, noise=0.01)
    inputs = Standardisation.of(rows)(rows)
    shuffled = np.random.default_rng(1).permutation(truth)
    clear, noisy = (LogisticRegression.fit(inputs, labels, _names(200)).penalty for labels in (truth, shuffled))
    assert clear < noisy


def test_new_samples_are_predicted() -> None:
    rows, truth = _made(300, 5, 3, noise=0.1)
    standardise = Standardisation.of(rows[:200])
    fitted = LogisticRegression.fit(standardise(rows[:200]), truth[:200], _names(200))
    assert (fitted(standardise(rows[200:])).argmax(1) == truth[200:].argmax(1)).mean() > 0.85


def test_several_labels_share_the_probability() -> None:
    inputs = torch.zeros(50, 1, dtype=torch.float64)
    truth = np.array([[True, True, False]] * 50)
    found = np.exp(LogisticRegression.fit(inputs, truth, _names(50))(inputs[:1]))[0]
    assert found == pytest.approx([0.5, 0.5, 0], abs=1e-3)


def test_samples_without_a_label_are_left_out() -> None:
    rows, truth = _made(60, 4, 2, noise=5)
    empty = np.concatenate([truth, np.zeros((20, 2), dtype=bool)])
    inputs = Standardisation.of(rows)(rows)
    more = torch.cat([inputs, torch.full((20, inputs.shape[1]), 9.0, dtype=torch.float64)])
    one, other = (LogisticRegression.fit(i, t, _names(len(t))) for i, t in ((inputs, truth), (more, empty)))
    torch.testing.assert_close(one.weights, other.weights)
    with pytest.raises(DataError, match="no sample of the training split has any"):
        LogisticRegression.fit(inputs, np.zeros((60, 2), dtype=bool), _names(60))


def test_cases_are_held_out_as_a_whole() -> None:
    cases = [f"c{n % 10}" for n in range(50)]
    held = held_out(cases, 0)
    assert {case for case, one in zip(cases, held, strict=True) if one}.isdisjoint(
        case for case, one in zip(cases, held, strict=True) if not one
    )
    assert held.sum() == 10


def test_a_constant_feature_becomes_0() -> None:
    rows = np.array([[1.0, 7], [3, 7], [5, 7]])
    found = Standardisation.of(rows)(rows).numpy()
    assert found[:, 1].tolist() == [0, 0, 0] and found[:, 0].std() == pytest.approx(1)


def test_ridge_equals_the_normal_equations() -> None:
    generator = np.random.default_rng(2)
    inputs = torch.from_numpy(generator.normal(size=(50, 4)))
    targets = torch.from_numpy(generator.normal(size=(50, 3)))
    found = RidgeRegression.fit(inputs, targets, _names(50), penalties=(0.3,))
    # The same penalty as further samples: one for each feature, with a target of 0.
    centred, offset = inputs - inputs.mean(0), targets.mean(0)
    longer = torch.cat([centred, (0.3 * 50) ** 0.5 * torch.eye(4, dtype=torch.float64)])
    expected = torch.linalg.lstsq(longer, torch.cat([targets - offset, torch.zeros(4, 3, dtype=torch.float64)]))
    torch.testing.assert_close(found.weights, expected.solution)
    predicted = torch.nn.functional.normalize(centred @ found.weights, dim=1).float()
    torch.testing.assert_close(found(inputs), predicted)
    torch.testing.assert_close(found.centred(targets).norm(dim=1), torch.ones(50))
