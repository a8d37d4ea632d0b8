"""Measures of a classification, with intervals over groups and the spread over seeds.

With N images of C classes, and w_i the number of times that image i is in a resample:

    accuracy           share of the images whose largest score is that of their class
    balanced accuracy  mean over classes of the share of their images that are found
    macro F1           mean over classes of 2 TP / (2 TP + FP + FN)
    AUC                mean over classes of the probability that an image of the class has a larger score for it than
                       one of another class; equal scores count half

A class that neither occurs nor is predicted in a resample is left out of its means. Each measure is computed for each
seed, and averaged over seeds; the interval is that of this average over resamples of groups
(`udt.clip.evaluation.bootstrap`), the spread the standard deviation over seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.clip.evaluation.bootstrap import BootstrapInterval, Resamples, mean_of_present
from udt.clip.transfer.grouping import Ints

MEASURES = ("accuracy", "balanced_accuracy", "macro_f1", "auc")
"""Names of the measures."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SeedMean:
    """A measure, averaged over seeds.

    :ivar seeds: (S,) value of each seed, on the original.
    :ivar resampled: (B + 1,) mean over seeds, of the original and of each resample.
    :ivar interval: of the mean.
    """

    seeds: Floats
    resampled: Floats
    interval: BootstrapInterval

    @property
    def spread(self) -> float:
        """The standard deviation over seeds; NaN with one seed."""
        return float(self.seeds.std(ddof=1)) if len(self.seeds) > 1 else float("nan")


def seed_means(scores: Sequence[NDArray[Any]], truth: Ints, resamples: Resamples) -> dict[str, SeedMean]:
    """Measure the scores of each seed.

    :param scores: for each seed (T, C), larger for a more likely class.
    :param truth: (T,) class of each image.
    :param resamples: of the groups of the images.
    """
    weights = resamples.weights().astype(np.float64)
    of_seeds = [resampled_measures(one, truth, weights) for one in scores]
    found = {}
    for name in MEASURES:
        values = np.stack([one[name] for one in of_seeds])
        mean = values.mean(axis=0)
        found[name] = SeedMean(values[:, 0], mean, resamples.interval(mean))
    return found


def difference(one: SeedMean, other: SeedMean, resamples: Resamples) -> BootstrapInterval:
    """Return the difference of two means of the same images, with the interval of the paired differences."""
    return resamples.interval(one.resampled - other.resampled)


def resampled_measures(scores: NDArray[Any], truth: Ints, weights: Floats) -> Mapping[str, Floats]:
    """Return each measure for each row of weights.

    :param scores: (T, C).
    :param truth: (T,) class of each image.
    :param weights: (B, T) how often each image is in each resample.
    :returns: name to (B,).
    """
    classes = scores.shape[1]
    is_class = truth[:, None] == np.arange(classes)
    guessed = scores.argmax(axis=1)[:, None] == np.arange(classes)
    positive, predicted = weights @ is_class, weights @ guessed
    found = weights @ (is_class & guessed)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(positive > 0, found / positive, np.nan)
        f1 = np.where(positive + predicted > 0, 2 * found / (positive + predicted), np.nan)
    areas = np.stack([areas_under_curve(scores[:, c], is_class[:, c], weights) for c in range(classes)], axis=-1)
    return {
        "accuracy": found.sum(axis=1) / weights.sum(axis=1),
        "balanced_accuracy": mean_of_present(recall),
        "macro_f1": mean_of_present(f1),
        "auc": mean_of_present(areas),
    }


def areas_under_curve(scores: NDArray[Any], positive: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the area under the ROC curve for each row of weights; NaN if all of its images are alike.

    :param scores: (T,).
    :param positive: (T,) whether an image is of the class.
    :param weights: (B, T).
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(scores[order]) > 0]))
    ascending = weights[:, order]
    inside, outside = (np.add.reduceat(ascending * chosen[order], starts, axis=1) for chosen in (positive, ~positive))
    below = np.cumsum(outside, axis=1) - outside / 2
    pairs = inside.sum(axis=1) * outside.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(pairs > 0, (inside * below).sum(axis=1) / pairs, np.nan)
    return found


def confusion_counts(scores: Sequence[NDArray[Any]], truth: Ints) -> Floats:
    """Return the number of images of each class (rows) with each prediction (columns), averaged over seeds; (C, C)."""
    classes = scores[0].shape[1]
    found = np.zeros((classes, classes))
    for one in scores:
        np.add.at(found, (truth, one.argmax(axis=1)), 1 / len(scores))
    return found
