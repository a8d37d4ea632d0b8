"""Rank correlations, with ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]


def ranks(values: Values) -> NDArray[np.float64]:
    """Return the ranks of `values` from 1; equal values share the mean of their ranks.

    >>> ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: NDArray[np.float64] = (last - (counts - 1) / 2)[places.reshape(-1)]
    return found


def spearman(a: Values, b: Values) -> float | None:
    """Return Spearman's rank correlation ρ: the correlation of the ranks. None if one side has a single value.

    :param a: (n,).
    :param b: (n,).
    :returns: in [-1, 1].
    """
    x, y = ranks(a), ranks(b)
    if not x.size or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip((x @ y) / np.sqrt((x @ x) * (y @ y)), -1, 1))


def kendall(a: Values, b: Values) -> float | None:
    """Return Kendall's τ-b, which corrects for ties. None if one side has a single value.

    It is computed in `O(n log n)` (Knight 1966):
    `(C - D) / sqrt((C + D + A) (C + D + B))`, with the numbers of concordant and discordant pairs, and of those that
    are tied in a alone and in b alone.

    :param a: (n,).
    :param b: (n,).
    :returns: in [-1, 1].
    """
    order = np.lexsort((b, a))
    x, y = np.unique(a[order], return_inverse=True)[1], np.unique(b[order], return_inverse=True)[1]
    pairs = _pairs(np.array([len(x)]))
    tied_x, tied_y = _pairs(np.bincount(x)), _pairs(np.bincount(y))
    if not x.size or tied_x == pairs or tied_y == pairs:
        return None
    tied_both = _pairs(np.unique(x.astype(np.int64) * len(x) + y, return_counts=True)[1])
    discordant = _inversions(y)
    # Pairs with a tie on either side count as neither.
    difference = pairs - tied_x - tied_y + tied_both - 2 * discordant
    return float(np.clip(difference / np.sqrt(float(pairs - tied_x) * float(pairs - tied_y)), -1, 1))


def _pairs(counts: NDArray[np.integer]) -> int:
    """Return the number of pairs within groups of these sizes."""
    large = counts.astype(np.int64)
    return int((large * (large - 1) // 2).sum())


def _inversions(values: NDArray[np.integer]) -> int:
    """Count the pairs i < j with `values[i] > values[j]`, by merging sorted halves, all halves of a width at once."""
    size = len(values)
    padded = 1 << max(size - 1, 1).bit_length()
    work = np.full(padded, int(values.max(initial=0)) + 1, dtype=np.int64)
    work[:size] = values
    span = int(work.max()) + 1
    total, width = 0, 1
    while width < padded:
        blocks = work.reshape(-1, 2, width)
        # An offset keeps the blocks apart, so that one search serves them all.
        offsets = np.arange(len(blocks), dtype=np.int64)[:, None] * span
        left, right = (blocks[:, 0] + offsets).ravel(), (blocks[:, 1] + offsets).ravel()
        not_larger = np.searchsorted(left, right, side="right") - np.repeat(np.arange(len(blocks)) * width, width)
        total += int((width - not_larger).sum())
        work = np.sort(work.reshape(-1, 2 * width), axis=1).ravel()
        width *= 2
    return total
