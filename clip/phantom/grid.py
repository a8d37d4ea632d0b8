"""The geometry of the beams of a probe, and the conversion of their samples to the pixels of an image.

Everything is simulated along the beams, as in a scanner: shadows follow the beams, and speckle widens across them.
Positions are in units of the image height: `x` from the centre to the right, `y` from the top downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError

Map = NDArray[np.float32]
Frame = Literal["linear", "sector"]

_RADIUS = 0.5  # radius of a curved probe
_HALF_ANGLE = np.radians(36)
_SMALLEST, _LARGEST = 32, 2048


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The positions of the samples of all beams.

    :ivar size: width and height of the image, in pixels.
    :ivar x: (depths, beams) horizontal position of each sample.
    :ivar y: (depths, beams) vertical position of each sample.
    :ivar depth: (depths, beams) distance of each sample from the probe.
    """

    frame: Frame
    size: tuple[int, int]
    x: Map
    y: Map
    depth: Map

    @classmethod
    def of(cls, frame: Frame, size: int | tuple[int, int]) -> Grid:
        """Create the grid of a probe with parallel beams (`linear`) or with beams that diverge (`sector`).

        :param size: size of the image in pixels: the side of a square, or width and height.
        :raises DataError: if the frame is neither, or a side is below 32 or above 2048 pixels.
        """
        if frame not in get_args(Frame):
            raise DataError(f"a phantom has no frame '{frame}'; allowed: {', '.join(get_args(Frame))}")
        width, height = (size, size) if isinstance(size, int) else size
        if not all(_SMALLEST <= side <= _LARGEST for side in (width, height)):
            raise DataError(f"a phantom of {width} × {height} pixels; a side has {_SMALLEST} to {_LARGEST} pixels")
        depth = _row_centres(height)
        if frame == "linear":
            x = np.repeat(_column_centres(width, height)[None], height, axis=0)
            y = np.repeat(depth, width, axis=1)
            return cls(frame, (width, height), x, y, y)
        angle = np.linspace(-_HALF_ANGLE, _HALF_ANGLE, width, dtype=np.float32)
        radius = np.float32(_RADIUS) + depth
        sin, cos = (np.asarray(part, dtype=np.float32) for part in (np.sin(angle), np.cos(angle)))
        x, y = radius * sin, radius * cos - np.float32(_RADIUS * np.cos(_HALF_ANGLE))
        return cls(frame, (width, height), x, y, np.repeat(depth, width, axis=1))

    @property
    def spacing(self) -> Map:
        """(depths,) distance between neighbouring beams at each depth."""
        return np.asarray(np.hypot(self.x[:, 1] - self.x[:, 0], self.y[:, 1] - self.y[:, 0]), dtype=np.float32)

    def image(self, samples: Map) -> Map:
        """Convert samples to an image by bilinear interpolation; pixels outside the beams are 0.

        :param samples: (depths, beams).
        :returns: (height, width).
        """
        if self.frame == "linear":
            return samples
        row, column = self._sample_positions()
        depths, beams = samples.shape
        top, left = row.astype(np.int32), column.astype(np.int32)
        inside = (row >= 0) & (row < depths - 1) & (column >= 0) & (column < beams - 1)
        top, left = np.where(inside, top, 0), np.where(inside, left, 0)
        down, right, corner = row - top, column - left, top * beams + left
        flat = samples.ravel()
        upper = flat[corner] * (1 - right) + flat[corner + 1] * right
        lower = flat[corner + beams] * (1 - right) + flat[corner + beams + 1] * right
        return np.where(inside, upper * (1 - down) + lower * down, 0).astype(np.float32, copy=False)

    def _sample_positions(self) -> tuple[Map, Map]:
        """Return the row and the column, in samples, of each pixel of the image."""
        width, height = self.size
        y = _row_centres(height) + np.float32(_RADIUS * np.cos(_HALF_ANGLE))
        x = _column_centres(width, height)[None]
        row = (np.hypot(x, y) - np.float32(_RADIUS)) * height - 0.5
        step = np.float32(2 * _HALF_ANGLE / (width - 1))
        return row, (np.arctan2(x, y) + np.float32(_HALF_ANGLE)) / step


def _row_centres(height: int) -> Map:
    """Return the vertical centre of each row, (height, 1)."""
    return ((np.arange(height, dtype=np.float32) + np.float32(0.5)) / np.float32(height))[:, None]


def _column_centres(width: int, height: int) -> Map:
    """Return the horizontal centre of each column, (width,)."""
    return (np.arange(width, dtype=np.float32) + np.float32(0.5 - width / 2)) / np.float32(height)
