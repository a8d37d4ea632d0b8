"""The triangle inequality of the distance `1 - S`: no detour over a third label is shorter than the way itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Excess up to which the inequality counts as kept: rounding errors of three float32 numbers."""

_ROWS = 48
"""Rows of a block, so that the block of a few thousand columns stays in the cache of the processor."""


@dataclass(frozen=True, slots=True)
class TriangleCheck:
    """How often and how far the triangle inequality is broken.

    A triple is a pair {a, c} and a third label b; it is broken if `d(a, c) > d(a, b) + d(b, c)`.

    :ivar triples: number of all triples, `n (n - 1) (n - 2) / 2`.
    :ivar broken: number of the broken ones.
    :ivar excess: the largest `d(a, c) - d(a, b) - d(b, c)` of a broken triple; 0 if there is none.
    :ivar worst: indices (a, b, c) of the triple of that excess; None if there is none.
    """

    triples: int
    broken: int
    excess: float
    worst: tuple[int, int, int] | None


def check_triangles(similarity: NDArray[np.floating]) -> TriangleCheck:
    """Check all triples, block by block.

    :param similarity: (n, n), symmetric.
    """
    distance = np.ascontiguousarray(1 - similarity, dtype=np.float32)
    size = len(distance)
    broken, excess, worst = 0, TOLERANCE, None
    for start in range(0, size, _ROWS):
        rows = distance[start : start + _ROWS]
        detour = np.empty_like(rows)
        for middle in range(size):
            np.add(rows[:, middle, None], distance[middle], out=detour)
            np.subtract(rows, detour, out=detour)
            largest = float(detour.max())
            if largest > TOLERANCE:
                broken += int(np.count_nonzero(detour > TOLERANCE))
                if largest > excess:
                    row, column = np.unravel_index(int(detour.argmax()), detour.shape)
                    excess, worst = largest, (start + int(row), middle, int(column))
    triples = size * (size - 1) * (size - 2) // 2 if size > 2 else 0
    return TriangleCheck(triples, broken // 2, excess if worst else 0.0, worst)
