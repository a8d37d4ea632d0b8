"""A colour-Doppler box with vessels: red towards the probe, blue away from it, other colours for aliasing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from udt.clip.phantom.appearance import Flow

Map = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_BOX = np.array([210, 210, 90], dtype=np.uint8)
_AWAY = np.array([20, 150, 255], dtype=np.float32)
_TOWARDS = np.array([255, 60, 0], dtype=np.float32)
_NARROWEST = 0.8  # smallest radius of a vessel, in pixels
_MARGIN = 0.4  # distance of the box from the regions, in radii
_CLUMP = 0.5  # radius of a clump of vessels, in radii
_FAST = 0.9  # Nyquist limit as a fraction of the largest speed; faster flow aliases
_ALIASED = np.array([[255, 230, 40], [40, 255, 170]], dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class FlowRegion:
    """A region in which vessels are drawn.

    :ivar inside: (height, width) whether a pixel is in the region; at least one is.
    :ivar radius: unit of the lengths of vessels, in pixels.
    """

    inside: NDArray[np.bool_]
    radius: float


def add_doppler(pixels: Pixels, regions: list[tuple[FlowRegion, Flow]], rng: np.random.Generator) -> None:
    """Draw one Doppler box around all regions, and the vessels of each region, into `pixels`.

    Vessels do not leave their region, so that its outline stays visible.

    :param pixels: (height, width, 3), changed in place.
    """
    speed = np.zeros(pixels.shape[:2], dtype=np.float32)
    alias = np.zeros(pixels.shape[:2], dtype=bool)
    for region, flow in regions:
        for centre in _vessel_centres(region, flow, rng):
            _vessel(speed, alias, centre, region, flow, rng)
    left, top, right, bottom = _box([region for region, _ in regions], pixels.shape)
    window = (slice(top, bottom + 1), slice(left, right + 1))
    _colour(pixels[window], speed[window], alias[window])
    for edge in ((top, window[1]), (bottom, window[1]), (window[0], left), (window[0], right)):
        pixels[edge] = _BOX


def _box(regions: list[FlowRegion], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Return the left, top, right and bottom of a box within the image that encloses all regions with a margin."""
    rows, columns = np.nonzero(np.any([one.inside for one in regions], axis=0))
    margin = _MARGIN * max(one.radius for one in regions)
    height, width = shape[:2]
    across = np.clip([columns.min() - margin, columns.max() + margin], 1, width - 2)
    down = np.clip([rows.min() - margin, rows.max() + margin], 1, height - 2)
    return int(across[0]), int(down[0]), int(across[1]), int(down[1])


def _vessel_centres(region: FlowRegion, flow: Flow, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the (row, column) of the centre of each vessel, (vessels, 2): far apart from each other, or near one."""
    places = np.argwhere(region.inside).astype(np.float64)
    count = flow.vessels.count(rng)
    first = places[int(rng.integers(len(places)))]
    if flow.spread == "clump":
        places = places[np.hypot(*(places - first).T) <= _CLUMP * region.radius]
        return np.asarray(places[rng.integers(len(places), size=count)], dtype=np.float64)
    chosen = [first]
    while len(chosen) < count:
        tried = places[rng.integers(len(places), size=4)]
        nearest = np.min([np.hypot(*(tried - one).T) for one in chosen], axis=0)
        chosen.append(tried[int(nearest.argmax())])
    return np.array(chosen[:count]).reshape(count, 2)


def _vessel(
    speed: Map,
    alias: NDArray[np.bool_],
    centre: NDArray[np.float64],
    region: FlowRegion,
    flow: Flow,
    rng: np.random.Generator,
) -> None:
    """Draw a curved vessel, fastest on its centre line: discs along a curve, of which each pixel uses the nearest."""
    direction, curvature = rng.uniform(0, 2 * np.pi), rng.uniform(-1.6, 1.6)
    length, radius = flow.length.draw(rng) * region.radius, max(flow.width.draw(rng) * region.radius, _NARROWEST)
    sign, fast = rng.choice([-1.0, 1.0]), rng.random() < flow.alias
    along = np.linspace(-0.5, 0.5, max(int(2 * length / radius), 2))
    angle = direction + curvature * along
    x, y = centre[1] + along * length * np.cos(angle), centre[0] + along * length * np.sin(angle)
    rows, columns = _within(y, radius, speed.shape[0]), _within(x, radius, speed.shape[1])
    squared = ((rows[:, None] - y) ** 2)[:, None, :] + ((columns[:, None] - x) ** 2)[None]
    place = np.ix_(rows, columns)
    found = np.sqrt(np.maximum(1 - squared.min(axis=2) / radius**2, 0)).astype(np.float32) * region.inside[place]
    stronger = found > np.abs(speed[place])
    speed[place] = np.where(stronger, sign * found, speed[place])
    alias[place] = np.where(stronger, fast, alias[place])


def _within(positions: NDArray[np.float64], radius: float, size: int) -> NDArray[np.int64]:
    """Return the pixels along one axis from the smallest to the largest of `positions`, widened by `radius`."""
    return np.arange(max(int(positions.min() - radius), 0), min(int(positions.max() + radius) + 2, size))


def _colour(pixels: Pixels, speed: Map, alias: NDArray[np.bool_]) -> None:
    flowing = np.abs(speed) > 0.15
    shade = np.abs(speed[flowing])[:, None]
    hue = np.where(speed[flowing][:, None] > 0, _TOWARDS, _AWAY)
    colour = hue * (0.55 + 0.45 * shade)
    aliased = alias[flowing] & (shade[:, 0] > _FAST / 2)
    colour[aliased] = _ALIASED[(speed[flowing][aliased] > 0).astype(np.int32)]
    pixels[flowing] = colour.astype(np.uint8)
