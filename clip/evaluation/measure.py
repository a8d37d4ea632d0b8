"""Classification and retrieval scores of an encoder on the samples of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BundleDataset
from udt.clip.evaluation.classification import Classification, TaskScore, classify
from udt.clip.evaluation.embed import ProgressReporter, embed_images, embed_texts, no_progress
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.retrieval import Retrieval, retrieve
from udt.clip.evaluation.samples import Samples
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import DimensionLabels, Vocabulary


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """Options of an evaluation.

    :ivar graph: whether a model with graphs gets those of the texts, as in training: for a caption the graph of the
        labels of its sample, for a prompt that of its label.
    :ivar batch_size: of images and texts.
    :ivar workers: processes that read and decode images; 0 for this process.
    :ivar image_root: folder that relative paths of images start from and must stay in; by default the current one.
    """

    graph: bool = True
    batch_size: int = 64
    workers: int = 0
    image_root: Path | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """The scores of an encoder on some samples.

    :ivar graph: whether texts were embedded with their graphs.
    """

    samples: Samples
    graph: bool
    classification: Classification
    retrieval: Retrieval

    def headline(self) -> dict[str, float]:
        """Return the main metrics, by which trainings and variants are compared, each in [0, 1].

        `accuracy` and `macro_recall`, which are means over the dimensions, `image_to_text_recall_at_1` and so on.
        """
        return _headline(self.classification.mean, self.retrieval, "recall")

    def chance(self) -> dict[str, float]:
        """Return the expected main metrics of a random ranking."""
        return _headline(self.classification.random, self.retrieval, "random")


def _headline(score: TaskScore, retrieval: Retrieval, kind: Literal["recall", "random"]) -> dict[str, float]:
    found = {"accuracy": score.accuracy, "macro_recall": score.macro_recall}
    for direction in ("image_to_text", "text_to_image"):
        recall = getattr(getattr(retrieval, direction), kind)
        found |= {f"{direction}_recall_at_{k}": value for k, value in recall.items()}
    return found


def measure(
    encoder: DualEncoder,
    bundle: Bundle,
    rows: Sequence[int] | NDArray[np.int64],
    options: EvaluationOptions | None = None,
    progress: ProgressReporter = no_progress,
) -> Measures:
    """Score an encoder on some rows of a bundle.

    :raises DataError: if no row has image and caption, or the labels of the model are not those of the bundle.
    """
    options = options or EvaluationOptions()
    graph = options.graph and encoder.vocabulary is not None
    if graph:
        check_vocabulary(encoder.vocabulary, bundle)
    images, samples = _embed_readable(encoder, Samples.of(bundle, rows), options, progress)
    labels = samples.labels if graph else None
    texts = embed_texts(encoder, samples.captions, labels, batch_size=options.batch_size, progress=progress)
    scores = prompt_scores(encoder, images, bundle.vocabulary, graph=graph)
    found = retrieve(images.to(encoder.device), texts.to(encoder.device), samples.pairing())
    return Measures(samples, graph, classify(scores, samples.labels, bundle.vocabulary), found)


def check_vocabulary(vocabulary: Vocabulary | None, bundle: Bundle) -> None:
    """Check that a model and a bundle have the same labels.

    :param vocabulary: of the model; None for a model without graphs.
    :raises DataError: if they differ, with the names of the differing dimensions.
    """
    if vocabulary is None:
        return
    own, other = ({d.key: d.labels for d in v.dimensions} for v in (vocabulary, bundle.vocabulary))
    differing = [key for key in {**own, **other} if own.get(key) != other.get(key)]
    if differing or list(own) != list(other):
        raise DataError(
            f"{bundle.path}: its labels are not those that the model was trained with; different are "
            f"{', '.join(differing) or 'the positions of the dimensions'}. Make the bundle with the taxonomy of the "
            "training, or leave the graphs out (--no-graph)"
        )


def prompt_scores(
    encoder: DualEncoder, images: torch.Tensor, vocabulary: Vocabulary, *, graph: bool
) -> dict[str, NDArray[np.float32]]:
    """Compute the cosines of images with the prompts of all labels.

    :param images: (N, P) float32 rows of length 1.
    :param graph: whether each prompt is embedded with the graph of its label, which is empty for a label without node.
    :returns: (N, labels) for each dimension.
    """
    found = {}
    for index, dimension in enumerate(vocabulary.dimensions):
        labels = one_label_sets(index, dimension, vocabulary) if graph else None
        found[dimension.key] = (images @ embed_texts(encoder, dimension.prompts, labels).T).numpy()
    return found


def one_label_sets(index: int, dimension: DimensionLabels, vocabulary: Vocabulary) -> list[LabelSet]:
    """Return, for each label of the dimension with the index `index`, the label set of that label alone."""
    count = len(vocabulary.dimensions)
    return [LabelSet(tuple((label,) if p == index else () for p in range(count))) for label in range(len(dimension))]


def _embed_readable(
    encoder: DualEncoder, samples: Samples, options: EvaluationOptions, progress: ProgressReporter
) -> tuple[torch.Tensor, Samples]:
    """Embed the images that can be read; return the embeddings (N, P) and their samples."""
    dataset = BundleDataset(samples.bundle, samples.rows, encoder.image, image_root=options.image_root)
    found = embed_images(encoder, dataset, batch_size=options.batch_size, workers=options.workers, progress=progress)
    return found.rows, samples.readable(found.indices.tolist(), found.broken)
