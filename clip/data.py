"""Samples of a bundle, one by one for the workers that read images, and joined into batches.

What depends on labels and captions is laid out once, as arrays over all rows, so that a batch is a lookup.
"""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from torch.utils.data import Dataset

from udt.bundle import SAMPLES, Bundle
from udt.clip.augment import Augmentation, generator
from udt.clip.images import ImageTransform
from udt.clip.processor import UltrasoundClipProcessor
from udt.clip.prompts import PromptMix, group_of, prompts
from udt.errors import DataError
from udt.graphkit.nodes import NODE_TYPES, NodeSpace

logger = logging.getLogger(__name__)

Rows = NDArray[np.int64]
Bools = NDArray[np.bool_]

# What randomness is drawn for, beside that of the image.
_WORDS = 1


class BrokenImageError(DataError):
    """Images cannot be read, and too many for a training."""


class Sample(NamedTuple):
    """One sample as a worker hands it over.

    :ivar row: of the bundle.
    :ivar pixels: (3, H, W); None where the image cannot be read.
    :ivar epoch: that it was read in, from 0.
    """

    row: int
    pixels: torch.Tensor | None
    epoch: int = 0


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


class BundleDataset(Dataset[Sample]):
    """Images of some rows of a bundle, read when they are asked for, in any process.

    :param bundle: of which each process opens its own handle.
    :param rows: in the order of the dataset; all of them have an image.
    :param transform: from an image to pixels.
    :param augmentation: how images are changed; the change depends on `seed`, epoch and row alone, not on workers or on
        what was read before, so that a run that is resumed sees what it would have seen.
    :param image_root: folder that relative paths start from; by default the current one.
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
    ) -> None:
        self.path = bundle.path
        self.rows: Rows = np.asarray(rows, dtype=np.int64)
        self.transform = transform
        self.augmentation = augmentation
        self.seed = seed
        self.image_root = None if image_root is None else Path(image_root).expanduser()
        self.broken = torch.zeros(len(self.rows), dtype=torch.uint8).share_memory_()
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        self._paths = bundle.column("image").combine_chunks() if bundle.manifest["images"]["as"] == "path" else None
        self._bundle: tuple[int, Bundle] | None = (os.getpid(), bundle)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Sample:
        """Sample `index`; one whose image cannot be read is marked and reported, and has no pixels."""
        row = int(self.rows[index])
        try:
            return Sample(row, self._pixels(row), int(self._epoch))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # what Pillow raises
            if not self.broken[index]:
                logger.warning("the image of %s cannot be read: %s", self.name(index), error)
            self.broken[index] = 1
            return Sample(row, None, int(self._epoch))

    def set_epoch(self, epoch: int) -> None:
        """Tell all workers which epoch it is."""
        self._epoch.fill_(epoch)

    def name(self, index: int) -> str:
        """What sample `index` is called in messages."""
        row = int(self.rows[index])
        path = "" if self._paths is None else f", {self._paths[row].as_py()}"
        return f"sample {row} of {self.path}{path}"

    def check_broken(self, share: float) -> None:
        """:raises BrokenImageError: where more than `share` of the images could not be read."""
        count = int(self.broken.sum())
        if count <= share * len(self):
            return
        first = [self.name(int(index)) for index in self.broken.nonzero()[:3]]
        raise BrokenImageError(
            f"{count:,} of {len(self):,} images cannot be read, more than the share of {share:g} that "
            f"data.max_broken_share allows: {'; '.join(first)}{'; …' if count > len(first) else ''}. Mend them, say "
            "where the images are (data.image_root), or allow more"
        )

    def __getstate__(self) -> Mapping[str, Any]:
        return {**self.__dict__, "_bundle": None}

    def _pixels(self, row: int) -> torch.Tensor:
        with self._opened(row) as image:
            if self.augmentation is None:
                return self.transform(image)
            fitted = self.transform.fitted(image.convert("RGB"))
        changed = self.augmentation(fitted, generator(self.seed, int(self._epoch), row))
        # It has its final size already; only numbers are left to be scaled.
        return replace(self.transform, fit="squash", shortest_edge=None)(changed)

    def _opened(self, row: int) -> Image.Image:
        if self._paths is None:
            content = self._own_bundle().image(row)
            return Image.open(io.BytesIO(content if isinstance(content, bytes) else b""))
        path = Path(self._paths[row].as_py())
        return Image.open(path if self.image_root is None else self.image_root / path)

    def _own_bundle(self) -> Bundle:
        """The bundle with a file handle of this process: position and cache of one are not to be shared."""
        if self._bundle is None or self._bundle[0] != os.getpid():
            self._bundle = (os.getpid(), Bundle.open(self.path, verify=False))
        return self._bundle[1]


class Collator:
    """Joins samples into what the model and the objective take.

    :param processor: of the model; its vocabulary has to have the labels of the bundle.
    :param graph: whether the model takes graphs.
    :param mix: which captions give way to prompts; this depends on `seed`, epoch and row alone.
    :raises DataError: where the labels differ.
    """

    def __init__(
        self,
        processor: UltrasoundClipProcessor,
        bundle: Bundle,
        *,
        graph: bool = True,
        mix: PromptMix = PromptMix(),  # noqa: B008 (immutable)
        seed: int = 0,
    ) -> None:
        _check_labels(processor, bundle)
        self.processor = processor
        captions = bundle.column("caption").combine_chunks()
        self._captions: pa.Array = captions
        self._groups: Rows = captions.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        self._labels = label_rows(bundle)
        self._nodes = _node_columns(processor.space) if graph else None
        self._mix = mix
        self._seed = seed
        self._prompts = prompts(bundle.vocabulary)

    def __call__(self, samples: Sequence[Sample]) -> dict[str, torch.Tensor]:
        """A batch of B samples: the model's arguments, `labels` and `said` (B, V) bool, and `groups` (B,) int64.

        `said` are the labels whose prompts make up the text; none where the caption does. Groups are equal where texts
        are. A sample without pixels gives its place to another of the batch, with
        caption and labels, so that the batch stays as large; being equal, the two count as matches of each other.

        :raises BrokenImageError: where none has pixels.
        """
        whole = [sample for sample in samples if sample.pixels is not None]
        if not whole:
            raise BrokenImageError(f"none of the {len(samples)} images of a batch can be read")
        spare = iter(range(len(samples)))
        taken = [sample if sample.pixels is not None else whole[next(spare) % len(whole)] for sample in samples]
        rows = np.array([sample.row for sample in taken])
        labels, said = self._labels[rows], np.stack([self._said(sample) for sample in taken])
        texts, groups = self._texts(rows, said)
        batch = {"pixel_values": torch.stack([sample.pixels for sample in taken if sample.pixels is not None])}
        batch |= self.processor.tokens(texts)
        if self._nodes is not None:
            batch |= _graphs(np.where(said.any(axis=1, keepdims=True), said, labels), self._nodes)
        arrays = {"labels": labels, "said": said, "groups": groups}
        return {**batch, **{name: torch.from_numpy(array) for name, array in arrays.items()}}

    def _said(self, sample: Sample) -> Bools:
        """(V,) the labels that speak in place of the caption; none where the caption does."""
        labels = self._labels[sample.row]
        if not self._mix.share:
            return np.zeros_like(labels)
        chosen = self._mix.draw(labels, generator(self._seed, sample.epoch, sample.row, _WORDS))
        return np.zeros_like(labels) if chosen is None else chosen

    def _texts(self, rows: Rows, said: Bools) -> tuple[list[str], Rows]:
        """The text of each sample, and its group."""
        texts = self._captions.take(pa.array(rows)).to_pylist()
        groups = self._groups[rows].astype(np.int64)
        for place in np.flatnonzero(said.any(axis=1)):
            texts[place] = ", ".join(self._prompts[column] for column in np.flatnonzero(said[place]))
            groups[place] = group_of(texts[place])
        return texts, groups


def _graphs(hot: Bools, columns: Mapping[str, Rows]) -> dict[str, torch.Tensor]:
    """`diagnosis_ids` and `attribute_ids` of labels (B, V), as `udt.graphkit.dense` makes them."""
    found, first = {}, 0
    for kind, places in columns.items():
        found[f"{kind}_ids"] = torch.from_numpy(_front(hot[:, places], first))
        first += len(places)
    return found


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


def _node_columns(space: NodeSpace) -> dict[str, Rows]:
    """For each type of node, the columns of `label_rows` that are its nodes, by their ids."""
    starts = np.cumsum([0, *map(len, space.vocabulary.dimensions)])
    columns = {kind: [starts[n.place] + n.label_id for n in space.nodes if n.type == kind] for kind in NODE_TYPES}
    return {kind: np.array(places, dtype=np.int64) for kind, places in columns.items()}


def _front(hot: Bools, first: int) -> Rows:
    """(B, longest, at least 1): of each row the columns that are True, from the left, counted from `first`; then -1."""
    lengths = hot.sum(axis=1)
    found = np.full((len(hot), max(int(lengths.max(initial=0)), 1)), -1, dtype=np.int64)
    found[np.arange(found.shape[1]) < lengths[:, None]] = np.nonzero(hot)[1] + first
    return found


def _check_labels(processor: UltrasoundClipProcessor, bundle: Bundle) -> None:
    own, theirs = ({d.key: d.labels for d in v.dimensions} for v in (processor.vocabulary, bundle.vocabulary))
    differing = [key for key in theirs if own.get(key) != theirs[key]]
    if differing or len(own) != len(theirs):
        raise DataError(
            f"{bundle.path}: has other labels than the model: {', '.join(differing)}; make the bundle with the "
            "taxonomy that the model was made with, or train a new model"
        )
