"""Smooth functions: random noise for patches and waves, steps, and Gaussian filters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]

_CELLS = 32


class Noise:
    """A smooth random function of the plane: Gaussian values on a lattice, interpolated with smooth steps."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._lattice = rng.standard_normal((_CELLS, _CELLS), dtype=np.float32)

    def __call__(self, x: Map, y: Map, cell: float) -> Map:
        """Return the value at each position: mean 0, standard deviation about 0.7, periodic with 32 cells.

        :param cell: side of a cell of the lattice, in units of `x` and `y`.
        """
        column, row = x / np.float32(cell), y / np.float32(cell)
        left, top = np.floor(column), np.floor(row)
        right, down = _step(column - left), _step(row - top)
        i, j = top.astype(np.int32) % _CELLS, left.astype(np.int32) % _CELLS
        below, beside = (i + 1) % _CELLS, (j + 1) % _CELLS
        upper = self._lattice[i, j] * (1 - right) + self._lattice[i, beside] * right
        lower = self._lattice[below, j] * (1 - right) + self._lattice[below, beside] * right
        return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)


def smoothstep(value: Map, low: float | np.float32, high: float | np.float32) -> Map:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between them."""
    return _step(np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1))


def gaussian_rows(size: int, width: float) -> Map:
    """Return the matrix that filters a signal with a Gaussian, which is cut off at the ends of the signal.

    :param size: number of samples.
    :param width: standard deviation in samples, above 0.
    :returns: (size, size), each row with the sum 1.
    """
    steps = np.arange(size, dtype=np.float32)
    weights = np.exp(-0.5 * ((steps[:, None] - steps) / np.float32(width)) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _step(fraction: Map) -> Map:
    return np.asarray(fraction * fraction * (3 - 2 * fraction), dtype=np.float32)
