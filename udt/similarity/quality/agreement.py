"""Agreement of two similarity matrices over the pairs of labels: rank correlations, and the pairs that differ most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from udt.core.errors import DataError
from udt.similarity.matrices import Matrix, SimilaritySet
from udt.similarity.quality.ranks import kendall, spearman


@dataclass(frozen=True, slots=True)
class DifferingPair:
    """The similarity of a pair of labels in two sets."""

    label: str
    other: str
    first: float
    second: float

    @property
    def difference(self) -> float:
        """The second similarity minus the first."""
        return self.second - self.first


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of two matrices of one dimension, over its pairs of different labels.

    :ivar spearman: rank correlation ρ; None if all pairs of one matrix have the same similarity.
    :ivar kendall: rank correlation τ-b; None in the same case.
    :ivar mean_difference: mean of the absolute differences.
    :ivar pairs: number of pairs.
    :ivar differing: the pairs that differ most, the largest difference first; equal ones in the order of the labels.
    """

    spearman: float | None
    kendall: float | None
    mean_difference: float
    pairs: int
    differing: tuple[DifferingPair, ...]


def agreement(first: SimilaritySet, second: SimilaritySet, top: int = 5) -> Mapping[str, Agreement]:
    """Compare the dimensions that both sets have, in the order of the first.

    :param top: most pairs to list for each dimension.
    :raises DataError: if they have no dimension in common, or a dimension has other labels.
    """
    common = [key for key in first.labels if key in second.labels]
    if not common:
        raise DataError(
            f"the matrices have no dimension in common: {', '.join(first.labels)}; and {', '.join(second.labels)}"
        )
    differing = [key for key in common if first.labels[key] != second.labels[key]]
    if differing:
        raise DataError(
            f"the matrices have different labels in {', '.join(differing)}; build both with the same taxonomy: "
            "udt similarity build"
        )
    return {key: matrix_agreement(first.labels[key], first[key], second[key], top) for key in common}


def matrix_agreement(labels: tuple[str, ...], first: Matrix, second: Matrix, top: int) -> Agreement:
    """Compare two matrices of the same labels, (labels, labels), symmetric."""
    rows, columns = np.triu_indices(len(labels), 1)
    # Differences below 1e-6 are rounding errors, which would break ties.
    a, b = (matrix[rows, columns].astype(np.float64).round(6) for matrix in (first, second))
    gaps = np.abs(b - a).round(6)
    order = np.argsort(-gaps, kind="stable")[:top]
    pairs = tuple(
        DifferingPair(labels[rows[i]], labels[columns[i]], float(a[i]), float(b[i])) for i in order if gaps[i] > 0
    )
    mean = float(gaps.mean()) if gaps.size else 0.0
    return Agreement(spearman(a, b), kendall(a, b), mean, len(a), pairs)
