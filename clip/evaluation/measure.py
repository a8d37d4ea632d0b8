"""Classification and retrieval scores of an encoder on the samples of a bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BundleDataset
from udt.clip.data.graphs import graph_label_sets
from udt.clip.evaluation.classification import Classification, TaskScore, classify
from udt.clip.evaluation.embed import ProgressReporter, embed_images, embed_texts, no_progress
from udt.clip.evaluation.encoder import DualEncoder
from udt.clip.evaluation.retrieval import Ranks, Retrieval, each, retrieve
from udt.clip.evaluation.samples import Samples
from udt.clip.model.config import GraphSource
from udt.core.errors import DataError
from udt.core.labels import LabelSet, positions_of
from udt.core.vocabulary import DimensionLabels, Vocabulary


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """Options of an evaluation.

    :ivar graph: source of the graphs of captions, for a model with graphs: the labels that a caption names, or those of
        its sample, which may go beyond the caption and so flatter retrieval. A prompt has the graph of its label.
    :ivar batch_size: of images and texts.
    :ivar workers: processes that read and decode images; 0 for this process.
    :ivar image_root: folder that relative paths of images start from and must stay in; by default the current one.
    :ivar features: (samples of the bundle, width) features of the image tower, which are read instead of the images;
        see `udt.clip.data.features`.
    :ivar present: whether only labels that any of the samples has are candidates in the classification.
    """

    graph: GraphSource = "text"
    batch_size: int = 64
    workers: int = 0
    image_root: Path | None = None
    features: torch.Tensor | None = field(default=None, compare=False, repr=False)
    present: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """The scores of an encoder on some samples.

    :ivar samples: their bundle has only the tasks that are scored.
    :ivar graph: source of the graphs of captions; `none` if texts were embedded alone.
    :ivar texts: (N, P) embeddings of the captions, on the CPU.
    :ivar untrained: keys of the tasks of the bundle that are not scored, since the model was not trained on them.
    :ivar unlabelled: keys of the tasks of the model that are not scored, since the bundle does not have them.
    """

    samples: Samples
    graph: GraphSource
    texts: torch.Tensor
    classification: Classification
    retrieval: Retrieval
    untrained: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()

    @property
    def without_labels(self) -> tuple[str, ...]:
        """Keys of the common tasks that are not scored, since no sample has a label in them."""
        scored = {task.key for task in self.classification.tasks}
        return tuple(key for key in self.samples.bundle.vocabulary.keys if key not in scored)

    def headline(self) -> dict[str, float]:
        """Return the main metrics, by which trainings and variants are compared, each in [0, 1].

        `mean_accuracy` and `mean_macro_recall` are means over the tasks of which no label is right for all samples, and
        missing if there is none. The others are `caption_image_to_text_recall_at_1` and so on, for each definition
        of retrieval.
        """
        return _headline(self.classification.mean, self.retrieval, lambda ranks: ranks.recall)

    def chance(self) -> dict[str, float]:
        """Return the expected main metrics of a random ranking."""
        return _headline(self.classification.random, self.retrieval, lambda ranks: ranks.chance)


def _headline(
    score: TaskScore | None, retrieval: Retrieval, values: Callable[[Ranks], Mapping[int, float]]
) -> dict[str, float]:
    found = {} if score is None else {"mean_accuracy": score.accuracy, "mean_macro_recall": score.macro_recall}
    for definition, way, ranks in each(retrieval):
        found |= {recall_name(definition, way, k): value for k, value in values(ranks).items()}
    return found


def recall_name(definition: str, way: str, k: int) -> str:
    """Return the name of the metric R@k of a definition and a direction.

    >>> recall_name("caption", "image_to_text", 5)
    'caption_image_to_text_recall_at_5'
    """
    return f"{definition}_{way}_recall_at_{k}"


def median_rank_name(definition: str, way: str) -> str:
    """Return the name of the median rank of a definition and a direction.

    >>> median_rank_name("case", "text_to_image")
    'case_text_to_image_median_rank'
    """
    return f"{definition}_{way}_median_rank"


def measure(
    encoder: DualEncoder,
    bundle: Bundle,
    rows: Sequence[int] | NDArray[np.int64],
    options: EvaluationOptions | None = None,
    progress: ProgressReporter = no_progress,
) -> Measures:
    """Score an encoder on some rows of a bundle, in the tasks that both have; a baseline in all tasks of the bundle.

    :raises DataError: if no row has image and caption, the model and the bundle have no task in common, or texts have
        graphs and the labels of a common task differ, or the bundle does not have the labels of the graphs.
    """
    options = options or EvaluationOptions()
    graph: GraphSource = options.graph if encoder.vocabulary is not None else "none"
    scored = common_tasks(encoder.trained, bundle, same_labels=graph != "none")
    images, samples = _embed_readable(encoder, Samples.of(scored, rows), options, progress)
    labels = graph_labels(encoder, samples, graph)
    texts = embed_texts(encoder, samples.captions, labels, batch_size=options.batch_size, progress=progress)
    scores = prompt_scores(encoder, images, scored.vocabulary, graph=graph != "none")
    scale = encoder.logit_scale
    results = classify(scores, samples.labels, scored.vocabulary, scale=scale, present=options.present)
    found = retrieve(images.to(encoder.device), texts.to(encoder.device), samples.captions, samples.cases)
    own = scored.vocabulary.keys if encoder.trained is None else encoder.trained.keys
    return Measures(
        samples,
        graph,
        texts,
        results,
        found,
        untrained=tuple(key for key in bundle.vocabulary.keys if key not in scored.vocabulary.keys),
        unlabelled=tuple(key for key in own if key not in bundle.vocabulary.keys),
    )


def remarks(found: Measures) -> list[str]:
    """Return a sentence for each reason for which tasks have no score, or are not in the mean."""
    parts = (
        (found.untrained, "the model was not trained on"),
        (found.unlabelled, "the bundle does not have"),
        (found.without_labels, "no sample has a label of"),
    )
    unscored = [
        f"not scored: {', '.join(keys)}, since {reason} {'it' if len(keys) == 1 else 'them'}"
        for keys, reason in parts
        if keys
    ]
    degenerate = found.classification.degenerate
    return [
        *unscored,
        *([f"not in the mean: {', '.join(degenerate)}, since one label is right for all"] if degenerate else []),
    ]


def common_tasks(trained: Vocabulary | None, bundle: Bundle, *, same_labels: bool) -> Bundle:
    """Return the bundle with the tasks that a model was trained on.

    :param trained: the tasks of the model; None for all tasks of the bundle.
    :param same_labels: whether the labels of these tasks have to be the same.
    :raises DataError: if there is no common task, or labels differ that have to be the same.
    """
    if trained is None:
        return bundle
    common = [key for key in bundle.vocabulary.keys if key in trained.keys]
    if not common:
        raise DataError(
            f"{bundle.path}: has the tasks {', '.join(bundle.vocabulary.keys)}, but the model was trained on "
            f"{', '.join(trained.keys)}; make a bundle with one of these tasks"
        )
    differing = [key for key in common if trained[key].labels != bundle.vocabulary[key].labels]
    if differing and same_labels:
        raise DataError(
            f"{bundle.path}: its labels are not those that the model was trained with; different are "
            f"{', '.join(differing)}. Make the bundle with the taxonomy of the training, or leave the graphs out "
            "(--graph none)"
        )
    return bundle.select(common)


def graph_labels(encoder: DualEncoder, samples: Samples, source: GraphSource) -> list[LabelSet] | None:
    """Return the labels of the graphs of captions over the dimensions of the model; None without graphs.

    Dimensions that the bundle lacks are empty.

    :raises DataError: if the encoder takes no graphs, or the bundle does not have the labels.
    """
    found = graph_label_sets(samples.bundle, samples.rows, source)
    if found is None:
        return None
    if encoder.vocabulary is None:
        raise DataError(f"{encoder.name} embeds texts without graphs; leave them out (--graph none)")
    positions = positions_of(encoder.vocabulary, samples.bundle.vocabulary)
    return [labels.arranged(positions) for labels in found]


def prompt_scores(
    encoder: DualEncoder, images: torch.Tensor, vocabulary: Vocabulary, *, graph: bool
) -> dict[str, NDArray[np.float32]]:
    """Compute the cosines of images with the prompts of all labels.

    :param images: (N, P) float32 rows of length 1.
    :param graph: whether each prompt is embedded with the graph of its label, which is empty for a label without node.
    :returns: (N, labels) for each dimension.
    """
    found = {}
    for dimension in vocabulary.dimensions:
        labels = one_label_sets(dimension, encoder.vocabulary or vocabulary) if graph else None
        found[dimension.key] = (images @ embed_texts(encoder, dimension.prompts, labels).T).numpy()
    return found


def one_label_sets(dimension: DimensionLabels, vocabulary: Vocabulary) -> list[LabelSet]:
    """Return, for each label of a dimension, the label set over `vocabulary` of that label alone."""
    keys = vocabulary.keys
    return [
        LabelSet(tuple((label,) if key == dimension.key else () for key in keys)) for label in range(len(dimension))
    ]


def _embed_readable(
    encoder: DualEncoder, samples: Samples, options: EvaluationOptions, progress: ProgressReporter
) -> tuple[torch.Tensor, Samples]:
    """Embed the images that can be read; return the embeddings (N, P) and their samples."""
    dataset = BundleDataset(
        samples.bundle, samples.rows, encoder.image, image_root=options.image_root, features=options.features
    )
    found = embed_images(encoder, dataset, batch_size=options.batch_size, workers=options.workers, progress=progress)
    return found.rows, samples.readable(found.indices.tolist(), found.broken)
