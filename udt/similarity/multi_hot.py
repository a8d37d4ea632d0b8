"""Multi-hot encoding of label sets: a column for each label of each dimension, in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet


def multi_hot(label_sets: Sequence[LabelSet], sizes: Sequence[int]) -> NDArray[np.bool_]:
    """Encode label sets as a Boolean array of shape (samples, sum of `sizes`), True for the labels of the sample.

    >>> multi_hot([LabelSet(((0,), (1, 2)))], sizes=(2, 3)).astype(int)
    array([[1, 0, 0, 1, 1]])

    :param sizes: number of labels of each dimension.
    :raises DataError: if a label set has another number of dimensions, or a label id is out of range.
    """
    for number, sample in enumerate(label_sets):
        if len(sample.ids) != len(sizes):
            raise DataError(f"label set {number} has {len(sample.ids)} dimensions; expected: {len(sizes)}")
    cells = [ids for sample in label_sets for ids in sample.ids]
    cell = np.repeat(np.arange(len(cells)), [len(ids) for ids in cells])
    rows, tasks = np.divmod(cell, len(sizes))
    labels = np.array([label for ids in cells for label in ids], dtype=np.intp)
    _check(rows, tasks, labels, sizes)
    stops = np.cumsum(sizes)
    encoded = np.zeros((len(label_sets), stops[-1]), dtype=np.bool_)
    encoded[rows, (stops - sizes)[tasks] + labels] = True
    return encoded


def _check(rows: NDArray[np.intp], tasks: NDArray[np.intp], labels: NDArray[np.intp], sizes: Sequence[int]) -> None:
    """Check label ids.

    :raises DataError: naming the first label id that its dimension does not have.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= np.asarray(sizes)[tasks]))
    if len(wrong):
        row, task, label = (int(column[wrong[0]]) for column in (rows, tasks, labels))
        raise DataError(
            f"label set {row} has the label id {label} in dimension {task}; allowed: 0 to {sizes[task] - 1}"
        )
