"""Rows of a bundle that can be trained on, and the labels of all rows as one multi-multi_hot matrix."""

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
class UsableRows:
    """Rows that can be trained on.

    :ivar rows: rows with image and caption, in their order.
    :ivar without_image: number of rows without an image.
    :ivar without_caption: number of the other rows with no caption or a blank one.
    """

    rows: Rows
    without_image: int
    without_caption: int

    @classmethod
    def of(cls, bundle: Bundle, rows: ArrayLike) -> UsableRows:
        """Select the rows that have an image and a caption."""
        given = np.asarray(rows, dtype=np.int64)
        has_image = _has_image(bundle)[given]
        has_text = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(bundle.column("caption")), ""), False)
        has_caption = has_text.to_numpy()[given]
        return cls(given[has_image & has_caption], int((~has_image).sum()), int((has_image & ~has_caption).sum()))


def _has_image(bundle: Bundle) -> Bools:
    """Return (samples,) whether there is an image; read in pieces, since images as bytes may not fit into memory."""
    if bundle.manifest["images"].get("count") == len(bundle):
        return np.ones(len(bundle), dtype=bool)
    with pq.ParquetFile(bundle.path / SAMPLES) as table:
        parts = (batch.column(0).is_valid() for batch in table.iter_batches(columns=["image"], batch_size=256))
        return np.concatenate([part.to_numpy(zero_copy_only=False) for part in parts])


def label_rows(bundle: Bundle) -> Bools:
    """Return the multi-multi_hot labels (samples, V); the dimensions are concatenated in task order."""
    multi_hot = np.zeros((len(bundle), sum(map(len, bundle.vocabulary.dimensions))), dtype=bool)
    start = 0
    for dimension in bundle.vocabulary.dimensions:
        labels = bundle.labels(dimension.key)
        rows = np.repeat(np.arange(len(bundle)), np.diff(labels.offsets))
        multi_hot[rows, start + labels.values.astype(np.int64)] = True
        start += len(dimension)
    return multi_hot
