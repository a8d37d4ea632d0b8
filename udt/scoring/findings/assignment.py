"""One-to-one assignment of the greatest total weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_assignment(weights: NDArray[np.float64]) -> dict[int, int]:
    """Return row to column of the one-to-one assignment with the greatest total weight; pairs of weight 0 are left out.

    Rows are added in their order, each by a shortest augmenting path over reduced costs (Kuhn and Munkres, with
    potentials), in O(n³); among equal columns the first is taken, so that the result is always the same.

    :param weights: shape (rows, columns), each weight at least 0.

    >>> best_assignment(np.array([[1.0, 0.9], [0.8, 0.1]]))
    {0: 1, 1: 0}
    """
    rows, columns = weights.shape
    if not rows or not columns:
        return {}
    size = max(rows, columns)
    costs = np.zeros((size, size))
    costs[:rows, :columns] = -weights
    row_of = _assigned(costs)
    pairs = ((row, column) for column, row in enumerate(row_of[:columns].tolist()) if row < rows)
    return dict(sorted((row, column) for row, column in pairs if weights[row, column] > 0))


def _assigned(costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row of each column of the cheapest assignment of a square matrix."""
    size = len(costs)
    row_potential, column_potential = np.zeros(size), np.zeros(size)
    row_of = np.full(size, -1)
    for start in range(size):
        distance, previous = np.full(size, np.inf), np.full(size, -1)
        visited = np.zeros(size, dtype=bool)
        row, column = start, -1
        while row >= 0:
            reduced = costs[row] - row_potential[row] - column_potential
            closer = ~visited & (reduced < distance)
            distance[closer] = reduced[closer]
            previous[closer] = column
            nearest = int(np.argmin(np.where(visited, np.inf, distance)))
            step = distance[nearest]
            row_potential[start] += step
            row_potential[row_of[visited]] += step
            column_potential[visited] -= step
            distance[~visited] -= step
            column = nearest
            visited[column] = True
            row = int(row_of[column])
        while column >= 0:
            before = int(previous[column])
            row_of[column] = row_of[before] if before >= 0 else start
            column = before
    return row_of
