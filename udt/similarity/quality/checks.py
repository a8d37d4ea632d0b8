"""Checks of a similarity matrix: faults, and properties that a similarity may lack.

A fault makes a matrix unusable: another shape or type than declared, numbers that are NaN or out of [0, 1], no
symmetry, or a diagonal other than 1. That `1 - S` breaks the triangle inequality, or that S has negative eigenvalues
and so is no inner product of any vectors, is reported as a property: the soft prior is computed in either case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from udt.similarity.matrices import Matrix, StoredMatrices, matrix_faults
from udt.similarity.quality.spectrum import eigenvalue_tolerance, eigenvalues
from udt.similarity.quality.triangle import TriangleCheck, check_triangles


@dataclass(frozen=True, slots=True)
class MatrixCheck:
    """The checks of one matrix. Properties are computed if there is no fault, else they are None.

    :ivar faults: a sentence each.
    :ivar lowest: the lowest value off the diagonal.
    :ivar highest: the highest value off the diagonal.
    :ivar smallest_eigenvalue: of the matrix.
    :ivar negative_eigenvalues: their number.
    """

    labels: int
    faults: tuple[str, ...]
    lowest: float | None = None
    highest: float | None = None
    triangles: TriangleCheck | None = None
    smallest_eigenvalue: float | None = None
    negative_eigenvalues: int | None = None

    @property
    def positive_semidefinite(self) -> bool | None:
        """Whether no eigenvalue is negative, up to rounding; None if the matrix has a fault."""
        return None if self.negative_eigenvalues is None else self.negative_eigenvalues == 0


def check_stored(stored: StoredMatrices) -> Mapping[str, MatrixCheck]:
    """Check all matrices of a file, those without labels included."""
    found = {key: check_matrix(key, labels, stored.matrices.get(key)) for key, labels in stored.labels.items()}
    surplus = {key: MatrixCheck(0, (f"{key}: a matrix without labels",)) for key in stored.matrices if key not in found}
    return {**found, **surplus}


def check_matrix(key: str, labels: tuple[str, ...], matrix: Matrix | None) -> MatrixCheck:
    """Check one matrix.

    :param labels: its labels in order.
    :param matrix: (labels, labels) float32; None if it is missing.
    """
    faults = tuple(matrix_faults(key, labels, matrix))
    if faults or matrix is None:
        return MatrixCheck(len(labels), faults)
    off = matrix[~np.eye(len(matrix), dtype=np.bool_)]
    spectrum = eigenvalues(matrix)
    return MatrixCheck(
        labels=len(labels),
        faults=(),
        lowest=float(off.min()) if off.size else None,
        highest=float(off.max()) if off.size else None,
        triangles=check_triangles(matrix),
        smallest_eigenvalue=float(spectrum[0]) if spectrum.size else None,
        negative_eigenvalues=int((spectrum < -eigenvalue_tolerance(len(matrix))).sum()),
    )
