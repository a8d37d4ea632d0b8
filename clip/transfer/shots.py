"""Draws of a few images for each class."""

from __future__ import annotations

import numpy as np

from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.grouping import Ints
from udt.core.errors import DataError

SHOTS = (1, 2, 4, 8, 16)
"""Images for each class by default."""

VALIDATED = 4
"""Images for each class at most that choose the penalty, as in CoOp (Zhou et al. 2022, arXiv 2109.01134)."""


def most_shots(data: TransferSet, indices: Ints) -> tuple[str, int]:
    """Return the class with the fewest groups among some images, and their number."""
    counts = [
        len(np.unique(data.groups[indices[data.labels[indices] == number]])) for number in range(len(data.classes))
    ]
    least = int(np.argmin(counts))
    return data.classes[least], counts[least]


def draw_shots(data: TransferSet, indices: Ints, count: int, seed: int) -> Ints:
    """Draw images of each class, each of another group; a draw of fewer with the same seed is a part of it.

    :param indices: of the images to draw from.
    :returns: (C · count,) indices.
    :raises DataError: if a class has images of too few groups.
    """
    name, most = most_shots(data, indices)
    if count > most:
        raise DataError(
            f"{count} images of each class are to be drawn, but the class '{name}' has {most:,} for training that are "
            "of different cases and no near-duplicates; give fewer (--shots)"
        )
    drawn = []
    for number in range(len(data.classes)):
        rng = np.random.default_rng((seed, number))
        own = rng.permutation(indices[data.labels[indices] == number])
        _, first = np.unique(data.groups[own], return_index=True)
        drawn.append(own[np.sort(first)][:count])
    return np.concatenate(drawn)
