"""Rows of a bundle that have image and caption, and the labels of all rows as a multi-hot matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from udt.bundle.reader import SAMPLES, Bundle, Labels

Rows = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BATCH = 256


@dataclass(frozen=True, slots=True)
class UsableRows:
    """Rows of a bundle that have image and caption.

    :ivar rows: their numbers, in the order given.
    :ivar without_image: how many rows were left out since they have no image.
    :ivar without_caption: how many of the other rows were left out since their caption is missing or blank.
    """

    rows: Rows
    without_image: int
    without_caption: int

    @classmethod
    def of(cls, bundle: Bundle, rows: ArrayLike) -> UsableRows:
        """Select the usable ones of some rows of a bundle."""
        given = np.asarray(rows, dtype=np.int64)
        has_image, has_caption = _has_image(bundle)[given], _has_caption(bundle)[given]
        return cls(given[has_image & has_caption], int((~has_image).sum()), int((has_image & ~has_caption).sum()))


def _has_image(bundle: Bundle) -> Bools:
    """Return whether each sample has an image, (samples,).

    Reads the column in batches, since images stored as bytes may not fit into memory.
    """
    if bundle.manifest["images"].get("count") == len(bundle):
        return np.ones(len(bundle), dtype=bool)
    with pq.ParquetFile(bundle.path / SAMPLES) as table:
        valid = [batch.column(0).is_valid() for batch in table.iter_batches(columns=["image"], batch_size=_BATCH)]
    return np.concatenate([part.to_numpy(zero_copy_only=False) for part in valid])


def _has_caption(bundle: Bundle) -> Bools:
    """Return whether each sample has a caption that is not blank, (samples,)."""
    present = pc.not_equal(pc.utf8_trim_whitespace(bundle.column("caption")), "")
    found: Bools = pc.fill_null(present, False).to_numpy()
    return found


def label_matrix(bundle: Bundle) -> Bools:
    """Return the labels of all samples as a multi-hot matrix (samples, V): all dimensions in task order."""
    return multi_hot_rows(bundle, bundle.labels)


def multi_hot_rows(bundle: Bundle, labels_of: Callable[[str], Labels]) -> Bools:
    """Return labels of all samples as a multi-hot matrix (samples, V): all dimensions in task order.

    :param labels_of: returns the labels in a dimension, given its key.
    """
    matrix = np.zeros((len(bundle), sum(map(len, bundle.vocabulary.dimensions))), dtype=bool)
    start = 0
    for dimension in bundle.vocabulary.dimensions:
        labels = labels_of(dimension.key)
        rows = np.repeat(np.arange(len(bundle)), np.diff(labels.offsets))
        matrix[rows, start + labels.values.astype(np.int64)] = True
        start += len(dimension)
    return matrix
