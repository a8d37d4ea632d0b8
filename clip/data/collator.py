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

# What randomness is drawn for, beside that of the image.
_WORDS = 1


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

    def __call__(self, samples: Sequence[LoadedSample]) -> dict[str, torch.Tensor]:
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

    def _said(self, sample: LoadedSample) -> Bools:
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
    """`diagnosis_ids` and `attribute_ids` of labels (B, V), as `udt.graphkit.convert.dense` makes them."""
    found, first = {}, 0
    for kind, places in columns.items():
        found[f"{kind}_ids"] = torch.from_numpy(_front(hot[:, places], first))
        first += len(places)
    return found


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
