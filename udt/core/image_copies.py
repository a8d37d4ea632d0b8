"""Perceptual hashes of the rotated, mirrored and cropped copies of an image, to find such copies among other images.

A hash of `near_duplicates.perceptual_hash` is made of 8 × 8 cosine coefficients of the image at 32 × 32 pixels.
Resizing a window and transforming it are linear, so that the coefficients of all windows are two matrix products; those
of turned and mirrored images follow by transposition and changes of sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.core.near_duplicates import COSINES, Hashes, differing_bits, hash_bits

CROP_DISTANCE = 8
"""Number of bits by which the hash of a crop differs at most from that of the nearest window."""

CORRELATION = 0.92
"""Least correlation of the pixels of a crop with those of its window; hashes of other images can be near by chance."""

SCALES = tuple(round(0.96 - 0.04 * i, 2) for i in range(10))
"""Sides of the windows in parts of the sides of the image; those of one scale are at most 0.04 apart."""

_STEP = 0.04
_SHIFTS = (-0.02, 0.0, 0.02)  # of a window, and of its scale, since crops lie between windows
_COMPARED = 48  # pixels of a side
_SIDE = 128  # of the image that windows are cut from
_KEPT = 8
_BAND, _SHIFT = 16, 4  # bits of a key, and bits between keys
_MOST_PAIRS = 4_000_000  # compared at once

Coefficients = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Turn:
    """A rotation or reflection: an optional transposition, then reflections of the axes.

    :ivar name: how a copy has been made of the image.
    """

    name: str
    transposed: bool
    upside_down: bool
    mirrored: bool

    def of(self, low: Coefficients) -> Coefficients:
        """Return the coefficients of the turned image; reflecting an axis negates those of its odd frequencies."""
        turned = low.T if self.transposed else low
        signs = np.where(np.arange(_KEPT) % 2, -1.0, 1.0)
        vertical = signs[:, None] if self.upside_down else 1.0
        horizontal = signs[None, :] if self.mirrored else 1.0
        return turned * vertical * horizontal


TURNS = (
    Turn("mirrored", False, False, True),
    Turn("upside down", False, True, False),
    Turn("rotated by 180°", False, True, True),
    Turn("transposed", True, False, False),
    Turn("rotated by 90°", True, True, False),
    Turn("rotated by 270°", True, False, True),
    Turn("rotated by 90° and mirrored", True, True, True),
)


def variant_names() -> list[str]:
    """Return the names of the variants, in the order of `variant_hashes`."""
    return [turn.name for turn in TURNS] + [f"crop of {scale:.0%}" for scale, _, _ in _windows()]


def variant_hashes(grey: Image.Image) -> Hashes:
    """Return the hashes of the seven other turns of an image, and of its windows.

    :returns: shape (number of `variant_names`,).
    """
    small = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    spans, operators = _operators()
    low = (operators @ small @ operators.T).reshape(len(spans), _KEPT, len(spans), _KEPT)
    whole = low[0, :, 0, :]
    rows, columns = np.array([(1 + y, 1 + x) for _, y, x in _windows()]).T
    every = np.concatenate([[turn.of(whole) for turn in TURNS], low[rows, :, columns, :]])
    return hash_bits(every.reshape(-1, _KEPT * _KEPT))


def crop_correlation(image: Image.Image, variant: int, crop: Image.Image) -> float:
    """Return the correlation of the pixels of `crop` with those of a window of `image`, of the best window near it.

    :param image: grey.
    :param variant: index of a crop among the `variant_names`.
    :param crop: grey.
    :returns: from -1 to 1.
    """
    scale, y, x = _windows()[variant - len(TURNS)]
    top, left = _spans()[y][0], _spans()[x][0]
    target = _standardised(crop.resize((_COMPARED, _COMPARED), Image.Resampling.BOX))
    found = []
    for down, right, more in product(_SHIFTS, repeat=3):
        start_x, stop_x = _pixels(left + right - more / 2, scale + more, image.width)
        start_y, stop_y = _pixels(top + down - more / 2, scale + more, image.height)
        box = (start_x, start_y, stop_x, stop_y)
        window = image.resize((_COMPARED, _COMPARED), Image.Resampling.BOX, box=box)
        found.append(float((_standardised(window) * target).mean()))
    return max(found)


def _pixels(start: float, scale: float, side: int) -> tuple[float, float]:
    """Return start and stop of a window along an axis, in pixels within the image."""
    first = max(0.0, start)
    return first * side, min(1.0, first + scale) * side


def _standardised(image: Image.Image) -> Coefficients:
    """Return the pixels with mean 0 and standard deviation 1; zeros if all are equal."""
    pixels = np.asarray(image, dtype=np.float64)
    spread = pixels.std()
    return (pixels - pixels.mean()) / spread if spread else np.zeros_like(pixels)


@cache
def _spans() -> tuple[tuple[float, float], ...]:
    """Return (start, scale) of all windows along one axis."""
    return tuple(
        (float(start), scale) for scale in SCALES for start in np.linspace(0, 1 - scale, round((1 - scale) / _STEP) + 1)
    )


@cache
def _windows() -> tuple[tuple[float, int, int], ...]:
    """Return (scale, index of the rows, index of the columns) of all windows with the proportions of the image."""
    spans = list(enumerate(_spans()))
    return tuple((scale, y, x) for (y, (_, scale)), (x, (_, other)) in product(spans, spans) if scale == other)


@cache
def _operators() -> tuple[Sequence[tuple[float, float]], Coefficients]:
    """Return the spans, the whole axis first, and the matrix that resizes and transforms each, stacked."""
    spans = ((0.0, 1.0), *_spans())
    identity = Image.fromarray(np.eye(_SIDE, dtype=np.float32))
    resized = (
        identity.resize(
            (COSINES.shape[1], _SIDE),
            Image.Resampling.LANCZOS,
            box=(start * _SIDE, 0, min((start + scale) * _SIDE, _SIDE), _SIDE),
        )
        for start, scale in spans
    )
    return spans, np.concatenate([COSINES @ np.asarray(one, dtype=np.float64).T for one in resized])


class HashIndex:
    """Finds hashes near others. It may miss a pair: one that is equal in none of 16 overlapping bands of 16 bits.

    :ivar hashes: n hashes.
    """

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self._tables = [self._table(shift) for shift in range(0, 64, _SHIFT)]

    def _table(self, shift: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the order of the hashes by a band, and the start of each of its values in this order."""
        keys = _keys(self.hashes, shift)
        order = np.argsort(keys, kind="stable")
        return order, np.searchsorted(keys[order], np.arange(2**_BAND + 1))

    def near(self, queries: Hashes, distance: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield index pairs (query, hash) that differ in at most `distance` bits; a pair may occur more than once."""
        for shift, (order, starts) in zip(range(0, 64, _SHIFT), self._tables, strict=True):
            keys = _keys(queries, shift).astype(np.intp)
            counts = starts[keys + 1] - starts[keys]
            for part in _parts(counts):
                yield from self._compare(queries, part, keys, (order, starts, counts), distance)

    def _compare(
        self,
        queries: Hashes,
        part: NDArray[np.intp],
        keys: NDArray[np.intp],
        table: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]],
        distance: int,
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        order, starts, counts = table
        own = np.repeat(part, counts[part])
        first = np.cumsum(counts[part]) - counts[part]
        places = np.arange(len(own)) - np.repeat(first, counts[part]) + starts[keys[own]]
        others = order[places]
        close = differing_bits(queries[own], self.hashes[others]) <= distance
        yield own[close], others[close]


def _keys(hashes: Hashes, shift: int) -> Hashes:
    """Return 16 neighbouring bits of each hash, the last of which are followed by the first."""
    turned = hashes if not shift else (hashes << np.uint64(shift)) | (hashes >> np.uint64(64 - shift))
    return turned >> np.uint64(64 - _BAND)


def _parts(counts: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Divide queries so that the pairs of a part fit into memory."""
    numbers = np.cumsum(counts) // _MOST_PAIRS
    for number in np.unique(numbers):
        part = np.flatnonzero((numbers == number) & (counts > 0))
        if part.size:
            yield part
