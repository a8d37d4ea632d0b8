"""A lesion in the tissue: outline, margin, echogenicity, inclusions and posterior acoustic effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Echogenicity, Inclusion, LesionType, Margin, Outline, PosteriorEffect
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.inclusions import Interior, add_inclusion
from udt.clip.phantom.noise import Noise, gaussian_rows, smoothstep
from udt.clip.phantom.outline import signed_distance
from udt.clip.phantom.tissue import Tissue, fraction_passed, ridge

Map = NDArray[np.float32]

_CLEAR = (0.58, 0.66)  # share of the area of a lesion that is above its sediment
_ONSET = (0.05, 0.3)  # distance from the border over which a posterior effect sets in, so that the border stays visible
_PATCH = 0.28  # size of patches, well below that of a lobe
_THIN = 0.05  # width of walls, rims and halos, as a fraction of the radius


@dataclass(frozen=True, slots=True)
class Lesion:
    """The drawing parameters of a lesion; lengths are fractions of the image height.

    :ivar x: horizontal position of the centre.
    :ivar y: vertical position of the centre.
    :ivar radius: radius of the disc of the same area.
    """

    x: float
    y: float
    radius: float
    lesion_type: LesionType
    outline: Outline
    margin: Margin
    echogenicity: Echogenicity
    inclusions: tuple[Inclusion, ...] = ()
    posterior: PosteriorEffect | None = None


def add_lesion(tissue: Tissue, lesion: Lesion, grid: Grid, rng: np.random.Generator) -> Map:
    """Draw a lesion into the tissue; return the distance of each sample to its outline, negative inside.

    :returns: (depths, beams) in radii.
    """
    x = (grid.x - np.float32(lesion.x)) / np.float32(lesion.radius)
    y = (grid.y - np.float32(lesion.y)) / np.float32(lesion.radius)
    distance = signed_distance(lesion.outline, x, y, rng)
    half = 0.5 / (lesion.radius * grid.size[1])
    edge = _softening(lesion, grid)
    coverage = edge(smoothstep(-distance, -half, half))
    interior = Interior(x, y, distance, _interior(lesion, x, y, distance, rng))
    for inclusion in lesion.inclusions:
        add_inclusion(interior, inclusion, rng)
    tissue.level += coverage * (interior.level - tissue.level) + edge(_border(lesion, distance))
    if lesion.posterior is not None:
        tissue.gain += np.float32(lesion.posterior.gain.draw(rng)) * _behind(fraction_passed(coverage), distance, y)
    return distance


def _interior(lesion: Lesion, x: Map, y: Map, distance: Map, rng: np.random.Generator) -> Map:
    """Return the level inside without inclusions, (depths, beams) in dB relative to the surrounding tissue."""
    base = np.float32(lesion.echogenicity.level.draw(rng))
    level = np.full(x.shape, base, dtype=np.float32)
    if lesion.echogenicity.patches:
        level += np.float32(lesion.echogenicity.patches) * (2 * smoothstep(Noise(rng)(x, y, _PATCH), -0.12, 0.12) - 1)
    if lesion.lesion_type.coarse:
        level += np.float32(lesion.lesion_type.coarse / 0.7) * Noise(rng)(x, y, 0.2)
    if lesion.lesion_type.debris:
        turbid = np.maximum(base, np.float32(0)) + np.float32(lesion.lesion_type.debris)
        level += _sediment(y, distance, rng) * (turbid - level)
    return level


def _sediment(y: Map, distance: Map, rng: np.random.Generator) -> Map:
    """Return the coverage by sediment: all below a horizontal line, whatever the tilt of the lesion.

    A line of fluid along the border keeps the outline visible.
    """
    inside = y[distance <= max(0, float(distance.min()))]
    surface = np.float32(np.quantile(inside, rng.uniform(*_CLEAR)))
    return smoothstep(y, surface - 0.04, surface + 0.04) * smoothstep(-distance, _THIN, 3 * _THIN)


def _softening(lesion: Lesion, grid: Grid) -> Callable[[Map], Map]:
    """Return the Gaussian filter that softens the edge of a lesion, whatever its outline; none for a sharp edge."""
    width = lesion.margin.blur * lesion.radius
    if not width:
        return lambda values: values
    depths, beams = grid.depth.shape
    centre = int(np.clip(lesion.y * depths, 0, depths - 1))
    down, across = gaussian_rows(depths, width * depths), gaussian_rows(beams, width / float(grid.spacing[centre]))
    return lambda values: np.asarray(down @ values @ across.T, dtype=np.float32)


def _border(lesion: Lesion, distance: Map) -> Map:
    """Return the level that thin lines along the margin add, (depths, beams) in dB."""
    added = np.float32(lesion.margin.rim) * ridge(distance, _THIN)
    if lesion.echogenicity.halo:
        added = added - np.float32(lesion.echogenicity.halo) * ridge(distance - 2 * _THIN, 2 * _THIN)
    if lesion.lesion_type.wall:
        # A wall is a specular reflector: it is bright only if it lies across the beams.
        facing = np.abs(np.gradient(distance, axis=0)) * np.float32(lesion.radius * len(distance))
        wall = np.float32(lesion.lesion_type.wall) * ridge(distance, 1.4 * _THIN)
        added = added + wall * smoothstep(facing, 0.6, 0.95)
    return np.asarray(added, dtype=np.float32)


def _behind(passed: Map, distance: Map, y: Map) -> Map:
    """Reduce a posterior effect at the border, and with depth, since the beams spread."""
    return np.asarray(passed * smoothstep(distance, *_ONSET) * np.exp(-0.12 * np.maximum(y - 1, 0)), dtype=np.float32)
