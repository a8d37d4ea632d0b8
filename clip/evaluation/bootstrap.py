"""Intervals by the cluster bootstrap over cases.

The images of one case resemble each other, so that samples are not independent. Each resample draws as many cases as
there are, with replacement, and takes all samples of each (Davison and Hinkley 1997, *Bootstrap Methods and their
Application*, section 3.8). The bounds of an interval are percentiles of the resampled values (Efron 1981,
*Nonparametric standard errors and confidence intervals*).

The resamples depend on the cases and the seed alone. Values of two models on the same samples are paired: the interval
of their difference is that of the differences resample by resample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError

REPLICATES, LEVEL = 1000, 0.95

_FEWEST_CASES = 2
_CHUNK = 100
_SLACK = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """A value with its interval.

    :ivar low: lower bound; NaN with a single case, of which nothing can be resampled. `high` likewise.
    """

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        spec = spec or ".3f"
        bounds = "" if np.isnan(self.low) else f" [{self.low:{spec}}, {self.high:{spec}}]"
        return f"{self.value:{spec}}{bounds}"

    def __str__(self) -> str:
        return format(self)


class Resamples:
    """Resamples of the cases of N samples.

    :param cases: (N,) the case of each sample.
    :param replicates: number of resamples, B.
    """

    def __init__(self, cases: Sequence[str], replicates: int = REPLICATES, seed: int = 0) -> None:
        if not cases or replicates < 1:
            raise DataError(f"a bootstrap needs samples and resamples; got {len(cases)} and {replicates}")
        names, index = np.unique(np.asarray(cases), return_inverse=True)
        self.count = len(names)
        self.replicates = replicates
        self.seed = seed
        self._cases = index
        self._order = np.argsort(index, kind="stable")
        self._starts = np.searchsorted(index[self._order], np.arange(self.count))

    @cached_property
    def _draws(self) -> NDArray[np.uint16]:
        """How often each case is in each resample, (B + 1, cases); the first row is the original, each case once."""
        generator = np.random.default_rng(self.seed)
        found = np.ones((self.replicates + 1, self.count), dtype=np.uint16)
        for row in found[1:]:
            row[:] = np.bincount(generator.integers(self.count, size=self.count), minlength=self.count)
        return found

    def weights(self) -> NDArray[np.uint16]:
        """Return how often each sample is in the original, which is once, and in each resample; (B + 1, N)."""
        found: NDArray[np.uint16] = self._draws[:, self._cases]
        return found

    def ratios(self, numerators: NDArray[Any], denominators: NDArray[Any]) -> Floats:
        """Return the ratio of two sums over samples, of the original and of each resample.

        :param numerators: (N, M), or (N,) for M = 1.
        :param denominators: likewise.
        :returns: (B + 1, M), the original first; NaN if the denominator is 0.
        """
        above, below = self.sums(numerators), self.sums(denominators)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = np.where(below > 0, above / below, np.nan)
        return found

    def sums(self, values: NDArray[Any]) -> Floats:
        """Return the sum of values over samples, of the original and of each resample.

        :param values: (N, M), or (N,) for M = 1.
        :returns: (B + 1, M), the original first.
        """
        rows = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        by_case = np.add.reduceat(rows[self._order], self._starts, axis=0)
        found: Floats = np.concatenate([chunk.astype(np.float64) @ by_case for chunk in self._chunks()])
        return found

    def medians(self, values: NDArray[Any], weights: NDArray[Any]) -> Floats:
        """Return the weighted median of values, of the original and of each resample.

        :param values: (N,).
        :param weights: (N,) above 0; a sample that is in a resample several times has as many times its weight.
        :returns: (B + 1,), the original first.
        """
        order = np.argsort(values, kind="stable")
        cases, ascending = self._cases[order], np.asarray(weights, dtype=np.float64)[order]
        parts = [weighted_medians(values[order], chunk[:, cases] * ascending) for chunk in self._chunks()]
        found: Floats = np.concatenate(parts)
        return found

    def _chunks(self) -> Iterator[NDArray[np.uint16]]:
        """Yield the rows of `_draws`, some at a time."""
        return (self._draws[start : start + _CHUNK] for start in range(0, self.replicates + 1, _CHUNK))

    def interval(self, values: Floats, level: float = LEVEL) -> BootstrapInterval:
        """Return the first of (B + 1,) values with the percentiles of the others; NaN among these is left out."""
        rest = values[1:][~np.isnan(values[1:])]
        if self.count < _FEWEST_CASES or not len(rest):
            return BootstrapInterval(float(values[0]), np.nan, np.nan)
        low, high = np.quantile(rest, [(1 - level) / 2, (1 + level) / 2]).tolist()
        return BootstrapInterval(float(values[0]), low, high)


def weighted_medians(values: NDArray[Any], weights: Floats) -> Floats:
    """Return the value with half of the weight below it, for each row of weights; between two values, their mean.

    :param values: (N,) ascending.
    :param weights: (B, N) at least 0, of each row one above 0.
    :returns: (B,).
    """
    passed = np.cumsum(weights, axis=1)
    half = passed[:, -1:] / 2
    # Half of the weight is rarely reached exactly in floating point.
    first, last = (np.argmax(passed >= half * bound, axis=1) for bound in (1 - _SLACK, 1 + _SLACK))
    found: Floats = (values[first] + values[last]) / 2
    return found


def mean_of_present(values: NDArray[Any]) -> Floats:
    """Return the mean over the last axis without NaN; NaN if there is nothing else."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(count > 0, np.where(known, values, 0).sum(axis=-1) / count, np.nan)
    return found
