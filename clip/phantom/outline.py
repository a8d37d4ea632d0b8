"""Outlines of lesions as signed distances: negative inside, 0 on the border, in radii of the disc of the same area."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Outline
from udt.clip.phantom.tissue import ellipse_distance, rotated

Map = NDArray[np.float32]

_TAU = 2 * np.pi
_ANGLES = 512  # angles at which the radius of an outline is tabulated
_KNOB = 0.8  # radius of discs that lie apart, relative to that of discs that touch


def signed_distance(outline: Outline, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """Return the approximate signed distance of each position to an outline around the origin.

    :param x: horizontal position, in radii.
    :param y: vertical position, in radii.
    """
    aspect, tilt = outline.aspect.draw(rng), outline.tilt.draw(rng)
    x, y = rotated(x, y, tilt)
    return _KINDS[outline.kind](outline, x, y, aspect, rng)


def half_length(outline: Outline) -> float:
    """Return the largest usual distance of the border from the centre, in radii."""
    beyond = {"lobes": outline.relief / 2, "corners": outline.relief}
    return (1 + beyond.get(outline.kind, 0)) / float(np.sqrt(outline.aspect.low))


def _ellipse(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    return ellipse_distance(x, y, 1 / np.sqrt(aspect), np.sqrt(aspect))


def _lobes(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Draw a disc in the centre and discs of uneven size around it, with sharp notches between them."""
    parts = outline.parts.count(rng)
    wide = np.pi / parts
    disc = _disc_radius(wide, outline.relief)
    sizes = disc * rng.uniform(0.9, 1.1, parts)
    body = (1 - outline.relief) * (1 + disc)
    centres = (np.arange(parts) + rng.uniform(-0.1, 0.1, parts)) * (2 * wide)
    angle = (np.arange(_ANGLES) * (_TAU / _ANGLES))[:, None] - centres
    root = sizes**2 - np.sin(angle) ** 2
    reach = np.where((root > 0) & (np.cos(angle) > 0), np.cos(angle) + np.sqrt(np.maximum(root, 0)), body)
    unit = np.float32(np.sqrt((np.maximum(reach.max(axis=1), body) ** 2).mean()))  # radius of the disc of this area
    x, y = x * np.float32(np.sqrt(aspect)) * unit, y / np.float32(np.sqrt(aspect)) * unit
    distance = np.hypot(x, y) - np.float32(body)
    for place, size in zip(centres, sizes, strict=True):
        to_disc = np.hypot(x - np.float32(np.cos(place)), y - np.float32(np.sin(place))) - np.float32(size)
        distance = np.minimum(distance, to_disc)
    return np.asarray(distance / unit, dtype=np.float32)


def _disc_radius(wide: float, relief: float) -> float:
    """Return the radius of discs at the distance 1 from the centre whose notches are `relief` of the tips deep.

    A disc reaches 1 + q at its tip and cos(w) + sqrt(q² - sin²(w)) at the notches, with q its radius and 2 w the angle
    between neighbours. Discs that only touch have notches of the depth 1 - cos(w) / (1 + sin(w)). For deeper ones the
    discs lie apart, as knobs on a body.
    """
    touching = np.sin(wide)
    if relief > 1 - np.cos(wide) / (1 + touching):
        return float(_KNOB * touching)
    radii = touching * np.linspace(1.0, 4.0, 400)
    depths = 1 - (np.cos(wide) + np.sqrt(np.maximum(radii**2 - touching**2, 0))) / (1 + radii)
    return float(radii[np.argmin(np.abs(depths - relief))])


def _corners(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Draw spikes and notches of uneven length at uneven angles, joined by straight lines."""
    parts = outline.parts.count(rng)
    corners = (np.arange(parts) + rng.uniform(-0.35, 0.35, parts)) * (_TAU / parts)
    radius = 1 + outline.relief * np.where(np.arange(parts) % 2, -1, 1) * rng.uniform(0.55, 1.1, parts)
    angle = corners[0] + np.arange(_ANGLES) * (_TAU / _ANGLES)
    last = np.searchsorted(corners, angle, "right") - 1
    corners, radius = np.append(corners, corners[0] + _TAU), np.append(radius, radius[0])
    before, after = angle - corners[last], corners[last + 1] - angle
    # The point of a line between two corners in the direction of the angle.
    width = radius[last] * np.sin(before) + radius[last + 1] * np.sin(after)
    return _radial(radius[last] * radius[last + 1] * np.sin(before + after) / width, x, y, aspect)


def _tube(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Draw a slightly winding band of constant thickness."""
    length, thick = 1 / np.sqrt(aspect), 0.9 * np.sqrt(aspect)
    phase = rng.uniform(0, _TAU)
    winding = y - np.float32(outline.relief) * np.sin(np.float32(1.7) * x + np.float32(phase))
    beyond = np.maximum(np.abs(x) - np.float32(length - thick), 0)
    return np.asarray(np.hypot(beyond, winding) - np.float32(thick), dtype=np.float32)


def _plaque(outline: Outline, x: Map, y: Map, aspect: float, rng: np.random.Generator) -> Map:
    """Draw a low dome on a straight base."""
    width, height = 1 / np.sqrt(aspect), np.float32(2 * np.sqrt(aspect))
    below = y - height / 2
    return np.asarray(np.maximum(ellipse_distance(x, below, width, float(height)), below), dtype=np.float32)


def _radial(radius: NDArray[np.float64], x: Map, y: Map, aspect: float) -> Map:
    """Return the distance to an outline in polar form, scaled to the area of the unit disc.

    :param radius: (angles,) radius of the outline in each direction.
    """
    radius = radius / np.sqrt((radius**2).mean())
    x, y = x * np.float32(np.sqrt(aspect)), y / np.float32(np.sqrt(aspect))
    angle = np.arctan2(y, x) * np.float32(_ANGLES / _TAU)
    index = np.round(angle).astype(np.int32) % _ANGLES
    # The distance along a ray exceeds that to a slanting border by the length of its gradient.
    slope = np.gradient(np.pad(radius, 1, "wrap"), _TAU / _ANGLES)[1:-1] / radius
    border, slant = (np.asarray(part, dtype=np.float32)[index] for part in (radius, np.sqrt(1 + slope**2)))
    return np.asarray((np.hypot(x, y) - border) / slant, dtype=np.float32)


_KINDS: Mapping[str, Callable[[Outline, Map, Map, float, np.random.Generator], Map]] = {
    "ellipse": _ellipse,
    "lobes": _lobes,
    "corners": _corners,
    "tube": _tube,
    "plaque": _plaque,
}
