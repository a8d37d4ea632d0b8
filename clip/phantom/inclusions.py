"""Inclusions in a lesion: holes, specks, septa, a solid knob, or a cystic and a solid half."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Inclusion
from udt.clip.phantom.noise import Noise, smoothstep
from udt.clip.phantom.tissue import ridge, rotated

Map = NDArray[np.float32]

_SOFT = 0.06  # half of the width of the transition at a border
_CLEAR = 0.2  # distance of septa and specks from the border, so that the outline stays visible
_SEPTUM_OFFSET = 0.35  # distance of the outer septa from the centre
_CYSTIC = -42.0  # level of fluid, in dB
_FLUID = -30.0  # level below which a lesion is fluid


@dataclass(slots=True, eq=False)
class Interior:
    """The interior of a lesion while it is being drawn; all arrays are (depths, beams), lengths are in radii.

    :ivar x: horizontal position relative to the centre.
    :ivar y: vertical position relative to the centre.
    :ivar distance: signed distance to the border, negative inside.
    :ivar level: level in dB relative to the tissue around the lesion.
    """

    x: Map
    y: Map
    distance: Map
    level: Map


def add_inclusion(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    """Draw an inclusion into a lesion."""
    _KINDS[inclusion.kind](interior, inclusion, rng)


def _holes(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    for x, y in _spread_points(interior, inclusion.count.count(rng), 1.4 * inclusion.size.high, rng):
        _disc(interior, inclusion, x, y, inclusion.size.draw(rng))


def _specks(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    """Draw bright points; each position takes the brightest, so that overlapping points do not add up.

    A dark line around each shows it in a bright lesion.
    """
    light, dark = np.zeros_like(interior.level), np.zeros_like(interior.level)
    for x, y in _spread_points(interior, inclusion.count.count(rng), _CLEAR + inclusion.size.high, rng):
        distance, size = np.hypot(interior.x - x, interior.y - y), inclusion.size.draw(rng)
        light = np.maximum(light, ridge(distance, size))
        dark = np.maximum(dark, ridge(distance - np.float32(2.5 * size), size))
    if inclusion.rim:
        interior.level += dark * (np.minimum(inclusion.rim, interior.level) - interior.level)
    interior.level += light * (inclusion.level - interior.level)


def _septa(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    """Draw thin curved walls from side to side, next to each other."""
    count = inclusion.count.count(rng)
    clear = smoothstep(-interior.distance, _CLEAR / 2, _CLEAR)
    first = rng.uniform(0, 180)
    for number in range(count):
        along, across = rotated(interior.x, interior.y, first + rng.uniform(-30, 30))
        offset = np.float32(_SEPTUM_OFFSET * (2 * number / max(count - 1, 1) - 1))
        bend = np.float32(rng.uniform(-0.25, 0.25))
        line = ridge(across - offset - bend * along**2, inclusion.size.draw(rng))
        interior.level += clear * line * (np.maximum(inclusion.level, interior.level) - interior.level)


def _knob(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    """Draw a solid part at the inner side of the wall."""
    radius = inclusion.size.draw(rng)
    place = int(rng.choice(_nearest(interior.distance, -radius)))
    _disc(interior, inclusion, float(interior.x.flat[place]), float(interior.y.flat[place]), radius)


def _half(interior: Interior, inclusion: Inclusion, rng: np.random.Generator) -> None:
    """Draw fluid on one side and tissue on the other, with an uneven border between them.

    The tissue has the level of the lesion, unless that is fluid itself.
    """
    _, across = rotated(interior.x, interior.y, rng.uniform(-180, 180))
    border = across + 0.35 * Noise(rng)(interior.x, interior.y, 0.5)
    solid = smoothstep(border, -_SOFT, _SOFT)
    tissue = np.where(interior.level < _FLUID, np.float32(inclusion.level), interior.level)
    interior.level = np.asarray(_CYSTIC + solid * (tissue - _CYSTIC), dtype=np.float32)


def _disc(interior: Interior, inclusion: Inclusion, x: float, y: float, radius: float) -> None:
    distance = np.hypot(interior.x - np.float32(x), interior.y - np.float32(y)) - np.float32(radius)
    part = smoothstep(-distance, -_SOFT, _SOFT)
    interior.level += part * (inclusion.level - interior.level)
    if inclusion.rim:
        line = ridge(distance - _SOFT, _SOFT)
        interior.level += line * (inclusion.rim - interior.level)


def _nearest(distance: Map, wanted: float) -> NDArray[np.intp]:
    """Return the flat positions whose distance to the border is nearest to `wanted`, at least eight."""
    off = np.abs(distance - np.float32(wanted)).ravel()
    return np.flatnonzero(off <= max(0.08, float(np.partition(off, 7)[7])))


def _spread_points(
    interior: Interior, count: int, margin: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Choose `count` points far apart from each other, at least `margin` from the border if there are such points."""
    inside = np.flatnonzero(interior.distance < -margin)
    if not len(inside):
        inside = np.argsort(interior.distance, axis=None)[:8]
    tried = rng.choice(inside, 12 * count)
    x, y = interior.x.ravel()[tried], interior.y.ravel()[tried]
    chosen = [0]
    nearest = np.hypot(x - x[0], y - y[0])
    while len(chosen) < count:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, np.hypot(x - x[chosen[-1]], y - y[chosen[-1]]))
    return [(float(x[i]), float(y[i])) for i in chosen]


_KINDS: Mapping[str, Callable[[Interior, Inclusion, np.random.Generator], None]] = {
    "holes": _holes,
    "specks": _specks,
    "septa": _septa,
    "knob": _knob,
    "half": _half,
}
