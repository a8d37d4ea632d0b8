"""How an organ lies in an image: the same anatomy is seen mirrored, moved, nearer or farther, and tilted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from udt.clip.phantom.appearance import Acquisition
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.tissue import rotated

_PIVOT = 0.5  # depth of the point around which an organ is tilted


@dataclass(frozen=True, slots=True)
class Pose:
    """The place of an organ in an image; lengths are fractions of the image height.

    :ivar mirrored: whether left and right are exchanged.
    :ivar shift: horizontal displacement.
    :ivar zoom: factor of all lengths.
    :ivar tilt: angle in degrees, clockwise.
    """

    mirrored: bool
    shift: float
    zoom: float
    tilt: float

    @classmethod
    def draw(cls, acquisition: Acquisition, rng: np.random.Generator) -> Pose:
        """Draw a pose from the ranges of `acquisition`."""
        return cls(
            mirrored=bool(rng.random() < acquisition.mirror),
            shift=acquisition.shift.draw(rng),
            zoom=acquisition.zoom.draw(rng),
            tilt=acquisition.tilt.draw(rng),
        )

    def anatomy(self, grid: Grid) -> Grid:
        """Return the positions of all samples in the organ as it is described, upright and at its usual size."""
        x, y = (grid.x - np.float32(self.shift)) / np.float32(self.zoom), grid.y / np.float32(self.zoom)
        x, y = rotated(x, y - np.float32(_PIVOT), self.tilt)
        depth = grid.depth / np.float32(self.zoom) - np.float32(np.tan(np.radians(self.tilt))) * x
        return replace(grid, x=-x if self.mirrored else x, y=y + np.float32(_PIVOT), depth=depth)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return the position in the image of a position in the organ."""
        angle, down = np.radians(self.tilt), y - _PIVOT
        across = -x if self.mirrored else x
        moved_x = across * np.cos(angle) - down * np.sin(angle)
        moved_y = across * np.sin(angle) + down * np.cos(angle) + _PIVOT
        return float(self.zoom * moved_x + self.shift), float(self.zoom * moved_y)
