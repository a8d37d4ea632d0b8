"""Groups of images that no split of our own divides: images of one case, and near-duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udt.clip.transfer.rows import read_table
from udt.core.errors import DataError
from udt.core.near_duplicates import DISTANCE, components, near_pairs, single_pairs

Ints = NDArray[np.int64]
IndexPairs = list[tuple[int, int]]

_TWO = 2


def group_numbers(cases: Sequence[str], *pairs: Iterable[tuple[int, int]]) -> Ints:
    """Return the group of each image, a number from 0: images of one case, and those that pairs link, are in one.

    :param cases: the case of each image; empty if it is not known.
    :param pairs: indices of images that are near-duplicates.
    """
    roots = components(len(cases), chain(_case_pairs(cases), *pairs))
    found: Ints = np.unique(np.asarray(roots, dtype=np.int64), return_inverse=True)[1].reshape(-1)
    return found


def _case_pairs(cases: Sequence[str]) -> Iterator[tuple[int, int]]:
    members: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        if case:
            members.setdefault(case, []).append(index)
    return chain.from_iterable(pairwise(one) for one in members.values())


def hashed_pairs(hashes: Sequence[int], distance: int = DISTANCE) -> IndexPairs:
    """Return the pairs of images whose perceptual hashes differ in at most `distance` bits, each once, sorted.

    :raises DataError: if the distance is not from 0 to 15.
    """
    try:
        near = list(near_pairs(np.array(hashes, dtype=np.uint64), distance))
    except ValueError as error:
        raise DataError(str(error)) from error
    return sorted({(min(pair), max(pair)) for pair in single_pairs(near)})


def listed_pairs(path: Path, columns: Sequence[str], names: Sequence[str]) -> IndexPairs:
    """Read pairs of near-duplicates from a CSV file; pairs with an image that is no sample are left out.

    :param columns: the two columns with the names of images; empty for the first two of the file.
    :param names: of the images, as the file gives them.
    :raises DataError: if the file cannot be read, lacks a column, or names none of the images.
    """
    header, rows = read_table(path)
    if len(header) < _TWO:
        raise DataError(f"{path}: has one column; a file of near-duplicates has a pair of images in each row")
    one, other = columns or header[:_TWO]
    if lacking := [name for name in (one, other) if name not in header]:
        raise DataError(f"{path}: lacks the column '{lacking[0]}'; it has {', '.join(header)}")
    index = {name: number for number, name in enumerate(names)}
    if not any(row[column] in index for row in rows for column in (one, other)):
        raise DataError(
            f"{path}: names none of the images; it has e.g. '{rows[0][one]}', the data set '{names[0]}'; give paths as "
            "in the data set"
        )
    return [(index[row[one]], index[row[other]]) for row in rows if row[one] in index and row[other] in index]
