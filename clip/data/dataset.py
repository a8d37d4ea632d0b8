"""A dataset of the images of a bundle, read in any process."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch.utils.data import Dataset

from udt.bundle.images import stored_image
from udt.bundle.reader import Bundle
from udt.clip.data.augmentation import Augmentation, augmented_pixels, generator
from udt.clip.data.rows import Rows
from udt.clip.model.images import ImageTransform
from udt.core.errors import DataError
from udt.core.images import ImageError, decode_image

logger = logging.getLogger(__name__)

_NAMED = 3


class BrokenImageError(DataError):
    """More images than allowed cannot be read."""


class LoadedSample(NamedTuple):
    """A sample with its image.

    :ivar row: of the bundle.
    :ivar pixels: (3, H, W) float32, or (width,) features of a frozen tower; None if the image cannot be read.
    :ivar epoch: in which it was read, from 0.
    """

    row: int
    pixels: torch.Tensor | None
    epoch: int = 0


class BundleDataset(Dataset[LoadedSample]):
    """The images of some rows of a bundle, read on access.

    Augmentation depends on `seed`, epoch and row alone, neither on the worker nor on what was read before, so that a
    resumed run reads the same images.

    :param bundle: each process opens its own file handle.
    :param rows: in the order of the dataset; all of them have an image.
    :param transform: from an image to pixels.
    :param augmentation: random changes of the images; None for none.
    :param seed: of the augmentation.
    :param image_root: folder that relative paths of images start from and must stay in; by default the current one.
    :param features: (samples of the bundle, width) features of a frozen tower, which are read instead of the images;
        NaN for images that cannot be read. See `udt.clip.data.features`.
    :ivar broken: (len,) uint8, 1 for each sample whose image could not be read so far, by this process or its workers.
    """

    def __init__(
        self,
        bundle: Bundle,
        rows: ArrayLike,
        transform: ImageTransform,
        *,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        image_root: str | Path | None = None,
        features: torch.Tensor | None = None,
    ) -> None:
        self.path = bundle.path
        self.rows: Rows = np.asarray(rows, dtype=np.int64)
        self.transform = transform
        self.augmentation = augmentation
        self.seed = seed
        self.image_root = None if image_root is None else Path(image_root).expanduser()
        self.features = features
        self.broken = torch.zeros(len(self.rows), dtype=torch.uint8).share_memory_()
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._paths = bundle.column("image").combine_chunks() if bundle.manifest["images"]["as"] == "path" else None
        self._bundle: tuple[int, Bundle] | None = (os.getpid(), bundle)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> LoadedSample:
        """Read sample `index`; one whose image cannot be read is marked and logged, and has no pixels."""
        return self.load(index)

    def load(self, index: int, content: bytes | None = None) -> LoadedSample:
        """Load sample `index` as `__getitem__` does.

        :param content: its encoded image; None to read it.
        """
        row, epoch = int(self.rows[index]), int(self._epoch)
        try:
            return LoadedSample(row, self._pixels(row, epoch, content), epoch)
        except DataError as error:
            if not self.broken[index]:
                fault = error.fault if isinstance(error, ImageError) else error
                logger.warning("the image of %s cannot be read: it %s", self.name(index), fault)
            self.broken[index] = 1
            return LoadedSample(row, None, epoch)

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, from 0, in this process and its workers."""
        self._epoch.fill_(epoch)

    def name(self, index: int) -> str:
        """Return the name of sample `index` for messages."""
        row = int(self.rows[index])
        path = "" if self._paths is None else f", {self._paths[row].as_py()}"
        return f"sample {row} of {self.path}{path}"

    def check_broken(self, share: float) -> None:
        """Check that at most a share of the images could not be read.

        :raises BrokenImageError: if there are more.
        """
        count = int(self.broken.sum())
        if count <= share * len(self):
            return
        names = [self.name(int(index)) for index in self.broken.nonzero()[:_NAMED]]
        raise BrokenImageError(
            f"{count:,} of {len(self):,} images cannot be read, more than the share of {share:g} that "
            f"data.max_broken_share allows: {'; '.join(names)}{'; …' if count > len(names) else ''}. Fix the files, "
            "set data.image_root, or raise data.max_broken_share"
        )

    def __getstate__(self) -> Mapping[str, Any]:
        return {**self.__dict__, "_bundle": None}

    @property
    def epoch(self) -> int:
        """The epoch, from 0."""
        return int(self._epoch)

    def _pixels(self, row: int, epoch: int, content: bytes | None) -> torch.Tensor:
        if self.features is not None:
            return _readable(self.features[row])
        image = decode_image(self._content(row) if content is None else content, "RGB", row)
        if self.augmentation is None:
            return self.transform(image)
        return augmented_pixels(image, self.transform, self.augmentation, generator(self.seed, epoch, row))

    def _content(self, row: int) -> bytes:
        if self._paths is None:
            content = self._own_bundle().image(row)
            return content if isinstance(content, bytes) else b""
        return stored_image(self._paths[row].as_py(), self.image_root)

    def _own_bundle(self) -> Bundle:
        """Return the bundle with a file handle of this process, since processes cannot share its position."""
        if self._bundle is None or self._bundle[0] != os.getpid():
            self._bundle = (os.getpid(), Bundle.open(self.path, verify=False))
        return self._bundle[1]


def _readable(features: torch.Tensor) -> torch.Tensor:
    """Return the features (width,) of an image.

    :raises DataError: if they are NaN, since the image could not be read.
    """
    if features.isnan().any():
        raise DataError("could not be read when its features were made")
    return features
