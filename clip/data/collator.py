"""Collate samples into batches; captions and labels of all rows are prepared once, so that a batch is a lookup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from udt.bundle.reader import Bundle
from udt.clip.data.augmentation import generator
from udt.clip.data.dataset import BrokenImageError, LoadedSample
from udt.clip.data.features import TextFeatures, image_inputs
from udt.clip.data.graphs import graph_matrix
from udt.clip.data.negatives import HardNegatives
from udt.clip.data.prompts import PromptMix, group_of, prompts
from udt.clip.data.rows import Bools, Rows, label_matrix
from udt.clip.model.config import GraphSource
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.graphkit.nodes import NODE_TYPES, NodeSpace

# Purposes of the random generators for prompts and hard negatives; that for images is 0.
_PROMPTS, _NEGATIVES = 1, 2


class Collator:
    """Collates samples into inputs of the model and the objective.

    :param processor: of the model; its vocabulary has to have the labels of the bundle.
    :param graph: source of the graphs of captions; `none` for a model without graph encoder.
    :param mix: how many captions are replaced by prompts; the draw depends on `seed`, epoch and row alone.
    :param seed: of the prompts and the hard negatives.
    :param negatives: draws hard negative texts; None for none.
    :param features: of a frozen text tower, which take the place of tokens; None for tokens.
    :raises DataError: if the labels differ, or the bundle does not have those of the graphs.
    """

    def __init__(
        self,
        processor: UltrasoundClipProcessor,
        bundle: Bundle,
        *,
        graph: GraphSource = "text",
        mix: PromptMix = PromptMix(),  # noqa: B008 (immutable)
        seed: int = 0,
        negatives: HardNegatives | None = None,
        features: TextFeatures | None = None,
    ) -> None:
        _check_labels(processor, bundle)
        self.processor = processor
        self._captions: pa.Array = bundle.column("caption").combine_chunks()
        self._groups: Rows = self._captions.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        self._labels = label_matrix(bundle)
        self._graph_labels = graph_matrix(bundle, graph)
        self._node_columns = _node_columns(processor.space)
        self._mix = mix
        self._seed = seed
        self._negatives = negatives
        self._features = features
        self._prompts = prompts(bundle.vocabulary)

    def __call__(self, samples: Sequence[LoadedSample]) -> dict[str, torch.Tensor]:
        """Collate B samples.

        A sample without pixels is replaced by another of the batch, with its caption and labels, so that the batch size
        does not change; being equal, the two are matches of each other.

        :returns: the arguments of the model; `labels` (B, V) bool; `prompt_labels` (B, V) bool, the labels whose
            prompts make up the text, none for a caption; and `groups` (B,) int64, equal for equal texts. With hard
            negatives, the B texts are followed by K times B further ones, and `has_negative` (B, K) bool is False for a
            sample that lacks its k-th one, whose own text is there instead, or whose change was cut off as too long.
        :raises BrokenImageError: if no sample has pixels.
        """
        samples = _replace_broken(samples)
        rows = np.array([sample.row for sample in samples])
        labels, prompt_labels = self._labels[rows], np.stack([self._prompt_labels(sample) for sample in samples])
        texts, groups = self._texts(rows, prompt_labels)
        batch = image_inputs(torch.stack([sample.pixels for sample in samples if sample.pixels is not None]))
        arrays = {"labels": labels, "prompt_labels": prompt_labels, "groups": groups}
        prompted = prompt_labels.any(axis=1, keepdims=True)
        of_captions = labels if self._graph_labels is None else self._graph_labels[rows]
        text_labels = np.where(prompted, prompt_labels, of_captions)
        if self._negatives is not None:
            texts, text_labels, arrays["has_negative"] = self._with_negatives(
                self._negatives, samples, texts, text_labels, arrays
            )
        tokens = self.processor.tokens(texts) if self._features is None or self._negatives is not None else {}
        batch |= tokens if self._features is None else {"text_features": self._features(texts)}
        if self._negatives is not None:
            arrays["has_negative"] &= _differs_from_own(tokens["input_ids"], len(samples))
        if self._graph_labels is not None:
            batch |= _graphs(text_labels, self._node_columns)
        return {**batch, **{name: torch.from_numpy(array) for name, array in arrays.items()}}

    def _prompt_labels(self, sample: LoadedSample) -> Bools:
        """Return the labels (V,) whose prompts replace the caption; none if it is kept."""
        labels = self._labels[sample.row]
        if not self._mix.share:
            return np.zeros_like(labels)
        drawn = self._mix.draw(labels, generator(self._seed, sample.epoch, sample.row, _PROMPTS))
        return np.zeros_like(labels) if drawn is None else drawn

    def _texts(self, rows: Rows, prompt_labels: Bools) -> tuple[list[str], Rows]:
        """Return the text and the group (B,) of each sample."""
        texts = self._captions.take(pa.array(rows)).to_pylist()
        groups = self._groups[rows].astype(np.int64)
        for index in np.flatnonzero(prompt_labels.any(axis=1)):
            texts[index] = ", ".join(self._prompts[column] for column in np.flatnonzero(prompt_labels[index]))
            groups[index] = group_of(texts[index])
        return texts, groups

    def _with_negatives(
        self,
        negatives: HardNegatives,
        samples: Sequence[LoadedSample],
        texts: list[str],
        text_labels: Bools,
        arrays: Mapping[str, Any],
    ) -> tuple[list[str], Bools, Bools]:
        """Return the texts with their hard negatives, the labels of the graphs of all, and `has_negative`."""
        all_texts = [list(texts) for _ in range(1 + negatives.count)]
        all_labels = [text_labels.copy() for _ in range(1 + negatives.count)]
        present = np.zeros((len(samples), negatives.count), dtype=bool)
        for index, sample in enumerate(samples):
            rng = generator(self._seed, sample.epoch, sample.row, _NEGATIVES)
            drawn = negatives.draw(texts[index], arrays["labels"][index], arrays["prompt_labels"][index], rng)
            for place, negative in enumerate(drawn):
                all_texts[1 + place][index] = negative.text
                all_labels[1 + place][index] = negative.labels(text_labels[index])
                present[index, place] = True
        return [text for part in all_texts for text in part], np.concatenate(all_labels), present


def _differs_from_own(input_ids: torch.Tensor, count: int) -> Bools:
    """Return whether the tokens of the k-th negative differ from those of the text of the sample, (B, K).

    :param input_ids: (B + K · B, tokens), padded to one length.
    :param count: B.
    """
    tokens = input_ids.unflatten(0, (-1, count))
    found: Bools = (tokens[1:] != tokens[:1]).any(-1).T.numpy()
    return found


def _replace_broken(samples: Sequence[LoadedSample]) -> list[LoadedSample]:
    """Replace samples without pixels by the others of the batch, in turn."""
    intact = [sample for sample in samples if sample.pixels is not None]
    if not intact:
        raise BrokenImageError(f"none of the {len(samples)} images of a batch can be read")
    turn = iter(range(len(samples)))
    return [sample if sample.pixels is not None else intact[next(turn) % len(intact)] for sample in samples]


def _graphs(labels: Bools, columns: Mapping[str, Rows]) -> dict[str, torch.Tensor]:
    """Return `diagnosis_ids` and `attribute_ids` of labels (B, V), as `udt.graphkit.convert.dense` makes them.

    :param columns: the columns of `labels` for each node type, as `_node_columns` returns them.
    """
    found, first_id = {}, 0
    for kind, own in columns.items():
        found[f"{kind}_ids"] = torch.from_numpy(_padded_ids(labels[:, own], first_id))
        first_id += len(own)
    return found


def _node_columns(space: NodeSpace) -> dict[str, Rows]:
    """Return, for each node type, the columns of `label_matrix` that are its nodes, in the order of their ids."""
    starts = np.cumsum([0, *map(len, space.vocabulary.dimensions)])
    columns = {kind: [starts[n.place] + n.label_id for n in space.nodes if n.type == kind] for kind in NODE_TYPES}
    return {kind: np.array(own, dtype=np.int64) for kind, own in columns.items()}


def _padded_ids(labels: Bools, first_id: int) -> Rows:
    """Return the ids of the labels of each row, ascending, padded with -1 to (B, N), N at least 1.

    :param labels: (B, nodes of one type).
    :param first_id: id of the first column.
    """
    lengths = labels.sum(axis=1)
    ids = np.full((len(labels), max(int(lengths.max(initial=0)), 1)), -1, dtype=np.int64)
    ids[np.arange(ids.shape[1]) < lengths[:, None]] = np.nonzero(labels)[1] + first_id
    return ids


def _check_labels(processor: UltrasoundClipProcessor, bundle: Bundle) -> None:
    own, theirs = ({d.key: d.labels for d in v.dimensions} for v in (processor.vocabulary, bundle.vocabulary))
    differing = [key for key in {**own, **theirs} if own.get(key) != theirs.get(key)]
    if differing:
        raise DataError(
            f"{bundle.path}: has other labels than the model: {', '.join(differing)}; make the bundle with the "
            "taxonomy that the model was made with, or train a new model"
        )
