"""A lesion in the tissue: its outline, border, echoes, what is inside it and what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Behind, Body, Echo, Edge, Inside, Outline
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.inside import Interior, add_inside
from udt.clip.phantom.noise import Noise, smoothstep
from udt.clip.phantom.outline import signed_distance
from udt.clip.phantom.tissue import Tissue, behind, ridge

Map = NDArray[np.float32]

_CLEAR = -14.0  # dB; sediment shows even in fluid without an echo
_THIN = 0.05  # of a lesion's radius: walls, rims and halos


@dataclass(frozen=True, slots=True)
class Lesion:
    """Everything that says how a lesion is drawn.

    :ivar x: its middle; `y` likewise; `radius` is that of a disc of its area; all as parts of the image's height.
    """

    x: float
    y: float
    radius: float
    body: Body
    outline: Outline
    edge: Edge
    echo: Echo
    inside: tuple[Inside, ...] = ()
    behind: Behind | None = None


def add_lesion(tissue: Tissue, lesion: Lesion, grid: Grid, rng: np.random.Generator) -> Map:
    """Put a lesion into the tissue; gives (depths, beams) how much of each place it takes up, in [0, 1]."""
    x = (grid.x - np.float32(lesion.x)) / np.float32(lesion.radius)
    y = (grid.y - np.float32(lesion.y)) / np.float32(lesion.radius)
    shape = signed_distance(lesion.outline, x, y, rng)
    distance = shape + np.float32(lesion.edge.ragged) * Noise(rng)(x, y, 0.3) if lesion.edge.ragged else shape
    half = max(lesion.edge.blur, 1 / (lesion.radius * grid.size[1])) / 2
    part = smoothstep(-distance, -half, half)
    interior = Interior(x, y, distance, _interior(lesion, x, y, rng))
    for one in lesion.inside:
        add_inside(interior, one, rng)
    tissue.level += part * (interior.level - tissue.level) + _border(lesion, x, y, distance, half)
    if lesion.behind is not None:
        tissue.gain += np.float32(lesion.behind.gain.draw(rng)) * _fading(behind(part), y)
    return part


def _interior(lesion: Lesion, x: Map, y: Map, rng: np.random.Generator) -> Map:
    """(depths, beams) the level inside, in dB above the tissue, before anything is put there."""
    level = np.full(x.shape, lesion.echo.level.draw(rng), dtype=np.float32)
    if lesion.echo.patches:
        level += np.float32(lesion.echo.patches) * (2 * smoothstep(Noise(rng)(x, y, 0.4), -0.12, 0.12) - 1)
    if lesion.body.coarse:
        level += np.float32(lesion.body.coarse / 0.7) * Noise(rng)(x, y, 0.2)
    if lesion.body.debris:
        # Fluid settles: what lies below a level line is turbid, however the lesion lies.
        line = np.float32(rng.uniform(0.15, 0.3))
        turbid = np.maximum(level, np.float32(_CLEAR)) + np.float32(lesion.body.debris)
        level += smoothstep(y, line - 0.04, line + 0.04) * (turbid - level)
    return level


def _border(lesion: Lesion, x: Map, y: Map, distance: Map, half: float) -> Map:
    """(depths, beams) what thin lines along the border add to the level, in dB."""
    line = ridge(distance, max(_THIN, half))
    added = np.float32(lesion.edge.rim) * line
    if lesion.echo.halo:
        added = added - np.float32(lesion.echo.halo) * ridge(distance - 2 * _THIN - half, 2 * _THIN + half / 2)
    if lesion.body.wall:
        # Only where the border lies across the beams does it mirror them back.
        facing = np.asarray(np.abs(y) / np.maximum(np.hypot(x, y), np.float32(1e-6)), dtype=np.float32)
        added = added + np.float32(lesion.body.wall) * ridge(distance, 1.4 * _THIN) * smoothstep(facing, 0.6, 0.95)
    return np.asarray(added, dtype=np.float32)


def _fading(passed: Map, y: Map) -> Map:
    """What lies behind looks less changed further down, since beams spread into it."""
    return np.asarray(passed * np.exp(-0.12 * np.maximum(y - 1, 0)), dtype=np.float32)
