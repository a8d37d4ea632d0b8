"""Calibration: whether predictions with a confidence of p are correct in a share p of the cases.

Samples are put into bins of equal width by their confidence. The expected calibration error (Guo et al. 2017, *On
calibration of modern neural networks*, equation 3) is

    ECE = Σ_b |accuracy of bin b - mean confidence of bin b| · (samples in bin b) / (samples)

A bin includes its upper bound, not its lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.clip.evaluation.bootstrap import Floats, Resamples
from udt.clip.evaluation.classification import TaskResult

BINS = 15


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The samples whose confidence is in one interval.

    :ivar samples: number of samples, at least 1.
    :ivar confidence: mean confidence, in [0, 1]; `accuracy` is the share of correct predictions.
    """

    samples: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins that have samples, by ascending confidence."""

    bins: tuple[CalibrationBin, ...]

    @property
    def samples(self) -> int:
        """Number of samples."""
        return sum(one.samples for one in self.bins)

    @property
    def ece(self) -> float:
        """The expected calibration error, in [0, 1]."""
        return sum(one.samples * abs(one.accuracy - one.confidence) for one in self.bins) / self.samples

    @property
    def confidence(self) -> float:
        """The mean confidence."""
        return sum(one.samples * one.confidence for one in self.bins) / self.samples

    @classmethod
    def of(cls, confidence: NDArray[Any], correct: NDArray[np.bool_], bins: int = BINS) -> Calibration:
        """Put predictions into bins.

        :param confidence: (N,) in [0, 1], with N at least 1.
        :param correct: (N,).
        :param bins: number of bins.
        """
        index = _bins(confidence, bins)
        parts = ((confidence[index == one], correct[index == one]) for one in np.unique(index))
        return cls(tuple(CalibrationBin(len(c), float(c.mean()), float(r.mean())) for c, r in parts))

    @classmethod
    def of_task(cls, task: TaskResult) -> Calibration:
        """Put the samples with a label in a dimension into bins."""
        return cls.of(task.confidence[task.known], task.correct[task.known])


def resampled_ece(task: TaskResult, resamples: Resamples, bins: int = BINS) -> Floats:
    """Return the expected calibration error of a task, of the original and of each resample.

    The number of samples of a bin cancels out: a resample of N samples has ECE = Σ_b |Σ_{i in b} (correct_i -
    confidence_i)| / N, so that the sums of each case are computed once.

    :returns: (B + 1,), the original first; NaN without a sample that has a label.
    """
    known, gaps = task.known, np.zeros((len(task.truth), bins))
    gaps[np.flatnonzero(known), _bins(task.confidence[known], bins)] = (task.correct - task.confidence)[known]
    errors, samples = np.abs(resamples.sums(gaps)).sum(axis=1), resamples.sums(known)[:, 0]
    found: Floats = np.divide(errors, samples, out=np.full(len(errors), np.nan), where=samples > 0)
    return found


def _bins(confidence: NDArray[Any], bins: int) -> NDArray[np.int64]:
    """Return the bin of each confidence, (N,) from 0."""
    found: NDArray[np.int64] = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return found
