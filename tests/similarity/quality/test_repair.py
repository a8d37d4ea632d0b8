"""The nearest positive semi-definite matrix, and the checks before and after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.similarity.quality.test_triangle import random_matrix
from udt.similarity.matrices import SimilaritySet
from udt.similarity.quality import repair
from udt.similarity.quality.checks import check_matrix
from udt.similarity.quality.repair import repaired, repaired_set


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 25), st.integers(0, 1000))
def test_a_repaired_matrix_has_all_properties(size: int, seed: int) -> None:
    matrix = random_matrix(size, seed)
    found, change = repaired(matrix)
    assert np.linalg.eigvalsh(found.astype(np.float64))[0] >= -1e-6
    assert np.array_equal(found, found.T) and (found.diagonal() == 1).all()
    assert found.dtype == np.float32 and found.min() >= 0 and found.max() <= 1
    if change is None:
        assert found is matrix
    else:
        assert change.frobenius == pytest.approx(np.linalg.norm(found - matrix), rel=1e-4)
        assert change.largest_change == pytest.approx(np.abs(found - matrix).max(), rel=1e-4)
        assert change.smallest_eigenvalue < 0 <= change.repaired_eigenvalue + 1e-6
    again, none = repaired(found)
    assert again is found and none is None, "a repaired matrix needs no repair"


def test_the_nearest_matrix_of_higham() -> None:
    """The example of Higham 2002: 1 1 0 / 1 1 1 / 0 1 1, whose nearest correlation matrix he prints to four places."""
    matrix = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=np.float32)
    found, change = repaired(matrix)
    expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    assert found == pytest.approx(np.array(expected), abs=1e-4)
    assert change is not None and change.frobenius == pytest.approx(0.5278, abs=1e-4)


def test_nearer_than_shrinking(by_taxonomy: SimilaritySet) -> None:
    """The organs by the taxonomy: mixing in the identity matrix until no eigenvalue is negative changes more."""
    matrix = by_taxonomy["organ"]
    _, change = repaired(matrix)
    smallest = np.linalg.eigvalsh(matrix.astype(np.float64))[0]
    share = -smallest / (1 - smallest)
    shrunk = (1 - share) * matrix + share * np.eye(len(matrix))
    assert change is not None and change.smallest_eigenvalue == pytest.approx(smallest)
    assert change.frobenius < np.linalg.norm(shrunk - matrix) / 2
    for other in (shrunk, *(_random_correlation(len(matrix), seed) for seed in range(5))):
        assert change.frobenius < np.linalg.norm(other - matrix)


def _random_correlation(size: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).random((size, size))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def test_few_steps_are_completed_by_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "STEPS", 1)
    found, change = repaired(random_matrix(20))
    assert change is not None and change.steps == 1 and change.shrinking > 0.001
    assert np.linalg.eigvalsh(found.astype(np.float64))[0] >= -1e-6


def test_a_set_is_repaired_with_its_provenance(by_taxonomy: SimilaritySet) -> None:
    found, repairs = repaired_set(by_taxonomy)
    assert list(repairs) == ["organ"]
    assert found.provenance.parameters["psd"]["organ"]["frobenius"] == repairs["organ"].frobenius
    assert all(found[key] is by_taxonomy[key] for key in found.labels if key != "organ")
    assert check_matrix("organ", found.labels["organ"], found["organ"]).positive_semidefinite
    assert repaired_set(found)[1] == {}


@pytest.mark.parametrize(("size", "steps"), [(52, 200), (500, 160), (1000, 20), (3127, 5)])
def test_a_large_matrix_gets_fewer_projections(size: int, steps: int) -> None:
    assert repair._most_steps(size) == steps
