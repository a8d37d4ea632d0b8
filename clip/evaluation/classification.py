"""Zero-shot classification: the label of each dimension whose prompt an image is closest to.

A sample may have several labels in a dimension, or none. With `L` its labels, k their number, and `s` the
cosines of its image with the prompts of all labels of the dimension,

    right     the label with the largest s is in L
    predicted the k labels with the largest s
    accuracy  share of the samples that are right
    recall[a] share of the samples with the label a that have a among their predicted
    macro     mean of recall[a] over the labels a that any sample has

With one label each these are the usual top-1 accuracy and macro recall. Samples without a label in the dimension
are left out. A label of `L` loses every tie with one that is not in `L`, so that an encoder that
scores all labels alike is never right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.similarity.multi_hot import multi_hot

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class TaskScore:
    """Accuracy and macro recall, each in [0, 1]."""

    accuracy: float
    macro_recall: float


@dataclass(frozen=True, slots=True, eq=False)
class TaskResult:
    """Result of one dimension with C labels.

    :ivar key: key of the dimension.
    :ivar samples: number of samples with a label in it.
    :ivar left_out: number of samples without one.
    :ivar support: (C,) number of samples with each label.
    :ivar recall: (C,) in [0, 1]; NaN if no sample has the label.
    :ivar confusion: (C, C) rows are labels of the samples, columns predicted labels; row a adds up to
        `support[a]`. If several labels of a sample are missed, each is divided equally over those that are
        predicted instead.
    :ivar random: expected scores of a random guess.
    :ivar majority: scores of a guess that ranks labels by their frequency in these samples.
    """

    key: str
    labels: tuple[str, ...]
    samples: int
    left_out: int
    score: TaskScore
    random: TaskScore
    majority: TaskScore
    support: NDArray[np.int64]
    recall: Floats
    confusion: Floats


@dataclass(frozen=True, slots=True)
class Classification:
    """All dimensions in which any sample has a label, in task order.

    :ivar right: for each of these dimensions, whether each sample is right; False if it has no label.
    :ivar labelled: for each, whether each sample has a label.
    :ivar chance: for each, the probability that a random guess is right about each sample; 0 if it has no label.
    """

    tasks: tuple[TaskResult, ...]
    right: Bools
    labelled: Bools
    chance: Floats

    @property
    def mean(self) -> TaskScore:
        """The mean over the dimensions."""
        return _mean([task.score for task in self.tasks])

    @property
    def random(self) -> TaskScore:
        """The mean of what a random guess is expected to reach."""
        return _mean([task.random for task in self.tasks])

    @property
    def majority(self) -> TaskScore:
        """The mean of what guessing by frequency reaches."""
        return _mean([task.majority for task in self.tasks])


def classify(scores: Mapping[str, Floats], samples: Sequence[LabelSet], vocabulary: Vocabulary) -> Classification:
    """Score all dimensions.

    :param scores: for each dimension (samples, labels), the similarity of each image to the prompt of each label.
    :raises DataError: if no sample has a label in any dimension, or scores are of another shape or not finite.
    """
    sizes = [len(d) for d in vocabulary.dimensions]
    truths = np.split(multi_hot(samples, sizes), np.cumsum(sizes)[:-1], axis=1)
    pairs = [(d, truth) for d, truth in zip(vocabulary.dimensions, truths, strict=True) if truth.any()]
    if not pairs:
        raise DataError(f"none of the {len(samples)} samples has a label; give records with labels, or normalise them")
    orders = [ranking(_checked(scores[d.key], truth, d.key), truth) for d, truth in pairs]
    tasks = tuple(_task(d, truth, order) for (d, truth), order in zip(pairs, orders, strict=True))
    chances = [truth.mean(axis=1) for _, truth in pairs]
    rights = [first(truth, order) for (_, truth), order in zip(pairs, orders, strict=True)]
    labelled = [truth.any(axis=1) for _, truth in pairs]
    return Classification(tasks, np.stack(rights), np.stack(labelled), np.stack(chances))


def ranking(scores: Floats, truth: Bools) -> NDArray[np.int64]:
    """Rank the labels of each sample by score as (N, C), largest first; among ties, labels not in `truth` come first.

    :param scores: (N, C).
    :param truth: (N, C), True if the sample has the label.
    """
    order: NDArray[np.int64] = np.lexsort((truth, -scores), axis=-1)
    return order


def first(truth: Bools, order: NDArray[np.int64]) -> Bools:
    """Return (N,) whether the first label of the ranking is one of the sample."""
    found: Bools = np.take_along_axis(truth, order[:, :1], axis=1)[:, 0]
    return found


def predicted(truth: Bools, order: NDArray[np.int64]) -> Bools:
    """Select (N, C) the first k labels of the ranking, k the number of labels of the sample."""
    chosen = np.arange(order.shape[1]) < truth.sum(axis=1, keepdims=True)
    found = np.zeros_like(truth)
    np.put_along_axis(found, order, chosen, axis=1)
    return found


def confusion(truth: Bools, guess: Bools) -> Floats:
    """Return the confusion (C, C) of `TaskResult`; both arguments are (N, C) with equally many labels a sample."""
    extra, missed = (guess & ~truth).astype(float), (truth & ~guess).astype(float)
    shares = extra / extra.sum(axis=1, keepdims=True).clip(min=1)
    found: Floats = missed.T @ shares
    found[np.diag_indices_from(found)] += (truth & guess).sum(axis=0)
    return found


def _task(dimension: DimensionLabels, all_truth: Bools, all_order: NDArray[np.int64]) -> TaskResult:
    known: Bools = np.any(all_truth, axis=1)
    truth, order = all_truth[known], all_order[known]
    guess = predicted(truth, order)
    shares = np.broadcast_to(truth.mean(axis=1, keepdims=True), truth.shape)
    by_frequency = ranking(np.broadcast_to(truth.sum(axis=0), truth.shape), np.zeros_like(truth))
    return TaskResult(
        key=dimension.key,
        labels=dimension.labels,
        samples=len(truth),
        left_out=len(known) - len(truth),
        score=TaskScore(float(first(truth, order).mean()), _macro(truth, guess)),
        random=TaskScore(float(truth.mean()), _macro(truth, shares)),
        majority=TaskScore(float(first(truth, by_frequency).mean()), _macro(truth, predicted(truth, by_frequency))),
        support=truth.sum(axis=0),
        recall=_recall(truth, guess),
        confusion=confusion(truth, guess),
    )


def _recall(truth: Bools, guess: NDArray[Any]) -> Floats:
    """Return (C,) the mean of `guess`, which may be a probability, over the samples with the label; NaN without any."""
    support = truth.sum(axis=0)
    hits = (truth * guess).sum(axis=0)
    found: Floats = np.divide(hits, support, out=np.full(len(support), np.nan), where=support > 0)
    return found


def _macro(truth: Bools, guess: NDArray[Any]) -> float:
    return float(_recall(truth, guess)[truth.any(axis=0)].mean())


def _mean(scores: Sequence[TaskScore]) -> TaskScore:
    accuracy, recall = np.mean([(score.accuracy, score.macro_recall) for score in scores], axis=0).tolist()
    return TaskScore(accuracy, recall)


def _checked(scores: Floats, truth: Bools, key: str) -> Floats:
    if scores.shape != truth.shape:
        got, wanted = (" × ".join(map(str, part.shape)) for part in (scores, truth))
        raise DataError(f"{key}: the scores are {got}; they have to be samples × labels, {wanted}")
    if not np.isfinite(scores).all():
        raise DataError(f"{key}: {int((~np.isfinite(scores)).sum())} scores are not finite; the encoder is broken")
    return scores
