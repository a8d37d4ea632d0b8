"""Orders of the samples of an epoch in which a batch has few samples of one case.

Images of a case are near-duplicates, so that in one batch they are false negatives of each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from torch.utils.data import Sampler

from udt.clip.data.augmentation import generator
from udt.clip.data.rows import Rows

# Purpose of the random generator, as in `udt.clip.data.collator`.
_ORDER = 3


class CaseSampler(Sampler[int]):
    """Draws each sample once an epoch, so that a case occurs in a batch once at most, or as rarely as possible.

    With F full batches, the samples of a case go to different ones, if it has at most F. Those of a larger case are
    spread evenly, so that the numbers in any two batches differ by 1 at most. The samples that fill no batch, which a
    training leaves out, are taken from such cases first, and otherwise at random.

    The order depends on seed and epoch alone. It is that of all processes together: a batch is the next `batch_size`
    samples, of which each process takes its part.

    :param cases: (N,) the case of each sample.
    :param batch_size: over all processes.
    """

    def __init__(self, cases: ArrayLike, batch_size: int, seed: int = 0) -> None:
        self._cases: Rows = np.unique(np.asarray(cases), return_inverse=True)[1].astype(np.int64)
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def __len__(self) -> int:
        return len(self._cases)

    def __iter__(self) -> Iterator[int]:
        draw = generator(self._seed, self._epoch, 0, _ORDER)
        yield from _order(self._cases, len(self) // self._batch_size, self._batch_size, draw).tolist()

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch, from 0."""
        self._epoch = epoch


def _order(cases: Rows, batches: int, batch_size: int, draw: np.random.Generator) -> Rows:
    """Draw an order (N,) of N samples: those of the first batch, of the second one, and so on, then the rest.

    :param cases: (N,) the number of the case of each sample, from 0.
    """
    samples = draw.permutation(len(cases))
    if not batches:
        return samples
    shuffled = draw.permutation(len(cases))[cases[samples]]
    samples = samples[np.argsort(shuffled, kind="stable")]
    left = _left_out(_starts(cases[samples]), batches, len(cases) - batches * batch_size, draw)
    kept = np.delete(samples, left)
    dealt = _dealt(_starts(cases[kept]), batches, draw)
    return np.concatenate([kept[np.argsort(dealt, kind="stable")], samples[left]])


def _starts(cases: Rows) -> Rows:
    """Return, for each sample of cases that follow one another, the place of the first sample of its case."""
    places = np.arange(len(cases))
    begins = np.concatenate([[True], cases[1:] != cases[:-1]])
    return np.maximum.accumulate(np.where(begins, places, 0))


def _left_out(starts: Rows, batches: int, count: int, draw: np.random.Generator) -> Rows:
    """Draw the places of `count` samples, first of those beyond one of a case for each batch, of the largest cases."""
    beyond = np.maximum(np.arange(len(starts)) - starts - batches + 1, 0)
    return np.lexsort((draw.random(len(starts)), -beyond))[:count]


def _dealt(starts: Rows, batches: int, draw: np.random.Generator) -> Rows:
    """Draw the batch of each sample, by rounds in which each batch gets one sample.

    A case that the last round has begun goes on with the batches that have fewest of its samples.
    """
    dealt = np.empty(len(starts), dtype=np.int64)
    for place in range(0, len(starts), batches):
        order = draw.permutation(batches)
        counts = np.bincount(dealt[starts[place] : place], minlength=batches)
        dealt[place : place + batches] = order[np.argsort(counts[order], kind="stable")]
    return dealt
