"""Samples joined into batches; what depends on labels and captions is laid out once, so that a batch is a lookup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch

from udt.bundle.reader import Bundle
from udt.clip.data.augmentation import generator
from udt.clip.data.dataset import BrokenImageError, LoadedSample
from udt.clip.data.prompts import PromptMix, group_of, prompts
from udt.clip.data.rows import Bools, Rows, label_rows
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.graphkit.nodes import NODE_TYPES, NodeSpace

# Stream of random numbers that chooses prompts; stream 0 augments the image.
_PROMPT_STREAM = 1


class Collator:
    """Joins samples into batches for the model and the objective.

    :param processor: the processor of the model; its vocabulary has to have the labels of the bundle.
    :param graph: whether the model takes graphs.
    :param mix: which captions are replaced by prompts; this depends on `seed`, epoch and row alone.
    :raises DataError: if the labels differ.
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

    def __call__(self, samples: Sequence[LoadedSample]) -> dict[str, torch.Tensor]:
        """Return a batch: the model's arguments, `labels` and `prompt_labels` (B, V) bool, and `groups` (B,) int64.

        `prompt_labels` marks the labels whose prompts replace the caption; no label if the caption is used. Equal texts
        have equal groups. A sample without pixels is replaced by another of the batch, with caption and labels, so that
        the batch keeps its size; the two count as matches of each other.

        :raises BrokenImageError: if no sample has pixels.
        """
        readable = [sample for sample in samples if sample.pixels is not None]
        if not readable:
            raise BrokenImageError(f"none of the {len(samples)} images of a batch can be read")
        spare = iter(range(len(samples)))
        used = [sample if sample.pixels is not None else readable[next(spare) % len(readable)] for sample in samples]
        rows = np.array([sample.row for sample in used])
        labels, prompt_labels = self._labels[rows], np.stack([self._prompt_labels(sample) for sample in used])
        texts, groups = self._texts(rows, prompt_labels)
        batch = {"pixel_values": torch.stack([sample.pixels for sample in used if sample.pixels is not None])}
        batch |= self.processor.tokens(texts)
        if self._nodes is not None:
            batch |= _graphs(np.where(prompt_labels.any(axis=1, keepdims=True), prompt_labels, labels), self._nodes)
        arrays = {"labels": labels, "prompt_labels": prompt_labels, "groups": groups}
        return {**batch, **{name: torch.from_numpy(array) for name, array in arrays.items()}}

    def _prompt_labels(self, sample: LoadedSample) -> Bools:
        """Return (V,) the labels whose prompts replace the caption; no label if the caption is used."""
        labels = self._labels[sample.row]
        if not self._mix.share:
            return np.zeros_like(labels)
        chosen = self._mix.draw(labels, generator(self._seed, sample.epoch, sample.row, _PROMPT_STREAM))
        return np.zeros_like(labels) if chosen is None else chosen

    def _texts(self, rows: Rows, prompt_labels: Bools) -> tuple[list[str], Rows]:
        """Return the text of each sample, and its group."""
        texts = self._captions.take(pa.array(rows)).to_pylist()
        groups = self._groups[rows].astype(np.int64)
        for place in np.flatnonzero(prompt_labels.any(axis=1)):
            texts[place] = ", ".join(self._prompts[column] for column in np.flatnonzero(prompt_labels[place]))
            groups[place] = group_of(texts[place])
        return texts, groups


def _graphs(multi_hot: Bools, columns: Mapping[str, Rows]) -> dict[str, torch.Tensor]:
    """Return `diagnosis_ids` and `attribute_ids` of multi-hot labels (B, V), as `udt.graphkit.convert.dense` does."""
    found, first = {}, 0
    for kind, places in columns.items():
        found[f"{kind}_ids"] = torch.from_numpy(_left_aligned(multi_hot[:, places], first))
        first += len(places)
    return found


def _node_columns(space: NodeSpace) -> dict[str, Rows]:
    """Return the columns of `label_rows` that are the nodes of each type, ordered by node id."""
    starts = np.cumsum([0, *map(len, space.vocabulary.dimensions)])
    columns = {kind: [starts[n.place] + n.label_id for n in space.nodes if n.type == kind] for kind in NODE_TYPES}
    return {kind: np.array(places, dtype=np.int64) for kind, places in columns.items()}


def _left_aligned(multi_hot: Bools, first: int) -> Rows:
    """Return (B, N) the True columns of each row, left-aligned, counted from `first`, padded with -1; N ≥ 1."""
    lengths = multi_hot.sum(axis=1)
    found = np.full((len(multi_hot), max(int(lengths.max(initial=0)), 1)), -1, dtype=np.int64)
    found[np.arange(found.shape[1]) < lengths[:, None]] = np.nonzero(multi_hot)[1] + first
    return found


def _check_labels(processor: UltrasoundClipProcessor, bundle: Bundle) -> None:
    own, theirs = ({d.key: d.labels for d in v.dimensions} for v in (processor.vocabulary, bundle.vocabulary))
    differing = [key for key in theirs if own.get(key) != theirs[key]]
    if differing or len(own) != len(theirs):
        raise DataError(
            f"{bundle.path}: has other labels than the model: {', '.join(differing)}; make the bundle with the "
            "taxonomy that the model was made with, or train a new model"
        )
