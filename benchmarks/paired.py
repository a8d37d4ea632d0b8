"""Differences of trainings that share their seed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from scipy.stats import t as student


def paired_interval(gaps: Sequence[float]) -> dict[str, float]:
    """The mean of differences, two at least, with its 95% interval by Student's t."""
    mean, error = statistics.mean(gaps), statistics.stdev(gaps) / math.sqrt(len(gaps))
    half = float(student.ppf(0.975, len(gaps) - 1)) * error
    return {"mean": mean, "low": mean - half, "high": mean + half}
