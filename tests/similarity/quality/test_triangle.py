"""The triangle check, against three nested loops and with a planted violation."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from udt.similarity.quality import triangle
from udt.similarity.quality.triangle import TOLERANCE, TriangleCheck, check_triangles


def random_matrix(size: int, seed: int = 0) -> np.ndarray:
    half = np.triu(np.random.default_rng(seed).random((size, size), dtype=np.float32), 1)
    return half + half.T + np.eye(size, dtype=np.float32)


def by_loops(matrix: np.ndarray) -> TriangleCheck:
    distance = (1 - matrix).astype(np.float64)
    size, broken, excess, worst = len(matrix), 0, 0.0, None
    triples = 0
    for a, c in combinations(range(size), 2):
        for b in set(range(size)) - {a, c}:
            triples += 1
            gap = distance[a, c] - distance[a, b] - distance[b, c]
            broken += gap > TOLERANCE
            if gap > max(excess, TOLERANCE):
                excess, worst = gap, (a, b, c)
    return TriangleCheck(triples, int(broken), excess, worst)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9, 20])
@pytest.mark.parametrize("rows", [4, 48])
def test_agrees_with_loops(size: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triangle, "_ROWS", rows)
    matrix = random_matrix(size, seed=size)
    found, expected = check_triangles(matrix), by_loops(matrix)
    assert (found.triples, found.broken) == (expected.triples, expected.broken)
    assert found.excess == pytest.approx(expected.excess, abs=1e-6)
    if expected.worst is not None and found.worst is not None:
        assert {found.worst[0], found.worst[2]} == {expected.worst[0], expected.worst[2]}
        assert found.worst[1] == expected.worst[1]


def test_finds_a_planted_violation() -> None:
    """Labels 2 and 5 are both close to 7, and have nothing in common."""
    matrix = np.full((10, 10), 0.5, dtype=np.float32)
    np.fill_diagonal(matrix, 1)
    for a, b, value in ((2, 7, 0.9), (5, 7, 0.9), (2, 5, 0.4)):
        matrix[a, b] = matrix[b, a] = value
    found = check_triangles(matrix)
    assert found.broken == 1
    assert found.worst == (2, 7, 5)
    assert found.excess == pytest.approx(0.6 - 0.2, abs=1e-6)


def test_a_metric_breaks_nothing() -> None:
    points = np.random.default_rng(3).random((30, 2))
    distance = np.linalg.norm(points[:, None] - points[None], axis=2) / 2
    assert check_triangles((1 - distance).astype(np.float32)).broken == 0
