"""The tissue around a lesion: layers from the probe downwards, and the structures of an organ in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Layer, Organ, Structure
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.noise import Noise, smoothstep
from udt.clip.phantom.tables import UniformRange

Map = NDArray[np.float32]

_WALL = 0.006  # thickness of bright borders, as part of the image's height
_TINY = np.float32(1e-6)  # beside the middle of an ellipse, where there is no direction to its border
_SOFT = 0.008  # width of the transition at a border


@dataclass(slots=True, eq=False)
class Tissue:
    """What the beams meet; (depths, beams) in dB.

    :ivar level: how strongly each place scatters.
    :ivar gain: how much brighter each place is seen than it scatters, because of what lies before it.
    """

    level: Map
    gain: Map

    def seen(self) -> Map:
        """The level at which each place is seen."""
        return self.level + self.gain


def organ_tissue(organ: Organ, grid: Grid, rng: np.random.Generator) -> Tissue:
    """The tissue of an organ without a lesion."""
    level = np.zeros(grid.depth.shape, dtype=np.float32)
    wave = 0.012 * Noise(rng)(grid.x, np.zeros_like(grid.x), 0.3)
    top = np.float32(0)
    for layer in organ.layers:
        bottom = top + np.float32(layer.thickness.draw(rng))
        inside = smoothstep(grid.depth + wave, top - _SOFT / 2, top + _SOFT / 2) if top else np.ones_like(level)
        level += inside * (_layer(layer, grid, rng) - level)
        level += layer.interface * ridge(grid.depth + wave - bottom, _WALL)
        top = bottom
    tissue = Tissue(level, np.zeros_like(level))
    for structure in organ.structures:
        for _ in range(structure.count.count(rng)):
            _add(tissue, structure, grid, rng)
    return tissue


def ridge(distance: Map, width: float) -> Map:
    """1 where `distance` is 0, falling off to either side as a Gaussian of standard deviation `width`."""
    return np.asarray(np.exp(-0.5 * (distance / np.float32(width)) ** 2), dtype=np.float32)


def behind(inside: Map, before: float = 0.5) -> Map:
    """For each place, the part of the longest way through `inside` that a beam has gone through before; in [0, 1].

    :param inside: (depths, beams) in [0, 1].
    :param before: places whose own `inside` is above it get 0: an object does not lie behind itself.
    """
    way = np.cumsum(inside, axis=0, dtype=np.float32)
    longest = way[-1].max()
    if not longest:
        return np.zeros_like(inside)
    return np.asarray(np.clip(way / longest, 0, 1) * smoothstep(-inside, -before, 0), dtype=np.float32)


def turned(x: Map, y: Map, degrees: float) -> tuple[Map, Map]:
    """Coordinates in a frame that is turned by an angle, clockwise on the screen."""
    angle = np.radians(degrees)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def ellipse(x: Map, y: Map, width: float, height: float) -> Map:
    """About the distance to an ellipse around the origin with these half axes, negative inside.

    Exact on the border and for a circle: with q the distance from the middle in half axes, (q - 1) q / |grad q² / 2|.
    """
    across, down = x / np.float32(width) + _TINY, y / np.float32(height)
    q = np.hypot(across, down)
    slope = np.hypot(across / np.float32(width), down / np.float32(height))
    return np.asarray((q - 1) * q / slope, dtype=np.float32)


def _layer(layer: Layer, grid: Grid, rng: np.random.Generator) -> Map | np.float32:
    return np.float32(layer.level) + _texture(layer, layer.tilt, grid, rng)


def _texture(what: Layer | Structure, tilt: UniformRange, grid: Grid, rng: np.random.Generator) -> Map | np.float32:
    """What a texture adds to the level, in dB."""
    if what.texture == "plain":
        return np.float32(0)
    noise = Noise(rng)
    if what.texture == "patches":
        return np.float32(what.strength) * noise(grid.x, grid.y, what.cell)
    if what.texture == "lobules":
        return np.float32(what.strength) * (1 - smoothstep(np.abs(noise(grid.x, 1.6 * grid.y, what.cell)), 0, 0.35))
    along, across = turned(grid.x, grid.y, tilt.draw(rng))
    stripes = noise(along, across * 8, 8 * what.cell)
    return np.float32(what.strength) * smoothstep(stripes, 0, 1.1)


def _add(tissue: Tissue, one: Structure, grid: Grid, rng: np.random.Generator) -> None:
    """Put a structure into the tissue."""
    x, y = grid.x - np.float32(one.x.draw(rng)), grid.y - np.float32(one.y.draw(rng))
    x, y = turned(x, y, one.tilt.draw(rng))
    bent = y - np.float32(one.bend.draw(rng)) * (2 * x) ** 2
    if one.kind == "line":
        _add_line(tissue, one, bent, grid, rng)
        return
    height = one.height.draw(rng)
    distance = np.abs(bent) - np.float32(height) if one.kind == "tube" else ellipse(x, y, one.width.draw(rng), height)
    inside = smoothstep(-distance, -_SOFT / 2, _SOFT / 2)
    tissue.level += inside * (one.level + _texture(one, UniformRange(0, 0), grid, rng) - tissue.level)
    tissue.level += one.rim * ridge(distance, _WALL) * (1 - 0.5 * inside)
    if one.gain:
        tissue.gain += np.float32(one.gain) * behind(inside)


def _add_line(tissue: Tissue, one: Structure, bent: Map, grid: Grid, rng: np.random.Generator) -> None:
    """A bright line, seen again ever more weakly at multiples of its depth."""
    height = one.height.draw(rng)
    depth = grid.y - bent
    for number in range(one.repeat):
        tissue.level += np.float32(one.rim * 0.75**number) * ridge(bent - number * depth, height)
    if one.gain:
        tissue.gain += np.float32(one.gain) * smoothstep(bent, height, 3 * height)
