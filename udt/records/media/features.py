"""Features of a picture that distinguish ultrasound from CT, photos, charts and pages of text.

All are computed from a copy of at most 256 pixels a side, and none depends on the size of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.records.media.packages import media_packages

if TYPE_CHECKING:
    from collections.abc import Mapping

Plane = NDArray[np.float64]

_SIDE = 256
_WINDOW = 7  # pixels: some speckles, and less than most structures
_DARK, _WHITE = 0.06, 0.94
_EDGE = 0.35  # difference of grey values of neighbours at drawn lines and letters
_TISSUE = 0.08  # grey value above which speckle is measured
_CORNER = 0.14  # side of a corner, as a share of the picture
_RINGS = 24


def picture_features(image: Image.Image) -> dict[str, float]:
    """Return the features of a picture by name.

    :param image: RGB.
    :raises DataError: if SciPy is not installed.
    """
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    colours = np.asarray(small, dtype=np.float64) / 255
    grey = colours @ np.array([0.299, 0.587, 0.114])
    return {**_levels(grey), **_colour(colours), **_speckle(grey), **_geometry(grey), **_edges(grey)}


def _levels(grey: Plane) -> Mapping[str, float]:
    """Describe the histogram: shares of black and white, the mean of the rest, its spread, and its entropy."""
    counts = np.histogram(grey, 32, (0, 1))[0] / grey.size
    filled = counts[counts > 0]
    rest = grey[grey > _DARK]
    return {
        "dark": float((grey < _DARK).mean()),
        "white": float((grey > _WHITE).mean()),
        "mean": float(rest.mean()) if rest.size else 0.0,
        "spread": float(rest.std()) if rest.size else 0.0,
        "entropy": float(-(filled * np.log2(filled)).sum() / 5),
        "peak": float(np.sort(counts)[-2:].sum()),
    }


def _colour(colours: Plane) -> Mapping[str, float]:
    """Describe the saturation: Doppler covers a small share of a picture, and the rest is grey."""
    chroma = colours.max(axis=-1) - colours.min(axis=-1)
    return {"colourful": float((chroma > 0.15).mean()), "chroma": float(chroma.mean())}


def _speckle(grey: Plane) -> Mapping[str, float]:
    """Describe the texture of tissue: local deviation over local mean, its spread, and the grain along both axes.

    Speckle is multiplicative: its deviation grows with the mean, and after log compression it stays of one order over
    the picture; noise of CT does not depend on the mean, and drawn areas have none.
    """
    mean, deviation = _local(grey)
    tissue = mean > _TISSUE
    if tissue.sum() < 100:
        return dict.fromkeys(("contrast", "contrast_low", "contrast_high", "flat", "grain_x", "grain_y", "mixed"), 0.0)
    ratio = deviation[tissue] / mean[tissue]
    low, middle, high = np.percentile(ratio, (10, 50, 90))
    levels = _correlation(mean[tissue], deviation[tissue])
    return {
        "contrast": float(middle),
        "contrast_low": float(low),
        "contrast_high": float(min(high, 3.0)),
        "flat": float((deviation[tissue] < 0.008).mean()),
        "grain_x": _grain(grey, tissue, 1),
        "grain_y": _grain(grey, tissue, 0),
        "mixed": levels,
    }


def _local(grey: Plane) -> tuple[Plane, Plane]:
    """Return mean and standard deviation in a window around each pixel."""
    with media_packages("the ultrasound filter"):
        from scipy.ndimage import uniform_filter

    mean = uniform_filter(grey, _WINDOW)
    square = uniform_filter(grey * grey, _WINDOW)
    return mean, np.sqrt(np.maximum(square - mean * mean, 0))


def _grain(grey: Plane, tissue: NDArray[np.bool_], axis: int) -> float:
    """Return the correlation of the fine texture of tissue with itself, moved by two pixels along an axis."""
    fine = (grey - _local(grey)[0]) * tissue
    moved = np.roll(fine, 2, axis=axis)
    power = float((fine * fine).sum())
    return float((fine * moved).sum()) / power if power > 0 else 0.0


def _correlation(one: Plane, other: Plane) -> float:
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _geometry(grey: Plane) -> Mapping[str, float]:
    """Describe the field of view: black corners, its fill, and the fall of brightness from its top to its bottom.

    A fan leaves the corners black and the middle filled, a CT body is a closed ring around the centre, and a page is
    white to its border.
    """
    height, width = grey.shape
    tall, wide = max(1, round(_CORNER * height)), max(1, round(_CORNER * width))
    corners = [grey[:tall, :wide], grey[:tall, -wide:], grey[-tall:, :wide], grey[-tall:, -wide:]]
    dark = sorted(float((corner < _DARK).mean()) for corner in corners)
    thirds = [float(part.mean()) for part in np.array_split(grey, 3, axis=0)]
    middle = grey[:, width // 3 : max(width // 3 + 1, 2 * width // 3)]
    return {
        "corners": float(np.mean(dark)),
        "corners_least": dark[0],
        "middle": float((middle > _DARK).mean()),
        "falling": thirds[0] - thirds[2],
        "mirror": _correlation(grey.ravel(), grey[:, ::-1].ravel()),
        "rings": _rings(grey),
    }


def _rings(grey: Plane) -> float:
    """Return the share of the variance that the distance from the centre explains: much in a section of a body."""
    y, x = np.indices(grey.shape, dtype=np.float64)
    height, width = grey.shape
    radius = np.hypot((y - height / 2) / height, (x - width / 2) / width)
    ring = np.minimum((radius * _RINGS / 0.72).astype(int), _RINGS - 1).ravel()
    counts = np.bincount(ring, minlength=_RINGS)
    sums = np.bincount(ring, grey.ravel(), minlength=_RINGS)
    means = sums / np.maximum(counts, 1)
    total = float(grey.var())
    return float(np.average((means - grey.mean()) ** 2, weights=counts)) / total if total > 1e-9 else 0.0


def _edges(grey: Plane) -> Mapping[str, float]:
    """Describe steep edges, as of letters and lines, and straight ones along rows and columns."""
    across, down = np.abs(np.diff(grey, axis=1)), np.abs(np.diff(grey, axis=0))
    return {
        "steep": float((across > _EDGE).mean() + (down > _EDGE).mean()),
        "gentle": float((across < 0.004).mean()),
        "straight": float(max((across > 0.1).mean(axis=0).max(initial=0), (down > 0.1).mean(axis=1).max(initial=0))),
    }
