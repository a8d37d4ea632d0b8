"""Find the pixels of a picture or clip that may hold burned-in text, to be blanked.

Three rules, the first by the statements of DICOM, the others by the pixels:

- with ultrasound regions, everything outside them;
- everything outside the field of view, the convex hull of the largest area that is filled with grey;
- lines of letters, which are steep strokes in a row: in a clip anywhere if they do not change, in a still picture
  without regions near the border.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from udt.records.media.packages import media_packages

Plane = NDArray[np.uint8]
Hidden = NDArray[np.bool_]

_BRIGHT = 10  # grey value above which a pixel is not background
_FILLED = 0.5  # share of bright pixels around a pixel of the field of view
_AROUND = 0.05  # side of that neighbourhood, as a share of the shorter side
_STROKE = 3  # width of the strokes of letters at least, in pixels
_LEAST_VIEW = 0.15  # share of the picture that a field of view has at least
_STEP, _STEEP = 30, 120  # difference of grey values across the edge of a letter: in a clip, in a still picture
_STILL = 24  # change of a pixel over a clip that compression may cause
_MOVING = 0.02  # share of pixels that change in a clip at least; below it, a clip is like a still picture
_BORDER = 0.18  # width of the border of a still picture in which letters are looked for, as a share of its side
_GAP = 11  # pixels between letters of one line
_LETTERS = 0.22  # share of steep pixels in a line of letters
_LOWEST, _HIGHEST = 5, 0.3  # height of lines of letters, in pixels and as a share of the height of the picture
_MARGIN = 4  # pixels around a line of letters
_SAMPLED = 32  # frames of a clip that are compared


class PixelBox(NamedTuple):
    """A box of pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PixelMask:
    """The pixels of a file that are blanked.

    :ivar hidden: True for these, shape (height, width).
    :ivar rules: the rules that apply: `regions`, `view`, `letters`.
    :ivar view_found: whether the field of view is known; if not, only letters are found, and a person should look.
    """

    hidden: Hidden
    rules: tuple[str, ...]
    view_found: bool

    def boxes(self, frames: Sequence[Plane]) -> list[PixelBox]:
        """Return the boxes of what is blanked and was not black, in reading order."""
        from scipy.ndimage import binary_dilation, find_objects, label

        seen = self.hidden & (np.max(frames, axis=0) > _BRIGHT)
        parts, _ = label(binary_dilation(seen, np.ones((3, _GAP))))
        return [PixelBox(x.start, y.start, x.stop - x.start, y.stop - y.start) for y, x in find_objects(parts)]

    def picture(self, first: Image.Image) -> Image.Image:
        """Return the first frame with the blanked pixels in red, which shows none of what was there."""
        pixels = np.array(first.convert("RGB"))
        pixels[self.hidden] = (140, 20, 20)
        return Image.fromarray(pixels)


def sampled(images: Iterable[Image.Image]) -> list[Plane]:
    """Return at most 32 frames of a clip as grey values, spread evenly over it."""
    kept: list[Plane] = []
    stride = 1
    for index, image in enumerate(images):
        if index % stride:
            continue
        kept.append(np.asarray(image.convert("L")))
        if len(kept) > _SAMPLED:
            kept, stride = kept[::2], 2 * stride
    return kept


def find_mask(frames: Sequence[Plane], regions: Sequence[PixelBox] = ()) -> PixelMask:
    """Return the pixels that may hold burned-in text.

    :param frames: grey values, of one size.
    :param regions: the ultrasound regions that the file states.
    """
    with media_packages("finding burned-in text"):
        import scipy.ndimage  # noqa: F401
    shape = frames[0].shape
    outside = np.zeros(shape, dtype=bool)
    view = _view(np.max(frames, axis=0))
    if regions:
        outside = ~_inside(regions, shape)
    elif view is not None:
        outside = ~view
    letters = _letters(frames, in_stills=not regions)
    rules = {
        "regions": bool(regions),
        "view": not regions and view is not None,
        "letters": bool((letters & ~outside).any()),
    }
    named = tuple(name for name, applies in rules.items() if applies)
    return PixelMask(outside | letters, named, bool(regions) or view is not None)


def _inside(regions: Sequence[PixelBox], shape: tuple[int, ...]) -> Hidden:
    inside = np.zeros(shape, dtype=bool)
    for left, top, width, height in regions:
        inside[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = True
    return inside


def _view(brightest: Plane) -> Hidden | None:
    """Return the field of view; None if no area is large enough."""
    from scipy.ndimage import grey_opening, label, minimum_filter, uniform_filter

    side = max(5, round(_AROUND * min(brightest.shape)))
    solid = minimum_filter(brightest, _STROKE) > _BRIGHT  # strokes of letters are not
    filled = uniform_filter(solid.astype(np.float32), side, mode="nearest") > _FILLED
    # An opening by a square in separable passes: the time of a binary one grows with the area of the square.
    padded = np.pad(filled, side, mode="edge").astype(np.uint8)
    opened = grey_opening(padded, (side // 2, side // 2), mode="constant")[side:-side, side:-side]
    parts, count = label(opened)
    if not count:
        return None
    sizes = np.bincount(parts.ravel())[1:]
    if sizes.max() < _LEAST_VIEW * brightest.size:
        return None
    return _hull(parts == 1 + int(sizes.argmax()))


def _hull(area: Hidden) -> Hidden:
    """Return the convex hull of an area."""
    from scipy.spatial import ConvexHull, QhullError

    rows = np.flatnonzero(area.any(axis=1))
    ends = [(x, y) for y in rows for x in np.flatnonzero(area[y])[[0, -1]]]
    try:
        corners = [ends[place] for place in ConvexHull(np.array(ends)).vertices]
    except QhullError:  # a line
        return area
    picture = Image.new("1", (area.shape[1], area.shape[0]))
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in corners], fill=1, outline=1)
    return np.array(picture, dtype=bool) | area


def _letters(frames: Sequence[Plane], *, in_stills: bool) -> Hidden:
    """Return the boxes of lines of letters.

    :param in_stills: whether letters are looked for in a still picture, too.
    """
    low, high = np.min(frames, axis=0).astype(np.int16), np.max(frames, axis=0).astype(np.int16)
    moving = high - low > _STILL
    mean = np.mean(frames, axis=0)
    if len(frames) > 1 and moving.mean() > _MOVING:
        return _lines(_steep(mean, _STEP) & ~moving)
    return _lines(_steep(mean, _STEEP) & _border(mean.shape)) if in_stills else np.zeros(mean.shape, dtype=bool)


def _border(shape: tuple[int, ...]) -> Hidden:
    border = np.ones(shape, dtype=bool)
    tall, wide = (round(_BORDER * side) for side in shape)
    border[tall : shape[0] - tall, wide : shape[1] - wide] = False
    return border


def _steep(grey: NDArray[np.floating], step: int) -> Hidden:
    """Return the pixels that are much brighter or darker than a neighbour."""
    across, down = np.abs(np.diff(grey, axis=1)) > step, np.abs(np.diff(grey, axis=0)) > step
    steep = np.zeros(grey.shape, dtype=bool)
    steep[:, 1:] |= across
    steep[:, :-1] |= across
    steep[1:] |= down
    steep[:-1] |= down
    return steep


def _lines(steep: Hidden) -> Hidden:
    """Return the boxes around rows of steep pixels that have the size and the density of a line of letters."""
    from scipy.ndimage import binary_closing, find_objects, label

    found = np.zeros_like(steep)
    joined = binary_closing(np.pad(steep, _GAP), np.ones((3, _GAP)))[_GAP:-_GAP, _GAP:-_GAP]
    parts, _ = label(joined, np.ones((3, 3)))
    highest = max(_LOWEST + 1, _HIGHEST * steep.shape[0])
    for y, x in find_objects(parts):
        height, width = y.stop - y.start, x.stop - x.start
        if _LOWEST <= height <= highest and width >= height and steep[y, x].mean() >= _LETTERS:
            top, left = max(0, y.start - _MARGIN), max(0, x.start - _MARGIN)
            found[top : y.stop + _MARGIN, left : x.stop + _MARGIN] = True
    return found
