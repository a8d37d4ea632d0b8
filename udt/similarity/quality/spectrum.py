"""Eigenvalues of similarity matrices, up to the rounding errors of float32."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def eigenvalue_tolerance(size: int) -> float:
    """Return the size of a negative eigenvalue that counts as 0, for a matrix of `size` labels.

    Numbers in [0, 1] that are rounded to float32 change the eigenvalues by about 4e-8 times the square root of `size`.
    """
    return max(1e-6, 1e-7 * math.sqrt(size))


def eigenvalues(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the eigenvalues of a symmetric matrix in ascending order, computed in float64."""
    found: NDArray[np.float64] = np.linalg.eigvalsh(matrix.astype(np.float64))
    return found
