"""The samples of a bundle that can be evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.data.rows import UsableRows
from udt.core.errors import DataError
from udt.core.labels import LabelSet


@dataclass(frozen=True, slots=True)
class Samples:
    """N rows of a bundle that have an image and a caption.

    :ivar labels: (N,) the label set of each.
    :ivar cases: (N,) the case of each.
    :ivar without_image: number of rows that were left out since they have no image, or one that cannot be read.
    :ivar without_caption: number of rows that were left out since they have no caption.
    :ivar broken: names of the samples whose image cannot be read.
    """

    bundle: Bundle
    rows: tuple[int, ...]
    captions: tuple[str, ...]
    labels: tuple[LabelSet, ...]
    cases: tuple[str, ...]
    without_image: int = 0
    without_caption: int = 0
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, bundle: Bundle, rows: Sequence[int] | NDArray[np.int64]) -> Samples:
        """Select the rows that have both.

        :raises DataError: if there are none.
        """
        usable = UsableRows.of(bundle, rows)
        kept: list[int] = usable.rows.tolist()
        if not kept:
            raise DataError(
                f"{bundle.path}: none of the {len(rows):,} samples chosen has both image and caption; choose another "
                "split, or make the bundle again with: udt data bundle"
            )
        captions = tuple(str(caption) for caption in bundle.captions(kept))
        labels = tuple(map(bundle.label_set, kept))
        cases = tuple(bundle.column("case_id").take(kept).to_pylist())
        return cls(bundle, tuple(kept), captions, labels, cases, usable.without_image, usable.without_caption)

    def __len__(self) -> int:
        return len(self.rows)

    def readable(self, indices: Sequence[int], broken: tuple[str, ...]) -> Samples:
        """Return the samples at some indices, without the others, whose images cannot be read."""
        return replace(self.take(indices), without_image=self.without_image + len(broken), broken=broken)

    def take(self, indices: Sequence[int]) -> Samples:
        """Return the samples at some indices."""
        return replace(
            self,
            rows=tuple(self.rows[index] for index in indices),
            captions=tuple(self.captions[index] for index in indices),
            labels=tuple(self.labels[index] for index in indices),
            cases=tuple(self.cases[index] for index in indices),
        )
