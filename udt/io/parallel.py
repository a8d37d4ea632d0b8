"""Normalise many texts in several processes or on a cluster, in order, with a bounded number of texts in flight.

Workers send back finished results (usually strings), so that the parent does little more than read and write.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from udt.core.errors import UdtError
from udt.core.executors import Executor, WorkerError

if TYPE_CHECKING:
    from udt.normalize.normalizer import Normalizer

T = TypeVar("T")
Item = tuple[str, str]

_MOST_TEXTS = 256
_MOST_CHARACTERS = 100_000
_AHEAD = 3
_ENDED = (
    "a worker process ended unexpectedly; it may have been killed for want of memory; use fewer --workers, or split "
    "very long texts"
)


def normalize_lines(
    items: Iterable[Item],
    *,
    workers: int,
    extensions: Sequence[Path],
    encode: Callable[..., T],
    sourced: bool = False,
    executor: Executor | None = None,
) -> Iterator[T]:
    """Yield `encode(report)` of each (id, text) pair in the order of `items`, whatever the number of workers.

    :param workers: number of processes; 1 for this one.
    :param extensions: Turtle files that extend the taxonomy.
    :param encode: with more than one worker, it and its results have to be picklable.
    :param sourced: whether `encode` takes the data that come with the text as a second argument, or None.
    :param executor: runs the work instead of `workers` processes; see there for what has to be picklable.
    :raises UdtError: if an extension is faulty, or from `items` after all earlier results are yielded.
    :raises WorkerError: if a worker dies.
    :raises ValueError: if `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; it has to be at least 1")
    if executor is not None:
        yield from _by_executor(items, executor, _Job(tuple(extensions), encode, sourced, None))
        return
    if workers == 1:
        job = _Job(tuple(extensions), encode, sourced, None)
        normalizer = _normalizer(job.extensions)
        for item in items:
            yield job.done(item, normalizer)
        return
    yield from _in_processes(items, workers, tuple(extensions), encode, sourced)


def _normalizer(extensions: tuple[Path, ...]) -> Normalizer:
    from udt.normalize.normalizer import Normalizer

    return Normalizer(extensions=extensions)


def _by_executor(items: Iterable[Item], executor: Executor, job: _Job) -> Iterator[Any]:
    _normalizer(job.extensions)  # shows the faults of the extensions at once
    chunks = _Chunks(items)
    for _, results in executor.map_batches(job.prepare, chunks):
        yield from results
    if chunks.fault is not None:
        raise chunks.fault


def _in_processes(
    items: Iterable[Item], workers: int, extensions: tuple[Path, ...], encode: Callable[..., T], sourced: bool
) -> Iterator[T]:
    # Forked workers inherit the normaliser that shows the faults of the extensions here. A fork is only safe before
    # any thread runs, so all workers start now, before `items` is read.
    forks = sys.platform == "linux"
    normalizer = _normalizer(extensions)
    context = multiprocessing.get_context("fork") if forks else multiprocessing.get_context("spawn")
    job = _Job(extensions, encode, sourced, normalizer if forks else None)
    with ExitStack() as stack:
        started = [stack.enter_context(_Worker(context, job)) for _ in range(workers)]
        yield from _ordered(started, _Chunks(items))


def _ordered(workers: Sequence[_Worker], chunks: _Chunks) -> Iterator[Any]:
    """Give each idle worker a chunk, and yield the results in the order of the chunks."""
    idle, busy = list(workers), dict[Connection, tuple[int, _Worker]]()
    finished = dict[int, list[Any]]()
    given = yielded = 0
    while True:
        while idle and given < yielded + _AHEAD * len(workers) and (chunk := next(chunks, None)) is not None:
            worker = idle.pop()
            worker.give(chunk)
            busy[worker.connection] = given, worker
            given += 1
        if yielded in finished:
            yield from finished.pop(yielded)
            yielded += 1
        elif busy:
            for connection in wait(list(busy)):
                number, worker = busy.pop(cast(Connection, connection))
                finished[number] = worker.take()
                idle.append(worker)
        else:
            break
    if chunks.fault is not None:
        raise chunks.fault


@dataclass(frozen=True, slots=True)
class _Job:
    """The work of all workers.

    :ivar sourced: whether `encode` takes the data of the text as well.
    :ivar normalizer: a finished normaliser, or None if a worker has to make its own.
    """

    extensions: tuple[Path, ...]
    encode: Callable[..., Any]
    sourced: bool
    normalizer: Normalizer | None

    def prepare(self) -> Callable[[Sequence[Item]], Iterator[Any]]:
        """Return the work on a chunk."""
        normalizer = _normalizer(self.extensions)
        return lambda chunk: (self.done(item, normalizer) for item in chunk)

    def done(self, item: Item, normalizer: Normalizer) -> Any:
        """Return the result of one text."""
        name, text = item
        report = normalizer.normalize(text, name)
        return self.encode(report, getattr(item, "source", None)) if self.sourced else self.encode(report)


class _Worker:
    """A process that normalises one chunk at a time, and the connection to it.

    It is killed at the end of the context, since it holds nothing that could be lost. It ends by itself if its parent
    is gone, however that ended.
    """

    def __init__(self, context: ForkContext | SpawnContext, job: _Job) -> None:
        self.connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, job), daemon=True)
        self._process.start()
        other.close()

    def give(self, chunk: list[Item]) -> None:
        """Send a chunk; the worker has to be idle.

        :raises WorkerError: if the process has ended.
        """
        try:
            self.connection.send(chunk)
        except OSError as error:
            raise WorkerError(_ENDED) from error

    def take(self) -> list[Any]:
        """Return the results of the chunk.

        :raises WorkerError: if the process has ended.
        :raises Exception: if the worker raised it.
        """
        try:
            results = self.connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerError(_ENDED) from error
        if isinstance(results, Exception):
            raise results
        return cast("list[Any]", results)

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.connection.close()


def _serve(connection: Connection, job: _Job) -> None:
    """Answer chunks until the parent is gone; the body of a worker.

    The terminal sends Ctrl-C to the whole group of processes, but the parent alone acts on it.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    normalizer = job.normalizer or _normalizer(job.extensions)
    with suppress(EOFError, ConnectionError):  # the parent is gone
        while True:
            chunk = connection.recv()
            try:
                connection.send([job.done(item, normalizer) for item in chunk])
            except Exception as error:  # noqa: BLE001 - raised again in the parent
                error.add_note("".join(traceback.format_tb(error.__traceback__)))
                connection.send(error)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class _Chunks:
    """An iterator of lists of items, of limited count and length; the last one before a fault may be short.

    :ivar fault: the error of `items` that ended the iteration, or None.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.fault: UdtError | None = None
        self._items = iter(items)

    def __iter__(self) -> Iterator[list[Item]]:
        return self

    def __next__(self) -> list[Item]:
        chunk: list[Item] = []
        characters = 0
        try:
            while len(chunk) < _MOST_TEXTS and characters < _MOST_CHARACTERS and self.fault is None:
                chunk.append(next(self._items))
                characters += len(chunk[-1][1])
        except StopIteration:
            pass
        except UdtError as error:
            self.fault = error
        if not chunk:
            raise StopIteration
        return chunk
