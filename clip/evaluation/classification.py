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

A dimension in which all samples share a label is *degenerate*: always giving that label is right, whatever further
labels they have. Means over dimensions are of the others alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
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
    """The predictions for N samples in one dimension with C labels, and their scores.

    :ivar key: of the dimension.
    :ivar truth: (N, C), whether the sample has the label.
    :ivar guess: (N, C), whether the label is predicted; of a sample with k labels, k are.
    :ivar correct: (N,), whether the label with the largest score is one of the sample; False without a label.
    :ivar confidence: (N,) probability of the label with the largest score, by the softmax over the scores.
    """

    key: str
    labels: tuple[str, ...]
    truth: Bools
    guess: Bools
    correct: Bools
    confidence: Floats

    @property
    def known(self) -> Bools:
        """Whether each sample has a label in the dimension, (N,)."""
        found: Bools = np.any(self.truth, axis=1)
        return found

    @property
    def samples(self) -> int:
        """Number of samples with a label in the dimension."""
        return int(self.known.sum())

    @property
    def left_out(self) -> int:
        """Number of samples without."""
        return len(self.truth) - self.samples

    @property
    def support(self) -> NDArray[np.int64]:
        """Number of samples with each label, (C,)."""
        found: NDArray[np.int64] = self.truth.sum(axis=0)
        return found

    @property
    def degenerate(self) -> bool:
        """Whether one label is right for all samples; see `is_degenerate`."""
        return is_degenerate(self.truth)

    @property
    def score(self) -> TaskScore:
        """The score of the predictions."""
        return TaskScore(float(self.correct[self.known].mean()), _macro(self.truth, self.guess))

    @property
    def random(self) -> TaskScore:
        """The expected score of a random ranking of the labels."""
        return TaskScore(float(self.truth[self.known].mean()), _macro(self.truth, self.chance[:, None]))

    @property
    def chance(self) -> Floats:
        """The probability that a random guess is correct, (N,); 0 without a label."""
        found: Floats = self.truth.mean(axis=1)
        return found

    @property
    def recall(self) -> Floats:
        """The recall of each label, (C,) in [0, 1]; NaN if no sample has it."""
        return _recall(self.truth, self.guess)

    @property
    def confusion(self) -> Floats:
        """The labels of the samples × the predicted labels, (C, C); row a sums to `support[a]`.

        If several labels of a sample are missed, each is distributed equally over those that are predicted instead.
        """
        return confusion(self.truth, self.guess)


@dataclass(frozen=True, slots=True)
class Classification:
    """The results of all dimensions in which any of N samples has a label, in task order."""

    tasks: tuple[TaskResult, ...]

    @property
    def varied(self) -> tuple[TaskResult, ...]:
        """The dimensions that are not degenerate."""
        return tuple(task for task in self.tasks if not task.degenerate)

    @property
    def degenerate(self) -> tuple[str, ...]:
        """The keys of the degenerate dimensions."""
        return tuple(task.key for task in self.tasks if task.degenerate)

    @property
    def mean(self) -> TaskScore | None:
        """The mean over the dimensions that are not degenerate; None if all are."""
        return _mean([task.score for task in self.varied])

    @property
    def random(self) -> TaskScore | None:
        """The mean of the expected scores of a random ranking over the same dimensions."""
        return _mean([task.random for task in self.varied])


def classify(
    scores: Mapping[str, Floats],
    samples: Sequence[LabelSet],
    vocabulary: Vocabulary,
    *,
    scale: float = 1.0,
    present: bool = False,
) -> Classification:
    """Predict and score all dimensions.

    :param scores: for each dimension (samples, labels), the cosine of each image with the prompt of each label, or
        another score.
    :param samples: the labels of each sample.
    :param scale: factor of the scores in the softmax of the confidences.
    :param present: whether only labels that any sample has are candidates.
    :raises DataError: if no sample has a label in any dimension, or scores are of another shape or not finite.
    """
    sizes = [len(d) for d in vocabulary.dimensions]
    truths = np.split(multi_hot(samples, sizes), np.cumsum(sizes)[:-1], axis=1)
    pairs = [(d, truth) for d, truth in zip(vocabulary.dimensions, truths, strict=True) if truth.any()]
    if not pairs:
        raise DataError(f"none of the {len(samples)} samples has a label; give records with labels, or normalise them")
    tasks = []
    for dimension, truth in pairs:
        checked = _checked(scores[dimension.key], truth, dimension.key)
        kept: Bools = np.any(truth, axis=0) if present else np.ones(len(dimension), dtype=bool)
        labels = tuple(label for label, keep in zip(dimension.labels, kept, strict=True) if keep)
        tasks.append(_task(dimension.key, labels, truth[:, kept], checked[:, kept], scale))
    return Classification(tuple(tasks))


def majority_scores(samples: Sequence[LabelSet], vocabulary: Vocabulary) -> dict[str, Floats]:
    """Return the same scores for every sample: the frequency of each label in the samples.

    Of equally frequent labels the first has the largest score, so that none of them are tied.
    """
    found: dict[str, Floats] = {}
    for position, dimension in enumerate(vocabulary.dimensions):
        ids = [label for sample in samples for label in sample.ids[position]]
        support = np.bincount(np.array(ids, dtype=np.int64), minlength=len(dimension))
        row = support - np.arange(len(dimension)) / (2 * len(dimension))
        found[dimension.key] = np.broadcast_to(row, (len(samples), len(dimension)))
    return found


def is_degenerate(truth: Bools) -> bool:
    """Return whether a constant answer is correct for each sample that has a label, or none has.

    :param truth: (N, C), whether the sample has the label.
    """
    return bool(truth[truth.any(axis=1)].all(axis=0).any())


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


def _task(key: str, labels: tuple[str, ...], truth: Bools, scores: Floats, scale: float) -> TaskResult:
    order = ranking(scores, truth)
    scaled = scale * (scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    return TaskResult(
        key=key,
        labels=labels,
        truth=truth,
        guess=predicted(truth, order),
        correct=top_is_true(truth, order),
        confidence=1 / np.exp(scaled).sum(axis=1),
    )


def _recall(truth: Bools, guess: NDArray[Any]) -> Floats:
    """Return the mean of `guess`, which may be a probability, over the samples with each label; (C,), NaN for none."""
    support = truth.sum(axis=0)
    hits = (truth * guess).sum(axis=0)
    found: Floats = np.divide(hits, support, out=np.full(len(support), np.nan), where=support > 0)
    return found


def _macro(truth: Bools, guess: NDArray[Any]) -> float:
    return float(_recall(truth, guess)[truth.any(axis=0)].mean())


def _mean(scores: Sequence[TaskScore]) -> TaskScore | None:
    if not scores:
        return None
    accuracy, recall = np.mean([(score.accuracy, score.macro_recall) for score in scores], axis=0).tolist()
    return TaskScore(accuracy, recall)


def _checked(scores: Floats, truth: Bools, key: str) -> Floats:
    if scores.shape != truth.shape:
        got, expected = (" × ".join(map(str, part.shape)) for part in (scores, truth))
        raise DataError(f"{key}: the scores are {got}; they have to be samples × labels, {expected}")
    if not np.isfinite(scores).all():
        raise DataError(f"{key}: {int((~np.isfinite(scores)).sum())} scores are not finite; the encoder is broken")
    return scores
