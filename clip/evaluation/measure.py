"""Both measures of an encoder, classification and retrieval, on the samples of a bundle."""

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
from udt.clip.evaluation.embed import ProgressReporter, embed_images, embed_texts, silent
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.retrieval import Retrieval, retrieve
from udt.clip.evaluation.samples import Samples
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import DimensionLabels, Vocabulary


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """Options of an evaluation.

    :ivar graph: whether texts are embedded with their graphs, if the model has a graph encoder: captions with the graph
        of their labels, prompts with that of their one label, as in training.
    :ivar batch_size: batch size of images and texts.
    :ivar workers: processes that read and decode images; 0 for this one.
    :ivar image_root: folder that relative paths of images start from; by default the current one.
    """

    graph: bool = True
    batch_size: int = 64
    workers: int = 0
    image_root: Path | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """The two measures, and the samples that they are of.

    :ivar graph: whether texts came with their graphs.
    """

    samples: Samples
    graph: bool
    classification: Classification
    retrieval: Retrieval

    def headline(self) -> dict[str, float]:
        """Return the main measures of training and of comparisons of variants, each in [0, 1].

        `accuracy` and `macro_recall` are means over the dimensions; `image_to_text_recall_at_1` and so on.
        """
        return _headline(self.classification.mean, self.retrieval, "recall")

    def chance(self) -> dict[str, float]:
        """Return the expected values of the same measures for a random guess and a random order."""
        return _headline(self.classification.random, self.retrieval, "random")


def _headline(score: TaskScore, retrieval: Retrieval, kind: Literal["recall", "random"]) -> dict[str, float]:
    found = {"accuracy": score.accuracy, "macro_recall": score.macro_recall}
    for way in ("image_to_text", "text_to_image"):
        found |= {f"{way}_recall_at_{k}": value for k, value in getattr(getattr(retrieval, way), kind).items()}
    return found


def measure(
    encoder: DualEncoder,
    bundle: Bundle,
    rows: Sequence[int] | NDArray[np.int64],
    options: EvaluationOptions | None = None,
    progress: ProgressReporter = silent,
) -> Measures:
    """Measure an encoder on some rows of a bundle.

    :raises DataError: if no row has image and caption, or the labels of the model are not those of the bundle.
    """
    options = options or EvaluationOptions()
    graph = options.graph and encoder.vocabulary is not None
    if graph:
        check_vocabulary(encoder.vocabulary, bundle)
    images, samples = _images(encoder, Samples.of(bundle, rows), options, progress)
    labels = samples.labels if graph else None
    texts = embed_texts(encoder, samples.captions, labels, batch_size=options.batch_size, progress=progress)
    scores = prompt_scores(encoder, images, bundle.vocabulary, graph=graph)
    found = retrieve(images.to(encoder.device), texts.to(encoder.device), samples.pairing())
    return Measures(samples, graph, classify(scores, samples.labels, bundle.vocabulary), found)


def check_vocabulary(vocabulary: Vocabulary | None, bundle: Bundle) -> None:
    """Check that the nodes of a model are the labels of the bundle.

    :param vocabulary: vocabulary of the model; None if it has no nodes.
    :raises DataError: naming the dimensions that differ.
    """
    if vocabulary is None:
        return
    own, other = ({d.key: d.labels for d in v.dimensions} for v in (vocabulary, bundle.vocabulary))
    differing = [key for key in {**own, **other} if own.get(key) != other.get(key)]
    if differing or list(own) != list(other):
        raise DataError(
            f"{bundle.path}: its labels are not those that the model was trained with; other are "
            f"{', '.join(differing) or 'the places of the dimensions'}. Make the bundle with the taxonomy of the "
            "training, or leave the graphs out (--no-graph)"
        )


def prompt_scores(
    encoder: DualEncoder, images: torch.Tensor, vocabulary: Vocabulary, *, graph: bool
) -> dict[str, NDArray[np.float32]]:
    """Compute the cosines (images, labels) of images with the prompts of the labels of each dimension.

    :param images: (N, P) float32 rows of length 1.
    :param graph: whether each prompt is embedded with the graph of its label; that of a label without a node is empty.
    """
    found = {}
    for place, dimension in enumerate(vocabulary.dimensions):
        labels = one_label_sets(place, dimension, vocabulary) if graph else None
        found[dimension.key] = (images @ embed_texts(encoder, dimension.prompts, labels).T).numpy()
    return found


def one_label_sets(place: int, dimension: DimensionLabels, vocabulary: Vocabulary) -> list[LabelSet]:
    """Return a set of one label for each label of the dimension at `place`."""
    count = len(vocabulary.dimensions)
    return [LabelSet(tuple((label,) if p == place else () for p in range(count))) for label in range(len(dimension))]


def _images(
    encoder: DualEncoder, samples: Samples, options: EvaluationOptions, progress: ProgressReporter
) -> tuple[torch.Tensor, Samples]:
    """Embed images as (N, P), and return the samples whose image can be read."""
    dataset = BundleDataset(samples.bundle, samples.rows, encoder.image, image_root=options.image_root)
    found = embed_images(encoder, dataset, batch_size=options.batch_size, workers=options.workers, progress=progress)
    return found.rows, samples.readable(found.places.tolist(), found.broken)
