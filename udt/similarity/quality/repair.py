"""Repair of matrices that are not positive semi-definite: the nearest one that is, with its other properties kept.

The nearest matrix in the Frobenius norm is found by alternating projections (Higham 2002, *Computing the nearest
correlation matrix – a problem from finance*) onto the positive semi-definite matrices and onto the symmetric ones with
ones on the diagonal and values in [0, 1]. Both sets are convex; with the corrections of Dykstra for both, the
projections converge to the nearest matrix of their intersection. The last step shrinks the rest towards the identity
matrix (Higham, Strabić and Šego 2016, *Restoring definiteness via shrinking*), so that the result is positive
semi-definite after rounding to float32 too, however many steps were made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.similarity.matrices import Matrix, SimilaritySet
from udt.similarity.quality.spectrum import eigenvalue_tolerance, eigenvalues

STEPS = 200
"""Most projections of a matrix of a few hundred labels."""

_LARGE_STEPS = 5
_WORK = 2e10
"""Size to the power of 3 times the projections, which `_LARGE_STEPS` alone may exceed: about a minute of one core."""

_CONVERGED = 1e-7

_Square = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Repair:
    """The size of a repair.

    :ivar smallest_eigenvalue: before it.
    :ivar repaired_eigenvalue: the smallest one after it.
    :ivar frobenius: Frobenius norm of the change.
    :ivar largest_change: of a value.
    :ivar steps: projections that were made.
    :ivar shrinking: share of the identity matrix in the last step.
    """

    smallest_eigenvalue: float
    repaired_eigenvalue: float
    frobenius: float
    largest_change: float
    steps: int
    shrinking: float


def repaired_set(similarity: SimilaritySet) -> tuple[SimilaritySet, Mapping[str, Repair]]:
    """Return the set with all matrices positive semi-definite, and the repairs by dimension.

    Matrices that need no repair are kept. The provenance has the repairs in the parameter `psd`.
    """
    found = {key: repaired(matrix) for key, matrix in similarity.matrices.items()}
    repairs = {key: repair for key, (_, repair) in found.items() if repair is not None}
    parameters: dict[str, Any] = {**similarity.provenance.parameters, "psd": {k: asdict(r) for k, r in repairs.items()}}
    provenance = replace(similarity.provenance, parameters=parameters)
    return SimilaritySet(similarity.labels, {key: matrix for key, (matrix, _) in found.items()}, provenance), repairs


def repaired(matrix: Matrix) -> tuple[Matrix, Repair | None]:
    """Return the nearest positive semi-definite matrix, and the size of the change.

    :param matrix: (n, n) float32, symmetric, in [0, 1], 1 on the diagonal.
    :returns: a matrix of the same properties without negative eigenvalues, and the change; the matrix itself and None
        if it has no negative eigenvalues, up to rounding.
    """
    start = matrix.astype(np.float64)
    smallest = _smallest(start)
    if smallest >= -eigenvalue_tolerance(len(start)):
        return matrix, None
    nearest, steps = _nearest(start)
    found, shrinking = _shrunk(nearest)
    change = found - start
    return found, Repair(
        smallest_eigenvalue=smallest,
        repaired_eigenvalue=_smallest(found.astype(np.float64)),
        frobenius=float(np.linalg.norm(change)),
        largest_change=float(np.abs(change).max()),
        steps=steps,
        shrinking=shrinking,
    )


def _nearest(start: _Square) -> tuple[_Square, int]:
    """Return the result of the alternating projections, in the set of unit diagonal and range, and their number."""
    current = start
    of_cone, of_box = np.zeros_like(start), np.zeros_like(start)
    steps = 0
    for steps in range(1, _most_steps(len(start)) + 1):  # noqa: B007 (read after the loop)
        shifted = current - of_cone
        semidefinite = _projected(shifted)
        of_cone = semidefinite - shifted
        shifted = semidefinite - of_box
        following = shifted.clip(0, 1)
        np.fill_diagonal(following, 1)
        of_box = following - shifted
        moved = np.linalg.norm(following - current) + np.linalg.norm(following - semidefinite)
        current = following
        if moved <= _CONVERGED * np.linalg.norm(current):
            break
    return current, steps


def _most_steps(size: int) -> int:
    """Return the most projections for a matrix of `size` labels; thousands of labels get few, and more shrinking."""
    return min(STEPS, max(_LARGE_STEPS, int(_WORK / size**3)))


def _projected(square: _Square) -> _Square:
    """Return the nearest positive semi-definite matrix: negative eigenvalues become 0."""
    values, vectors = np.linalg.eigh(square)
    negative = values < 0
    cut = square - (vectors[:, negative] * values[negative]) @ vectors[:, negative].T
    symmetric: _Square = (cut + cut.T) / 2
    return symmetric


def _shrunk(square: _Square) -> tuple[Matrix, float]:
    """Mix in as much of the identity matrix as keeps the smallest eigenvalue above rounding errors."""
    missing = max(0.0, eigenvalue_tolerance(len(square)) - _smallest(square))
    share = missing / (1 + missing)
    found = ((1 - share) * square).clip(0, 1).astype(np.float32)
    found = np.maximum(found, found.T)
    np.fill_diagonal(found, 1)
    return found, share


def _smallest(square: _Square) -> float:
    return float(eigenvalues(square)[0]) if len(square) else 1.0
