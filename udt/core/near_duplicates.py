"""Images that look the same: a perceptual hash, pairs of hashes that differ in few bits, and their groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DISTANCE = 4
"""Number of bits by which the perceptual hashes of near-duplicates differ at most, by default."""

_SIDE = 32
_KEPT = 8
_BITS = 64
_ONES = np.array([bin(byte).count("1") for byte in range(256)], dtype=np.uint8)

Hashes = NDArray[np.uint64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def near_pairs(hashes: Hashes, distance: int) -> Iterator[Pairs]:
    """Yield index pairs (i, j) of hashes that differ in at most `distance` bits; a pair may occur more than once.

    Two hashes that differ in d bits are equal in at least one of d + 1 bands, so that only hashes with an equal band
    are compared: in the order of the band with the next one, then with the second next one, and so on.

    :param hashes: n hashes of 64 bits.
    :param distance: 0 to 15.
    :raises ValueError: if `distance` is outside that range.
    """
    if not 0 <= distance <= 15:
        raise ValueError(
            f"the distance is {distance}; allowed: 0 to 15, since larger ones group images that do not look the same"
        )
    edges = [round(_BITS * band / (distance + 1)) for band in range(distance + 2)]
    for low, high in pairwise(edges):
        band = (hashes << np.uint64(_BITS - high)) >> np.uint64(_BITS - high + low)
        order = np.argsort(band, kind="stable")
        yield from _neighbours(hashes[order], band[order], order, distance)


def single_pairs(near: Iterable[Pairs]) -> Iterator[tuple[int, int]]:
    """Yield index pairs one by one.

    :param near: from `near_pairs`.
    """
    for one, other in near:
        yield from zip(one.tolist(), other.tolist(), strict=True)


def _neighbours(hashes: Hashes, band: Hashes, order: NDArray[np.intp], distance: int) -> Iterator[Pairs]:
    """Yield the pairs of similar hashes among those with an equal band, which is sorted."""
    left = np.arange(len(hashes))
    for step in range(1, len(hashes)):
        left = left[left + step < len(hashes)]
        left = left[band[left] == band[left + step]]
        if not left.size:
            return
        close = left[differing_bits(hashes[left], hashes[left + step]) <= distance]
        yield order[close], order[close + step]


def differing_bits(one: Hashes, other: Hashes) -> NDArray[np.int64]:
    """Count the bits that differ, element by element."""
    bits: NDArray[np.int64] = _ONES[(one ^ other).view(np.uint8)].reshape(-1, 8).sum(axis=1, dtype=np.int64)
    return bits


def components(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return, for each of `count` nodes, the least node of its connected component.

    >>> components(5, [(3, 1), (4, 3)])
    [0, 1, 2, 1, 1]
    """
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return [root(node) for node in range(count)]


def perceptual_hash(grey: Image.Image) -> str:
    """Compute a hash of 64 bits by the discrete cosine transform.

    A bit is 1 if the coefficient of one of the 8 × 8 lowest spatial frequencies is above their median, in which the
    mean brightness is left out. The image is resized to 32 × 32 and transformed, `D x Dᵀ`; row by row, high bit first.

    :returns: 16 hexadecimal digits.
    """
    small = np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    low = COSINES @ small @ COSINES.T
    return f"{int(hash_bits(low.reshape(1, -1))[0]):0{_BITS // 4}x}"


def hash_bits(low: NDArray[np.float64]) -> Hashes:
    """Return the hashes of images from their lowest coefficients, shape (images, 64)."""
    bits = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(">u8").ravel().astype(np.uint64)


def _cosines() -> NDArray[np.float64]:
    """Return the 8 lowest cosines over 32 points, shape (8, 32)."""
    frequency, position = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * position + 1) / (2 * _SIDE))


COSINES = _cosines()
"""The cosines of the hash, shape (8, 32)."""
