"""Outlines of lesions as signed distances: negative inside, 0 on the border, in radii of a disc of the same area."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Outline
from udt.clip.phantom.tissue import ellipse, turned

Map = NDArray[np.float32]

_TAU = 2 * np.pi
_TABLE = 512  # angles at which an outline is told


def signed_distance(outline: Outline, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """About the distance of each place to an outline around the origin.

    :param x: in radii; `y` likewise.
    """
    aspect, tilt = outline.aspect.draw(rng), outline.tilt.draw(rng)
    x, y = turned(x, y, tilt)
    return _KINDS[outline.kind](outline, x, y, aspect, rng)


def half_length(outline: Outline) -> float:
    """The largest distance of its border from the middle, in radii."""
    if outline.kind in ("lobes", "corners"):
        return 1 + outline.relief / 2
    return float(1 / np.sqrt(outline.aspect.low))


def _ellipse(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    return ellipse(x, y, 1 / np.sqrt(aspect), np.sqrt(aspect))


def _lobes(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Round bulges with sharp notches between them, as circles make that stand side by side."""
    parts = outline.parts.count(rng)
    angle = np.arange(_TABLE) * (_TAU / _TABLE)
    wobble = 0.12 * np.sin(angle + rng.uniform(0, _TAU))
    bulge = np.abs(np.cos(parts * (angle + wobble) / 2))
    return _radial(1 - outline.relief / 2 + outline.relief * bulge, x, y, aspect)


def _corners(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Points and bays at uneven places, joined by straight lines."""
    parts = outline.parts.count(rng)
    places = (np.arange(parts) + rng.uniform(-0.3, 0.3, parts)) * (_TAU / parts)
    reach = 1 + outline.relief * np.where(np.arange(parts) % 2, -1, 1) * rng.uniform(0.25, 1, parts)
    around = np.concatenate([places - _TAU, places, places + _TAU])
    angle = np.arange(_TABLE) * (_TAU / _TABLE)
    return _radial(np.interp(angle, around, np.tile(reach, 3)), x, y, aspect)


def _tube(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """A band of even thickness that winds a little."""
    length, thick = 1 / np.sqrt(aspect), 0.9 * np.sqrt(aspect)
    phase = rng.uniform(0, _TAU)
    winding = y - np.float32(outline.relief) * np.sin(np.float32(1.7) * x + np.float32(phase))
    beyond = np.maximum(np.abs(x) - np.float32(length - thick), 0)
    return np.asarray(np.hypot(beyond, winding) - np.float32(thick), dtype=np.float32)


def _plaque(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """A low dome on a straight base."""
    width, height = 1 / np.sqrt(aspect), np.float32(2 * np.sqrt(aspect))
    below = y - height / 2
    return np.asarray(np.maximum(ellipse(x, below, width, float(height)), below), dtype=np.float32)


def _radial(reach: NDArray[np.float64], x: Map, y: Map, aspect: float) -> Map:
    """Distance to an outline that is told by its reach in each direction, with the area of a disc of radius 1."""
    reach = reach / np.sqrt((reach**2).mean())
    x, y = x * np.float32(np.sqrt(aspect)), y / np.float32(np.sqrt(aspect))
    place = np.arctan2(y, x) * np.float32(_TABLE / _TAU)
    border = reach.astype(np.float32)[np.round(place).astype(np.int32) % _TABLE]
    return np.asarray(np.hypot(x, y) - border, dtype=np.float32)


_KINDS: Mapping[str, Callable[[Outline, Map, Map, float, np.random.Generator], Map]] = {
    "ellipse": _ellipse,
    "lobes": _lobes,
    "corners": _corners,
    "tube": _tube,
    "plaque": _plaque,
}
