"""The tissue around a lesion: layers from the probe downwards, and the structures of an organ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Layer, OrganView, Structure
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.noise import Noise, smoothstep
from udt.clip.phantom.tables import UniformRange

Map = NDArray[np.float32]

_WALL = 0.006  # thickness of bright borders, as a fraction of the image height
_TINY = np.float32(1e-6)  # avoids a division by zero at the centre of an ellipse
_SOFT = 0.008  # width of the transition at a border


@dataclass(slots=True, eq=False)
class Tissue:
    """The simulated tissue; (depths, beams) in dB.

    :ivar level: scattering level of each position.
    :ivar gain: enhancement or attenuation of each position by the structures above it.
    """

    level: Map
    gain: Map

    def received_level(self) -> Map:
        """Return the level at which each position is received."""
        return self.level + self.gain


def organ_tissue(organ: OrganView, grid: Grid, rng: np.random.Generator) -> Tissue:
    """Return the tissue of a view of an organ without a lesion."""
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
            _add_structure(tissue, structure, grid, rng)
    return tissue


def ridge(distance: Map, width: float) -> Map:
    """Return a Gaussian of `distance` with height 1 and standard deviation `width`."""
    return np.asarray(np.exp(-0.5 * (distance / np.float32(width)) ** 2), dtype=np.float32)


def fraction_passed(inside: Map, threshold: float = 0.5) -> Map:
    """Return the path length of each beam through an object above each position, relative to the longest path.

    :param inside: (depths, beams) coverage by the object, in [0, 1].
    :param threshold: positions with a coverage above it get 0, since an object does not shadow itself.
    :returns: (depths, beams) in [0, 1].
    """
    path = np.cumsum(inside, axis=0, dtype=np.float32)
    longest = path[-1].max()
    if not longest:
        return np.zeros_like(inside)
    return np.asarray(np.clip(path / longest, 0, 1) * smoothstep(-inside, -threshold, 0), dtype=np.float32)


def rotated(x: Map, y: Map, degrees: float) -> tuple[Map, Map]:
    """Return the coordinates in a frame that is rotated by an angle, clockwise on the screen."""
    angle = np.radians(degrees)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def ellipse_distance(x: Map, y: Map, width: float, height: float) -> Map:
    """Return the approximate signed distance to an ellipse around the origin, negative inside.

    (q - 1) q / |grad q² / 2|, with q the distance from the centre in semi-axes; exact on the border and for a circle.

    :param width: horizontal semi-axis.
    :param height: vertical semi-axis.
    """
    across, down = x / np.float32(width) + _TINY, y / np.float32(height)
    q = np.hypot(across, down)
    slope = np.hypot(across / np.float32(width), down / np.float32(height))
    return np.asarray((q - 1) * q / slope, dtype=np.float32)


def _layer(layer: Layer, grid: Grid, rng: np.random.Generator) -> Map | np.float32:
    return np.float32(layer.level) + _texture(layer, layer.tilt, grid, rng)


def _texture(part: Layer | Structure, tilt: UniformRange, grid: Grid, rng: np.random.Generator) -> Map | np.float32:
    """Return the level that the texture of a layer or structure adds, in dB."""
    if part.texture == "plain":
        return np.float32(0)
    noise = Noise(rng)
    if part.texture == "patches":
        return np.float32(part.strength) * noise(grid.x, grid.y, part.cell)
    if part.texture == "lobules":
        return np.float32(part.strength) * (1 - smoothstep(np.abs(noise(grid.x, 1.6 * grid.y, part.cell)), 0, 0.35))
    along, across = rotated(grid.x, grid.y, tilt.draw(rng))
    stripes = noise(along, across * 8, 8 * part.cell)
    return np.float32(part.strength) * smoothstep(stripes, 0, 1.1)


def _add_structure(tissue: Tissue, structure: Structure, grid: Grid, rng: np.random.Generator) -> None:
    """Add a structure to the tissue."""
    x, y = grid.x - np.float32(structure.x.draw(rng)), grid.y - np.float32(structure.y.draw(rng))
    x, y = rotated(x, y, structure.tilt.draw(rng))
    bent = y - np.float32(structure.bend.draw(rng)) * (2 * x) ** 2
    if structure.kind == "line":
        _add_line(tissue, structure, bent, grid, rng)
        return
    height = structure.height.draw(rng)
    if structure.kind == "tube":
        distance = np.abs(bent) - np.float32(height)
    else:
        distance = ellipse_distance(x, y, structure.width.draw(rng), height)
    inside = smoothstep(-distance, -_SOFT / 2, _SOFT / 2)
    tissue.level += inside * (structure.level + _texture(structure, UniformRange(0, 0), grid, rng) - tissue.level)
    tissue.level += structure.rim * ridge(distance, _WALL) * (1 - 0.5 * inside)
    if structure.gain:
        tissue.gain += np.float32(structure.gain) * fraction_passed(inside)


def _add_line(tissue: Tissue, structure: Structure, bent: Map, grid: Grid, rng: np.random.Generator) -> None:
    """Add a bright line with reverberations that weaken at multiples of its depth."""
    height = structure.height.draw(rng)
    depth = grid.y - bent
    for number in range(structure.repeat):
        tissue.level += np.float32(structure.rim * 0.75**number) * ridge(bent - number * depth, height)
    if structure.gain:
        tissue.gain += np.float32(structure.gain) * smoothstep(bent, height, 3 * height)
