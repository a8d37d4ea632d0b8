"""Zero-shot classification of images by the prompts of labels, dimension by dimension.

A sample may have several labels in a dimension, or none. With `L` its labels, k their number, and `s` the cosines of
its image with the prompts of all labels of the dimension,

    correct   the label with the largest s is in L
    predicted the k labels with the largest s
    accuracy  share of the samples that are correct
    recall[a] share of the samples with the label a that have a among their predicted
    macro     mean of recall[a] over the labels a that any sample has

With one label each these are the usual top-1 accuracy and macro recall. Samples without a label in the dimension are
left out. A label of `L` loses every tie with one that is not in `L`, so that an encoder that does not distinguish
labels has an accuracy of 0.
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
    """The scores of one dimension with C labels.

    :ivar key: of the dimension.
    :ivar samples: number of samples with a label in the dimension.
    :ivar left_out: number of samples without.
    :ivar score: of the encoder.
    :ivar random: expected score of a random ranking of the labels.
    :ivar majority: score of a ranking by frequency in these samples, the same for every image.
    :ivar support: (C,) number of samples with the label.
    :ivar recall: (C,) in [0, 1]; NaN if no sample has the label.
    :ivar confusion: (C, C), labels of the samples × predicted labels; row a sums to `support[a]`. If several labels of
        a sample are missed, each is distributed equally over those that are predicted instead.
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

    :ivar correct: (dimensions, samples), whether each sample is correct; False without a label.
    :ivar labelled: (dimensions, samples), whether each sample has a label.
    :ivar chance: (dimensions, samples), the probability that a random guess is correct; 0 without a label.
    """

    tasks: tuple[TaskResult, ...]
    correct: Bools
    labelled: Bools
    chance: Floats

    @property
    def mean(self) -> TaskScore:
        """The mean over the dimensions."""
        return _mean([task.score for task in self.tasks])

    @property
    def random(self) -> TaskScore:
        """The mean of the expected scores of a random ranking."""
        return _mean([task.random for task in self.tasks])

    @property
    def majority(self) -> TaskScore:
        """The mean of the scores of a ranking by frequency."""
        return _mean([task.majority for task in self.tasks])


def classify(scores: Mapping[str, Floats], samples: Sequence[LabelSet], vocabulary: Vocabulary) -> Classification:
    """Score all dimensions.

    :param scores: for each dimension (samples, labels), the cosine of each image with the prompt of each label.
    :param samples: the labels of each sample.
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
    correct = [top_is_true(truth, order) for (_, truth), order in zip(pairs, orders, strict=True)]
    labelled = [truth.any(axis=1) for _, truth in pairs]
    return Classification(tasks, np.stack(correct), np.stack(labelled), np.stack(chances))


def ranking(scores: Floats, truth: Bools) -> NDArray[np.int64]:
    """Rank the labels of each sample by descending score; of equal scores, labels not in `truth` come first.

    :param scores: (N, C).
    :param truth: (N, C), whether the sample has the label.
    :returns: (N, C) indices of labels.
    """
    order: NDArray[np.int64] = np.lexsort((truth, -scores), axis=-1)
    return order


def top_is_true(truth: Bools, order: NDArray[np.int64]) -> Bools:
    """Return whether the first label of each ranking is one of the sample, (N,)."""
    found: Bools = np.take_along_axis(truth, order[:, :1], axis=1)[:, 0]
    return found


def predicted(truth: Bools, order: NDArray[np.int64]) -> Bools:
    """Return whether each label is among the first k of the ranking, (N, C); the sample has k labels."""
    chosen = np.arange(order.shape[1]) < truth.sum(axis=1, keepdims=True)
    found = np.zeros_like(truth)
    np.put_along_axis(found, order, chosen, axis=1)
    return found


def confusion(truth: Bools, guess: Bools) -> Floats:
    """Compute the confusion matrix (C, C); see `TaskResult`.

    :param truth: (N, C), whether the sample has the label.
    :param guess: (N, C), whether it is predicted; as many labels for each sample as in `truth`.
    """
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
    frequent = ranking(np.broadcast_to(truth.sum(axis=0), truth.shape), np.zeros_like(truth))
    return TaskResult(
        key=dimension.key,
        labels=dimension.labels,
        samples=len(truth),
        left_out=len(known) - len(truth),
        score=TaskScore(float(top_is_true(truth, order).mean()), _macro(truth, guess)),
        random=TaskScore(float(truth.mean()), _macro(truth, shares)),
        majority=TaskScore(float(top_is_true(truth, frequent).mean()), _macro(truth, predicted(truth, frequent))),
        support=truth.sum(axis=0),
        recall=_recall(truth, guess),
        confusion=confusion(truth, guess),
    )


def _recall(truth: Bools, guess: NDArray[Any]) -> Floats:
    """Return the mean of `guess`, which may be a probability, over the samples with each label; (C,), NaN for none."""
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
        got, expected = (" × ".join(map(str, part.shape)) for part in (scores, truth))
        raise DataError(f"{key}: the scores are {got}; they have to be samples × labels, {expected}")
    if not np.isfinite(scores).all():
        raise DataError(f"{key}: {int((~np.isfinite(scores)).sum())} scores are not finite; the encoder is broken")
    return scores
