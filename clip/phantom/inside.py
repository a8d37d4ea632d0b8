"""What is inside a lesion: holes, specks, septa, a solid knob, or a cystic and a solid half."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Inside
from udt.clip.phantom.noise import Noise, smoothstep
from udt.clip.phantom.tissue import ridge, turned

Map = NDArray[np.float32]

_SOFT = 0.06
_ASIDE = 0.35  # how far from the middle the outer septa run
_CYSTIC = -42.0  # dB, of fluid


@dataclass(slots=True, eq=False)
class Interior:
    """The inside of a lesion while it is being drawn; all (depths, beams).

    :ivar x: from its middle, in radii; `y` likewise; `distance` is that to its border, negative inside.
    :ivar level: in dB above the tissue around it.
    """

    x: Map
    y: Map
    distance: Map
    level: Map


def add_inside(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    """Put something into a lesion."""
    _KINDS[what.kind](interior, what, rng)


def _holes(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    for x, y in _spread(interior, what.count.count(rng), 1.4 * what.size.high, rng):
        _disc(interior, what, x, y, what.size.draw(rng))


def _specks(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    """Bright points; each place is lit by the nearest, so that they do not add up."""
    light = np.zeros_like(interior.level)
    for x, y in _spread(interior, what.count.count(rng), 2 * what.size.high, rng):
        light = np.maximum(light, ridge(np.hypot(interior.x - x, interior.y - y), what.size.draw(rng)))
    interior.level += light * (what.level - interior.level)


def _septa(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    """Thin bent walls from side to side, one beside the other."""
    count = what.count.count(rng)
    first = rng.uniform(0, 180)
    for number in range(count):
        along, across = turned(interior.x, interior.y, first + rng.uniform(-30, 30))
        place = np.float32(_ASIDE * (2 * number / max(count - 1, 1) - 1))
        bend = np.float32(rng.uniform(-0.25, 0.25))
        line = ridge(across - place - bend * along**2, what.size.draw(rng))
        interior.level += line * (np.maximum(what.level, interior.level) - interior.level)


def _knob(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    """A solid part that grows from the wall inwards."""
    radius = what.size.draw(rng)
    place = int(rng.choice(np.flatnonzero(np.abs(interior.distance + 0.7 * radius) < 0.1)))
    _disc(interior, what, float(interior.x.flat[place]), float(interior.y.flat[place]), radius)


def _half(interior: Interior, what: Inside, rng: np.random.Generator) -> None:
    """Fluid on one side, tissue on the other, and an uneven border between them."""
    _, across = turned(interior.x, interior.y, rng.uniform(-180, 180))
    border = across + 0.35 * Noise(rng)(interior.x, interior.y, 0.5)
    solid = smoothstep(border, -_SOFT, _SOFT)
    interior.level = np.asarray(_CYSTIC + solid * (what.level - _CYSTIC), dtype=np.float32)


def _disc(interior: Interior, what: Inside, x: float, y: float, radius: float) -> None:
    distance = np.hypot(interior.x - np.float32(x), interior.y - np.float32(y)) - np.float32(radius)
    part = smoothstep(-distance, -_SOFT, _SOFT)
    interior.level += part * (what.level - interior.level)
    if what.rim:
        line = ridge(distance - _SOFT, _SOFT)
        interior.level += line * (what.rim - interior.level)


def _spread(interior: Interior, count: int, margin: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """`count` places inside, at least `margin` from the border where there are such, as far apart as trials make."""
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


_KINDS: Mapping[str, Callable[[Interior, Inside, np.random.Generator], None]] = {
    "holes": _holes,
    "specks": _specks,
    "septa": _septa,
    "knob": _knob,
    "half": _half,
}
