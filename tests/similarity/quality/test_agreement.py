"""Comparison of similarity sets, on planted matrices."""

from __future__ import annotations

import numpy as np
import pytest

from udt.core.errors import DataError
from udt.similarity.matrices import Matrix, SimilaritySet
from udt.similarity.quality.agreement import DifferingPair, agreement, matrix_agreement

LABELS = ("a", "b", "c", "d")


def symmetric(values: list[float]) -> Matrix:
    """The matrix of four labels with the pairs ab, ac, ad, bc, bd, cd."""
    matrix = np.eye(4, dtype=np.float32)
    for (row, column), value in zip(np.stack(np.triu_indices(4, 1), axis=1), values, strict=True):
        matrix[row, column] = matrix[column, row] = value
    return matrix


FIRST = symmetric([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])


def test_equal_orders() -> None:
    found = matrix_agreement(LABELS, FIRST, symmetric([0.2, 0.4, 0.6, 0.7, 0.8, 0.9]), top=2)
    assert found.spearman == found.kendall == 1
    assert found.pairs == 6 and found.mean_difference == pytest.approx(0.25)
    assert [(pair.label, pair.other) for pair in found.differing] == [("a", "d"), ("b", "c")]
    assert found.differing[0].difference == pytest.approx(0.3)


def test_opposite_orders() -> None:
    found = matrix_agreement(LABELS, FIRST, symmetric([0.6, 0.5, 0.4, 0.3, 0.2, 0.1]), top=10)
    assert found.spearman == found.kendall == -1
    assert len(found.differing) == 6


def test_one_planted_difference() -> None:
    second = FIRST.copy()
    second[1, 3] = second[3, 1] = 0.0
    found = matrix_agreement(LABELS, FIRST, second, top=5)
    assert found.differing == (DifferingPair("b", "d", 0.5, 0.0),)
    assert found.kendall == pytest.approx((15 - 2 * 4) / 15)


def test_a_constant_matrix_has_no_order() -> None:
    found = matrix_agreement(LABELS, FIRST, np.eye(4, dtype=np.float32), top=1)
    assert found.spearman is None and found.kendall is None


def test_sets_are_compared_by_common_dimensions(by_taxonomy: SimilaritySet, random_similarity: SimilaritySet) -> None:
    keys = ["shape", "organ"]
    few = SimilaritySet(
        {key: random_similarity.labels[key] for key in keys},
        {key: random_similarity[key] for key in keys},
        random_similarity.provenance,
    )
    found = agreement(by_taxonomy, few)
    assert list(found) == ["organ", "shape"]
    assert found["organ"].pairs == 52 * 51 // 2 and abs(found["organ"].spearman or 1) < 0.2


def test_other_labels_or_none_are_refused(by_taxonomy: SimilaritySet) -> None:
    other = SimilaritySet({"organ": LABELS}, {"organ": FIRST}, by_taxonomy.provenance)
    with pytest.raises(DataError, match="different labels in organ; build both with the same taxonomy"):
        agreement(by_taxonomy, other)
    strange = SimilaritySet({"k": LABELS}, {"k": FIRST}, by_taxonomy.provenance)
    with pytest.raises(DataError, match=r"no dimension in common: body_system, organ.*; and k"):
        agreement(by_taxonomy, strange)
