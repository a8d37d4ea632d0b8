"""The assignment of the greatest weight, compared with all assignments."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from udt.scoring.findings.assignment import best_assignment


def greatest_weight(weights: NDArray[np.float64]) -> float:
    """Return the greatest total weight over all one-to-one assignments."""
    rows, columns = weights.shape
    if rows > columns:
        return greatest_weight(weights.T)
    return max(float(sum(weights[range(rows), chosen])) for chosen in permutations(range(columns), rows))


@pytest.mark.parametrize("seed", range(60))
def test_no_assignment_weighs_more(seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows, columns = generator.integers(1, 7, size=2)
    weights = generator.integers(0, 5, size=(rows, columns)) * generator.choice([0.1, 1.0])
    pairs = best_assignment(weights)
    assert len(set(pairs.values())) == len(pairs)
    assert all(weights[row, column] > 0 for row, column in pairs.items())
    assert sum(weights[row, column] for row, column in pairs.items()) == pytest.approx(greatest_weight(weights))


def test_the_first_of_equal_columns_is_taken() -> None:
    assert best_assignment(np.ones((2, 3))) == {0: 0, 1: 1}


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign(shape: tuple[int, int]) -> None:
    assert best_assignment(np.zeros(shape)) == {}
