"""Normalise many texts in several processes, in order, with a bounded number of texts in flight.

Workers send back finished results (usually strings), so that the parent does little more than read and write.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from udt.core.errors import UdtError

if TYPE_CHECKING:
    from udt.core.report import Report
    from udt.normalize.normalizer import Normalizer

T = TypeVar("T")
Item = tuple[str, str]

_MOST_TEXTS = 256
_MOST_CHARACTERS = 100_000
_AHEAD = 3


class WorkerError(UdtError):
    """A worker process ended before its work was done."""


def normalize_lines(
    items: Iterable[Item],
    *,
    workers: int,
    extensions: Sequence[Path],
    encode: Callable[[Report], T],
) -> Iterator[T]:
    """Yield `encode(report)` of each (id, text) pair in the order of `items`, whatever the number of workers.

    :param workers: number of processes; 1 for this one.
    :param extensions: Turtle files that extend the taxonomy.
    :param encode: with more than one worker, it and its results have to be picklable.
    :raises UdtError: if an extension is faulty, or from `items` after all earlier results are yielded.
    :raises WorkerError: if a worker dies.
    :raises ValueError: if `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; it has to be at least 1")
    if workers == 1:
        yield from map(encode, _normalizer(tuple(extensions)).normalize_many(items))
        return
    try:
        yield from _in_processes(items, workers, tuple(extensions), encode)
    except BrokenProcessPool as error:
        hint = "it may have been killed for want of memory; use fewer --workers, or split very long texts"
        raise WorkerError(f"a worker process ended unexpectedly; {hint}") from error


def _normalizer(extensions: tuple[Path, ...]) -> Normalizer:
    from udt.normalize.normalizer import Normalizer

    return Normalizer(extensions=extensions)


def _in_processes(
    items: Iterable[Item], workers: int, extensions: tuple[Path, ...], encode: Callable[[Report], T]
) -> Iterator[T]:
    # Forked workers inherit the normaliser that shows the faults of the extensions here. A fork is only safe before
    # any thread runs, so all workers start now, before `items` is read.
    forks = sys.platform == "linux"
    normalizer = _normalizer(extensions)
    context = multiprocessing.get_context("fork" if forks else "spawn")
    pool = ProcessPoolExecutor(workers, context, _start, (extensions, encode, normalizer if forks else None))
    try:
        pool.submit(_ready).result()
        yield from _ordered(_futures(pool, items), workers * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _ordered(futures: Iterable[Future[list[T]]], ahead: int) -> Iterator[T]:
    pending: deque[Future[list[T]]] = deque()
    for future in futures:
        pending.append(future)
        if len(pending) > ahead:
            yield from pending.popleft().result()
    while pending:
        yield from pending.popleft().result()


def _futures(pool: ProcessPoolExecutor, items: Iterable[Item]) -> Iterator[Future[list[Any]]]:
    """Yield a future for each chunk; an error of `items` is a last, failed one, raised after all earlier results."""
    try:
        for chunk in _chunks(items):
            yield pool.submit(_work, chunk)
    except UdtError as error:
        failed: Future[list[Any]] = Future()
        failed.set_exception(error)
        yield failed


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Split `items` into lists of limited count and length; the last one before an error may be short."""
    chunk: list[Item] = []
    characters = 0
    try:
        for item in items:
            chunk.append(item)
            characters += len(item[1])
            if len(chunk) >= _MOST_TEXTS or characters >= _MOST_CHARACTERS:
                yield chunk
                chunk, characters = [], 0
    except UdtError:
        yield chunk
        raise
    yield chunk


_worker: tuple[Normalizer, Callable[[Report], Any]]


def _start(extensions: tuple[Path, ...], encode: Callable[[Report], Any], normalizer: Normalizer | None) -> None:
    """Make a worker ready. Ctrl-C reaches the whole group of processes; the parent alone acts on it."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = normalizer or _normalizer(extensions), encode


def _ready() -> None:
    """Run nothing in a worker, to start it."""


def _work(chunk: list[Item]) -> list[Any]:
    normalizer, encode = _worker
    return [encode(report) for report in normalizer.normalize_many(chunk)]
