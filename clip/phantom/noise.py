"""Smooth random noise for patches, waves and ragged margins."""

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


def _step(fraction: Map) -> Map:
    return np.asarray(fraction * fraction * (3 - 2 * fraction), dtype=np.float32)
