"""Group images that look the same: their perceptual hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, select, update

from udt.records.database.database import Database
from udt.records.database.models import Image

DISTANCE = 4

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


def _neighbours(hashes: Hashes, band: Hashes, order: NDArray[np.intp], distance: int) -> Iterator[Pairs]:
    """Yield the pairs of similar hashes among those with an equal band, which is sorted."""
    left = np.arange(len(hashes))
    for step in range(1, len(hashes)):
        left = left[left + step < len(hashes)]
        left = left[band[left] == band[left + step]]
        if not left.size:
            return
        close = left[_differing(hashes[left], hashes[left + step]) <= distance]
        yield order[close], order[close + step]


def _differing(one: Hashes, other: Hashes) -> NDArray[np.int64]:
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


def group_duplicates(database: Database, distance: int = DISTANCE) -> int:
    """Assign images that look the same to a group, numbered by their least id, across all sources.

    :param distance: maximum number of bits in which the perceptual hashes of two neighbours may differ.
    :returns: number of images in a group.
    """
    query = select(Image.id, Image.perceptual_hash).where(Image.perceptual_hash.is_not(None)).order_by(Image.id)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    ids = [id for id, _ in rows]
    hashes = np.array([int(text or "", 16) for _, text in rows], dtype=np.uint64)
    pairs = (
        pair for near in near_pairs(hashes, distance) for pair in zip(*(part.tolist() for part in near), strict=True)
    )
    roots = components(len(ids), pairs)
    shared = {root for node, root in enumerate(roots) if root != node}
    grouped = [{"key": id, "group": ids[root]} for id, root in zip(ids, roots, strict=True) if root in shared]
    with database.writing() as connection:
        connection.execute(
            update(Image).where(Image.near_duplicate_group.is_not(None)).values(near_duplicate_group=None)
        )
        if grouped:
            one = update(Image).where(Image.id == bindparam("key")).values(near_duplicate_group=bindparam("group"))
            connection.execute(one, grouped)
    return len(grouped)
