"""Rank correlations, against definitions with loops and against SciPy if it is there."""

from __future__ import annotations

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.similarity.quality.ranks import kendall, ranks, spearman

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=25)


def slow_ranks(values: list[int]) -> list[float]:
    return [sum(v < value for v in values) + (values.count(value) + 1) / 2 for value in values]


def slow_kendall(a: list[int], b: list[int]) -> float | None:
    both = [(np.sign(a[i] - a[j]), np.sign(b[i] - b[j])) for i, j in combinations(range(len(a)), 2)]
    of_a, of_b = sum(x != 0 for x, _ in both), sum(y != 0 for _, y in both)
    return float(sum(x * y for x, y in both) / sqrt(of_a * of_b)) if of_a and of_b else None


@given(PAIRS)
def test_agree_with_definitions(pairs: list[tuple[int, int]]) -> None:
    a, b = map(list, zip(*pairs, strict=True))
    assert ranks(np.array(a, dtype=float)).tolist() == slow_ranks(a)
    x, y = np.array(a, dtype=np.float32), np.array(b, dtype=np.float32)
    expected = slow_kendall(a, b)
    assert kendall(x, y) == (None if expected is None else pytest.approx(expected))
    if len(set(a)) > 1 and len(set(b)) > 1:
        correlation = np.corrcoef(slow_ranks(a), slow_ranks(b))[0, 1]
        assert spearman(x, y) == pytest.approx(correlation, abs=1e-12)
    else:
        assert spearman(x, y) is None


def test_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(2)
    a = random.integers(0, 40, 3000) / 40
    b = a + random.integers(0, 30, 3000) / 40
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)
    assert kendall(a, b) == pytest.approx(stats.kendalltau(a, b).statistic)


def test_opposite_and_equal_orders() -> None:
    values = np.arange(10.0)
    assert spearman(values, values) == kendall(values, values) == 1
    assert spearman(values, -values) == kendall(values, -values) == -1


def test_nothing_to_rank() -> None:
    none = np.zeros(0)
    assert spearman(none, none) is None and kendall(none, none) is None
