"""Group images that look the same: their perceptual hashes differ in few bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from sqlalchemy import Connection, bindparam, select, update

from udt.core.near_duplicates import DISTANCE, components, near_pairs, single_pairs
from udt.records.database.database import Database
from udt.records.database.models import Image
from udt.records.quality.copies import ImageCopy


def find_groups(database: Database, distance: int = DISTANCE, copies: Sequence[ImageCopy] = ()) -> Mapping[int, int]:
    """Return the groups of images that look the same, across all sources: ids of images to the least id of the group.

    :param distance: maximum number of bits in which the perceptual hashes of two neighbours may differ.
    :param copies: further pairs of images to group, as rotated, mirrored and cropped copies.
    """
    query = select(Image.id, Image.perceptual_hash).where(Image.perceptual_hash.is_not(None)).order_by(Image.id)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    ids = [id for id, _ in rows]
    hashes = np.array([int(text or "", 16) for _, text in rows], dtype=np.uint64)
    pairs = single_pairs(near_pairs(hashes, distance))
    place = {id: i for i, id in enumerate(ids)}
    further = ((place[one.image], place[one.copy]) for one in copies)
    roots = components(len(ids), chain(pairs, further))
    shared = {root for node, root in enumerate(roots) if root != node}
    return {id: ids[root] for id, root in zip(ids, roots, strict=True) if root in shared}


def store_groups(connection: Connection, groups: Mapping[int, int]) -> None:
    """Store the groups of images in place of those that were stored before."""
    connection.execute(update(Image).where(Image.near_duplicate_group.is_not(None)).values(near_duplicate_group=None))
    if groups:
        one = update(Image).where(Image.id == bindparam("key")).values(near_duplicate_group=bindparam("group"))
        connection.execute(one, [{"key": id, "group": group} for id, group in groups.items()])
