"""Rows of a bundle that can be trained on, and the labels of all rows as one multi-hot matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from udt.bundle.reader import SAMPLES, Bundle

Rows = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Usable:
    """Which of some rows can be trained on.

    :ivar rows: those that have image and caption, in their order.
    :ivar without_image: how many have none; `without_caption` how many of the others have no caption, or a blank one.
    """

    rows: Rows
    without_image: int
    without_caption: int

    @classmethod
    def of(cls, bundle: Bundle, rows: ArrayLike) -> Usable:
        """Sort out `rows` of a bundle."""
        given = np.asarray(rows, dtype=np.int64)
        pictured = _pictured(bundle)[given]
        told = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(bundle.column("caption")), ""), False)
        captioned = told.to_numpy()[given]
        return cls(given[pictured & captioned], int((~pictured).sum()), int((pictured & ~captioned).sum()))


def _pictured(bundle: Bundle) -> Bools:
    """(samples,) whether there is an image; read a piece at a time, since images as bytes may not fit into memory."""
    if bundle.manifest["images"].get("count") == len(bundle):
        return np.ones(len(bundle), dtype=bool)
    with pq.ParquetFile(bundle.path / SAMPLES) as table:
        parts = (batch.column(0).is_valid() for batch in table.iter_batches(columns=["image"], batch_size=256))
        return np.concatenate([part.to_numpy(zero_copy_only=False) for part in parts])


def label_rows(bundle: Bundle) -> Bools:
    """(samples, V): True where a sample has the label; all dimensions side by side, in task order."""
    hot = np.zeros((len(bundle), sum(map(len, bundle.vocabulary.dimensions))), dtype=bool)
    start = 0
    for dimension in bundle.vocabulary.dimensions:
        labels = bundle.labels(dimension.key)
        rows = np.repeat(np.arange(len(bundle)), np.diff(labels.offsets))
        hot[rows, start + labels.values.astype(np.int64)] = True
        start += len(dimension)
    return hot
