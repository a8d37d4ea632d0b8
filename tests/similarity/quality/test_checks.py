"""The checks of matrices, valid and faulty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from udt.similarity.matrices import Matrix, SimilaritySet, StoredMatrices
from udt.similarity.quality.checks import check_matrix, check_stored

LABELS = ("a", "b", "c")


def matrix(ab: float, ac: float, bc: float) -> Matrix:
    return np.array([[1, ab, ac], [ab, 1, bc], [ac, bc, 1]], dtype=np.float32)


def test_properties_of_a_valid_matrix() -> None:
    found = check_matrix("k", LABELS, matrix(0.5, 0.25, 0.5))
    assert not found.faults and found.labels == 3
    assert (found.lowest, found.highest) == (0.25, 0.5)
    assert found.triangles is not None and found.triangles.triples == 3 and found.triangles.broken == 0
    assert found.smallest_eigenvalue == pytest.approx(np.linalg.eigvalsh(matrix(0.5, 0.25, 0.5))[0], abs=1e-6)
    assert found.positive_semidefinite


def test_a_matrix_that_is_no_kernel() -> None:
    found = check_matrix("k", LABELS, matrix(1, 0, 1))
    assert not found.faults, "only reported"
    assert found.negative_eigenvalues == 1 and found.positive_semidefinite is False
    assert found.smallest_eigenvalue == pytest.approx(1 - 2**0.5, abs=1e-6)
    assert found.triangles is not None and found.triangles.worst == (0, 1, 2)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ((0, 1, 0.6), "is not symmetric"),
        ((1, 1, 0.5), "its diagonal is not 1 throughout"),
        ((0, 1, np.nan), "holds values that are NaN"),
        ((0, 1, 1.5), "range from 0 to 1.5"),
    ],
)
def test_faults(change: tuple[int, int, float], fault: str) -> None:
    faulty = matrix(0.5, 0, 0)
    faulty[change[:2]] = change[2]
    found = check_matrix("k", LABELS, faulty)
    assert any(fault in one for one in found.faults)
    assert found.triangles is None and found.positive_semidefinite is None


def test_missing_and_surplus_matrices(by_taxonomy: SimilaritySet) -> None:
    assert check_matrix("k", LABELS, None).faults == ("k: the matrix is missing",)
    stored = StoredMatrices(
        Path("x"), {"k": LABELS}, {"k": matrix(0, 0, 0), "l": matrix(0, 0, 0)}, by_taxonomy.provenance
    )
    assert check_stored(stored)["l"].faults == ("l: a matrix without labels",)


def test_a_dimension_without_or_with_one_label() -> None:
    for size in (0, 1):
        found = check_matrix("k", LABELS[:size], np.eye(size, dtype=np.float32))
        assert not found.faults and found.lowest is None and found.positive_semidefinite
