"""Score predicted label sets against gold: precision, recall and F1 by dimension, micro and macro, with intervals.

Without gold labels and predicted labels, precision, recall and F1 are 1. If only the denominator of precision or of
recall is 0, since all labels are missed or all are false, that score is 0. The macro F1 is the mean over the dimensions
with any gold or predicted label; the others would only raise it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Labels = Mapping[str, Iterable[str]]
Counts = NDArray[np.int64]

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision, recall and F1, each in [0, 1].

    :ivar support: number of gold labels.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Percentile bootstrap interval at 95 %."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelEvaluation:
    """Agreement of predictions with gold.

    :ivar dimensions: by key, in order.
    :ivar exact_match: share of records without an error in any dimension.
    :ivar n: number of records.
    :ivar micro_interval: of the micro F1; None without bootstrap.
    :ivar macro_interval: of the macro F1; None without bootstrap.
    """

    dimensions: Mapping[str, PrecisionRecall]
    micro: PrecisionRecall
    macro_f1: float
    exact_match: float
    n: int
    micro_interval: Interval | None = None
    macro_interval: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        found: dict[str, Any] = {
            "micro": _score_dict(self.micro),
            "macro_f1": self.macro_f1,
            "exact_match": self.exact_match,
            "n": self.n,
            "dimensions": {key: _score_dict(score) for key, score in self.dimensions.items()},
        }
        if self.micro_interval and self.macro_interval:
            found["interval"] = {
                "level": _LEVEL,
                "micro_f1": [self.micro_interval.low, self.micro_interval.high],
                "macro_f1": [self.macro_interval.low, self.macro_interval.high],
            }
        return found


def _score_dict(score: PrecisionRecall) -> dict[str, float | int]:
    return {"precision": score.precision, "recall": score.recall, "f1": score.f1, "support": score.support}


def evaluate_labels(
    gold: Sequence[Labels], predicted: Sequence[Labels], keys: Sequence[str], *, bootstrap: int = 0, seed: int = 0
) -> LabelEvaluation:
    """Score `predicted[i]` against `gold[i]` for all records i.

    :param keys: the dimensions, in order; one that a label set lacks counts as empty.
    :param bootstrap: resamples of the records for the intervals; 0 for none.
    :raises ValueError: if there is no record, the lengths differ, or `bootstrap` is negative.
    """
    if not gold or len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold and {len(predicted)} predicted records; give as many of both, at least 1")
    counts = count(gold, predicted, keys)
    totals: Counts = counts.sum(axis=0)
    micro_interval, macro_interval = intervals(counts, bootstrap, seed) if bootstrap else (None, None)
    return LabelEvaluation(
        dimensions={key: _score(totals[i]) for i, key in enumerate(keys)},
        micro=_score(totals.sum(axis=0)),
        macro_f1=float(macro_f1(totals)),
        exact_match=float((counts[:, :, 1:].sum(axis=(1, 2)) == 0).mean()),
        n=len(gold),
        micro_interval=micro_interval,
        macro_interval=macro_interval,
    )


def count(gold: Sequence[Labels], predicted: Sequence[Labels], keys: Sequence[str]) -> Counts:
    """Count true positives, false positives and false negatives, shape (records, dimensions, 3)."""
    rows = [[_count(set(g.get(k, ())), set(p.get(k, ()))) for k in keys] for g, p in zip(gold, predicted, strict=True)]
    return np.array(rows, dtype=np.int64).reshape(len(gold), len(keys), 3)


def _count(gold: set[str], predicted: set[str]) -> tuple[int, int, int]:
    return len(gold & predicted), len(predicted - gold), len(gold - predicted)


def _score(counts: Counts) -> PrecisionRecall:
    true, extra, missed = (int(x) for x in counts)
    clean = true + extra + missed == 0
    return PrecisionRecall(
        precision=_ratio(true, true + extra, clean),
        recall=_ratio(true, true + missed, clean),
        f1=float(f1(counts)),
        support=true + missed,
    )


def _ratio(part: int, whole: int, clean: bool) -> float:
    return part / whole if whole else float(clean)


def f1(counts: Counts) -> NDArray[np.float64]:
    """Compute `2·tp / (2·tp + fp + fn)` over the last axis (tp, fp, fn); 1 if all are 0."""
    double = 2.0 * counts[..., 0]
    whole = double + counts[..., 1] + counts[..., 2]
    scores: NDArray[np.float64] = np.divide(double, whole, out=np.ones_like(whole), where=whole > 0)
    return scores


def macro_f1(totals: Counts) -> NDArray[np.float64]:
    """Average the F1 of the dimensions with any label, from totals of shape (..., dimensions, 3); 1 if none has any."""
    used = totals.sum(axis=-1) > 0
    number = used.sum(axis=-1)
    total = np.where(used, f1(totals), 0.0).sum(axis=-1)
    means: NDArray[np.float64] = np.divide(total, number, out=np.ones_like(total), where=number > 0)
    return means


def intervals(counts: Counts, resamples: int, seed: int) -> tuple[Interval, Interval]:
    """Compute 95 % bootstrap intervals of the micro and the macro F1, drawing records with replacement.

    :param counts: shape (records, dimensions, 3), from `count`.
    :raises ValueError: if `resamples` is below 1.
    """
    if resamples < 1:
        raise ValueError(f"{resamples} resamples; give at least 1")
    records, dimensions, _ = counts.shape
    flat = counts.reshape(records, -1)
    generator = np.random.default_rng(seed)
    totals = np.empty((resamples, flat.shape[1]), dtype=np.int64)
    for i in range(resamples):
        totals[i] = np.bincount(generator.integers(records, size=records), minlength=records) @ flat
    by_dimension = totals.reshape(resamples, dimensions, 3)
    return _interval(f1(by_dimension.sum(axis=1))), _interval(macro_f1(by_dimension))


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Interval(float(low), float(high))


def differences(
    gold: Labels, predicted: Labels, keys: Sequence[str]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the false positives and the false negatives of each dimension, sorted.

    Dimensions without errors are left out.
    """
    found = {}
    for key in keys:
        true, positive = set(gold.get(key, ())), set(predicted.get(key, ()))
        if true != positive:
            found[key] = tuple(sorted(positive - true)), tuple(sorted(true - positive))
    return found
