"""Gutters: the uniform lines between the panels of a figure, along one axis of a region of it.

A gutter crosses the whole region. One that is light or grey, or dark with a bright panel right beside it, divides a
figure for certain. A dark one that fades into dark panels, as between the two halves of a split screen, and a seam
without any gutter, are weak: they count only if the caption has as many parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

# Grey levels from 0 to 255.
_DARK: Final = 40.0  # mean of a dark line at most
_SPREAD: Final = 16.0  # standard deviation within a uniform line at most
_CONTRAST: Final = 18.0  # difference of the means of neighbouring lines of two gutters at least
_STEP: Final = 14.0  # difference that is no noise or trace of JPEG
# Shares.
_UNLIKE: Final = 0.36  # deviation within a uniform line / the median of all lines, at most
_FRAMED: Final = 0.5  # part of a gutter with something of another brightness right beside it
_RIDGE: Final = 0.8  # part of a thin line with something darker on both sides, or brighter on both
_WIDEST: Final = 0.34  # width of a gutter / that of the region
_NARROW: Final = 0.07  # width of a dark gutter that is certain / that of the region; a wide one may be a vessel
_SEAM: Final = 3.0  # step at a seam / the median of all steps at its place along the line
_LEAST_STEP: Final = 4.0  # grey levels of a step beyond that
_ALONG: Final = 0.3  # part of a seam with such a step
_OUTSTANDING: Final = 2.0  # that part / the part of nearly all lines
_MOST: Final = 0.95  # nearly all lines
_THIN: Final = 3  # pixels of a line that may as well be a transition between two layers of tissue
_NEAR: Final = 4  # pixels beside a gutter that its edge may be blurred over


class Gutter(NamedTuple):
    """A gutter: its first and exclusive last line, whether it divides a figure for certain, and whether it is dark."""

    start: int
    end: int
    sure: bool
    dark: bool


@dataclass(frozen=True, slots=True)
class LineStatistics:
    """Statistics of the lines of a region along one axis.

    :ivar lines: the region with its lines in the first axis.
    :ivar uniform: whether each line is uniform.
    """

    lines: Grey
    mean: NDArray[np.float32]
    uniform: NDArray[np.bool_]

    @classmethod
    def of(cls, region: Grey, axis: int) -> LineStatistics:
        """Compute the statistics of the rows (axis 0) or columns (axis 1) of a region."""
        lines = region if axis == 0 else region.T
        spread = lines.std(axis=1)
        limit = min(_SPREAD, max(1.0, _UNLIKE * float(np.median(spread))))
        return cls(lines, lines.mean(axis=1), spread <= limit)


def find_gutters(region: Grey, axis: int) -> list[Gutter]:
    """Return the gutters across a region, in order, those at its edges included.

    :param axis: 0 for horizontal gutters, which divide rows of panels, 1 for vertical ones.
    """
    statistics = LineStatistics.of(region, axis)
    size = len(statistics.mean)
    gutters = (_gutter(statistics, start, end) for start, end in _runs(statistics))
    return [one for one in gutters if one is not None and (one.end - one.start <= _WIDEST * size)]


def find_seams(region: Grey, axis: int) -> list[Gutter]:
    """Return the lines at which the content of a region changes along much of it, as gutters without width.

    A step counts if it is large for its place along the line; a seam has far more such steps than other lines.
    """
    lines = region if axis == 0 else region.T
    steps = np.abs(np.diff(lines, axis=0))
    if not len(steps):
        return []
    along = (steps > _SEAM * np.median(steps, axis=0) + _LEAST_STEP).mean(axis=1)
    limit = max(_ALONG, _OUTSTANDING * float(np.quantile(along, _MOST)))
    return [Gutter(int(line), int(line), False, False) for line in np.flatnonzero(along > limit) + 1]


def _runs(statistics: LineStatistics) -> Iterator[tuple[int, int]]:
    """Yield the start and end of runs of uniform lines of about the same brightness."""
    start = None
    for line, uniform in enumerate([*statistics.uniform, False]):
        changed = start is not None and (
            not uniform or abs(float(statistics.mean[line] - statistics.mean[line - 1])) > _CONTRAST
        )
        if start is not None and changed:
            yield start, line
            start = None
        if uniform and start is None:
            start = line


def _gutter(statistics: LineStatistics, start: int, end: int) -> Gutter | None:
    """Return a run of uniform lines as a gutter, or None if it does not differ from what is beside it."""
    lines, width = statistics.lines, end - start
    level = float(statistics.mean[start:end].mean())
    sides = [side for side in (_beside(lines, start, -1), _beside(lines, end - 1, 1)) if side is not None]
    if not sides:
        return None
    brighter = min(float((side > level + _STEP).mean()) for side in sides)
    darker = min(float((side < level - _STEP).mean()) for side in sides)
    if level <= _DARK:
        return Gutter(start, end, brighter >= _FRAMED and width <= _NARROW * len(lines), True)
    unlike = min(float((np.abs(side - level) > _STEP).mean()) for side in sides)
    certain = max(brighter, darker) >= _RIDGE if width <= _THIN else unlike >= _FRAMED
    return Gutter(start, end, True, False) if certain else None


def _beside(lines: Grey, line: int, step: int) -> NDArray[np.float32] | None:
    """Return the line a few pixels beside a gutter, beyond the blur of its edge; None at the edge of the region."""
    place = line + step * _NEAR
    return lines[place] if 0 <= place < len(lines) else None
