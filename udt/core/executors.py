"""Run the same work on many batches: in this process, or elsewhere by another executor of the same protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from udt.core.errors import UdtError

B = TypeVar("B")
T = TypeVar("T")
R = TypeVar("R")

Prepare = Callable[[], Callable[[B], Iterable[R]]]
"""Returns the function that works on a batch. It is called once in each worker, e.g. to load a normaliser there."""

Each = tuple[Sequence[T], Iterator[R]]
"""A batch with the result for each of its items."""

_THREADS = 8  # each may hold a file and a decoded image


class WorkerError(UdtError):
    """A worker process ended before its work was done."""


class Executor(Protocol):
    """Runs work on batches, in their order.

    Elsewhere than in this process, the preparation, the batches and the results have to be picklable.
    """

    @property
    def here(self) -> bool:
        """Whether the work runs in this process, so that results may refer to what is in its memory."""

    def map_batches(self, prepare: Prepare[B, R], batches: Iterable[B]) -> Iterator[tuple[B, Iterator[R]]]:
        """Yield each batch with its results, which are to be read before the next batch.

        :raises UdtError: from the results, if the work fails after the earlier ones; or from `batches` after the
            results of all earlier batches.
        :raises WorkerError: if worker processes end whenever they work on a batch.
        """

    def map_each(
        self, do: Callable[[T], R], batches: Iterable[Sequence[T]]
    ) -> Iterator[tuple[Sequence[T], Iterator[R]]]:
        """Yield each batch with the result of `do` for each of its items.

        :param do: reads files; it may be called by several threads, and does not raise if a file is faulty.
        """


def each(do: Callable[[T], R]) -> Prepare[Sequence[T], R]:
    """Return the preparation of work that calls `do` for each item of a batch.

    >>> list(each(abs)()([-1, 2]))
    [1, 2]
    """
    return partial(partial, map, do)


class InProcess:
    """Runs work in this process, when its results are read."""

    here = True

    def map_batches(self, prepare: Prepare[B, R], batches: Iterable[B]) -> Iterator[tuple[B, Iterator[R]]]:
        """Yield each batch with its results."""
        work = prepare()
        for batch in batches:
            yield batch, iter(work(batch))

    def map_each(
        self, do: Callable[[T], R], batches: Iterable[Sequence[T]]
    ) -> Iterator[tuple[Sequence[T], Iterator[R]]]:
        """Yield each batch with the result of `do` for each of its items, by several threads."""
        with ThreadPoolExecutor(_THREADS) as threads:
            for batch in batches:
                yield batch, threads.map(do, batch)
