"""Label sets as rows of zeros and ones: all labels of all dimensions side by side, in task order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from udt.errors import DataError
from udt.labels import LabelSet


def multi_hot(label_sets: Sequence[LabelSet], sizes: Sequence[int]) -> NDArray[np.bool_]:
    """(samples, sum of `sizes`): True where the sample has the label.

    >>> multi_hot([LabelSet(((0,), (1, 2)))], sizes=(2, 3)).astype(int)
    array([[1, 0, 0, 1, 1]])

    :param sizes: number of labels of each dimension.
    :raises DataError: where a label set has another number of dimensions, or a label id that is too high.
    """
    starts = [0, *accumulate(sizes)]
    columns = [[start + i for start, ids in zip(starts, s.ids, strict=False) for i in ids] for s in label_sets]
    for number, sample in enumerate(label_sets):
        _check(number, sample, sizes)
    hot = np.zeros((len(label_sets), starts[-1]), dtype=np.bool_)
    rows = np.repeat(np.arange(len(columns)), [len(row) for row in columns])
    hot[rows, np.fromiter((column for row in columns for column in row), np.intp, len(rows))] = True
    return hot


def _check(number: int, sample: LabelSet, sizes: Sequence[int]) -> None:
    if len(sample.ids) != len(sizes):
        raise DataError(f"label set {number} has {len(sample.ids)} dimensions; here it has to have {len(sizes)}")
    for task, (ids, size) in enumerate(zip(sample.ids, sizes, strict=True)):
        if ids and not 0 <= ids[0] <= ids[-1] < size:
            wrong = ids[0] if ids[0] < 0 else ids[-1]
            raise DataError(f"label set {number} has the id {wrong} in dimension {task}, which has {size} labels")
