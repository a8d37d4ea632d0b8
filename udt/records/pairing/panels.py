"""Find the panels of a composite figure by recursive cuts along its gutters (XY-cut)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from PIL import Image as Pillow

from udt.records.pairing.gutters import Grey, Gutter, find_gutters, find_seams

_SMALLEST: Final = 0.14  # side of a panel / that of the figure
_LEAST: Final = 24  # pixels of the side of a panel
_OFF: Final = 0.15  # distance of a weak gutter from its place between equal parts / the size of a part
_MOST_PARTS: Final = 4  # that weak gutters divide a region into at once
_MARGIN: Final = 2  # widest dark margin / the widest dark gutter
_CROSSING: Final = 0.15  # part of a box that may lie beyond the line between two rows
_DEEPEST: Final = 6  # nested cuts


class PanelBox(NamedTuple):
    """A rectangle in an image, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PanelLayout:
    """Panels of a figure in reading order, and whether all their gutters are certain."""

    boxes: tuple[PanelBox, ...]
    sure: bool


def find_layouts(image: Pillow.Image) -> Iterator[PanelLayout]:
    """Yield the possible layouts of a figure, the one to prefer first.

    The first has only gutters that are certain, and is a single box for an image that is no figure. Others have weak
    gutters and then seams as well, if there are any; they are looked for only if they are asked for.
    """
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    whole = PanelBox(0, 0, grey.shape[1], grey.shape[0])
    found: list[tuple[PanelBox, ...]] = []
    for level in range(3):
        boxes = tuple(reading_order(list(_Cutter(grey, level).cut(whole)))) or (whole,)
        if not found or (len(boxes) > 1 and boxes not in found):
            found.append(boxes)
            yield PanelLayout(boxes, level == 0)


def reading_order(boxes: Sequence[PanelBox]) -> list[PanelBox]:
    """Return boxes row by row, and within a row from left to right.

    Boxes that a horizontal line divides are rows, whichever gutters were found first; else, those that a vertical line
    divides are columns: a large panel comes before the two that are above one another beside it.
    """
    for start, size in ((1, 3), (0, 2)):
        groups = _divided(boxes, start, size)
        if len(groups) > 1:
            return [box for group in groups for box in reading_order(group)]
    return sorted(boxes, key=lambda box: (box.top, box.left))


def _divided(boxes: Sequence[PanelBox], start: int, size: int) -> list[list[PanelBox]]:
    """Divide boxes by lines that no box crosses by more than a small part of it, in order along one axis.

    :param start: index of the start of a box along the axis, with that of its size in `size`.
    """
    groups: list[list[PanelBox]] = []
    end = 0.0
    for box in sorted(boxes, key=lambda box: box[start]):
        slack = _CROSSING * box[size]
        if not groups or box[start] + slack >= end:
            groups.append([])
        groups[-1].append(box)
        end = max(end, box[start] + box[size])
    return groups


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts a figure.

    :ivar level: 0 to cut at certain gutters alone, 1 at weak ones too, 2 also at seams.
    """

    grey: Grey
    level: int

    def cut(self, box: PanelBox, depth: int = 0, dark: int = 0) -> Iterator[PanelBox]:
        """Yield the panels in a box; none if it is too small for one.

        :param dark: widest dark margin of a panel that belongs to the gutters of the figure, in pixels.
        """
        box = self._trimmed(box, dark)
        if not self._is_panel(box):
            return
        parts, width = self._parts(box) if depth < _DEEPEST else ([], 0)
        if len(parts) < 2:
            yield box
            return
        for part in parts:
            yield from self.cut(part, depth + 1, max(dark, width))

    def _region(self, box: PanelBox) -> Grey:
        return self.grey[box.top : box.top + box.height, box.left : box.left + box.width]

    def _trimmed(self, box: PanelBox, dark: int = 0) -> PanelBox:
        """Cut off certain gutters at the edges of a box, again and again: a margin, a frame line, a margin.

        A dark edge may belong to the image; only what is as narrow as the dark gutters of the figure is cut off.
        """
        while min(box.width, box.height) > 1:
            region = self._region(box)
            low, high = dict.fromkeys((0, 1), 0), dict(enumerate(region.shape))
            for axis in (0, 1):
                for gutter in find_gutters(region, axis):
                    if not gutter.sure or (gutter.dark and gutter.end - gutter.start > dark):
                        continue
                    if gutter.start == 0:
                        low[axis] = gutter.end
                    if gutter.end == region.shape[axis]:
                        high[axis] = gutter.start
            trimmed = PanelBox(box.left + low[1], box.top + low[0], high[1] - low[1], high[0] - low[0])
            if trimmed == box or trimmed.width <= 0 or trimmed.height <= 0:
                return box
            box = trimmed
        return box

    def _is_panel(self, box: PanelBox) -> bool:
        height, width = self.grey.shape
        smallest_width, smallest_height = max(_LEAST, _SMALLEST * width), max(_LEAST, _SMALLEST * height)
        return bool(box.width >= smallest_width and box.height >= smallest_height)

    def _parts(self, box: PanelBox) -> tuple[list[PanelBox], int]:
        """Divide a box at its gutters along one axis: rows before columns, certain gutters before weak ones.

        :returns: the parts, and the widest dark margin that belongs to these gutters.
        """
        region = self._region(box)
        for level in range(self.level + 1):
            for axis in (0, 1):
                size = region.shape[axis]
                gutters = _inner(find_seams(region, axis) if level == 2 else find_gutters(region, axis), size)
                chosen = [one for one in gutters if one.sure] if level == 0 else _even(gutters, size)
                width = max((_MARGIN * (one.end - one.start) for one in chosen if one.dark), default=0)
                parts = [one for one in _between(box, chosen, axis) if self._is_panel(self._trimmed(one, width))]
                if len(parts) > 1:
                    return parts, width
        return [], 0


def _inner(gutters: Sequence[Gutter], size: int) -> list[Gutter]:
    return [one for one in gutters if one.start > 0 and one.end < size]


def _even(gutters: Sequence[Gutter], size: int) -> list[Gutter]:
    """Return the gutters that divide a region into the fewest equal parts, none if there are no such.

    A weak one is cut in its middle, since it may be the margin of a dark panel.
    """
    for count in range(2, _MOST_PARTS + 1):
        places = [size * number / count for number in range(1, count)]
        nearest = [min(gutters, key=lambda one: abs(_middle(one) - place), default=None) for place in places]
        chosen = [one for one in nearest if one is not None]
        off = [abs(_middle(one) - place) for one, place in zip(chosen, places, strict=False)]
        if len(chosen) == len(places) and max(off) <= _OFF * size / count:
            return [one if one.sure else _narrowed(one) for one in chosen]
    return []


def _narrowed(gutter: Gutter) -> Gutter:
    middle = int(_middle(gutter))
    return gutter._replace(start=middle, end=middle)


def _middle(gutter: Gutter) -> float:
    return (gutter.start + gutter.end) / 2


def _between(box: PanelBox, gutters: Sequence[Gutter], axis: int) -> Iterator[PanelBox]:
    """Yield the parts of a box between gutters."""
    size = box.height if axis == 0 else box.width
    starts = [0, *(gutter.end for gutter in gutters)]
    ends = [*(gutter.start for gutter in gutters), size]
    for start, end in zip(starts, ends, strict=True):
        if end > start:
            if axis == 0:
                yield PanelBox(box.left, box.top + start, box.width, end - start)
            else:
                yield PanelBox(box.left + start, box.top, end - start, box.height)
