"""Progress bars on standard error, shown on a terminal after two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_DELAY = 2.0  # seconds


def tracked(parts: Iterable[T], noun: str) -> Iterator[T]:
    """Yield the parts unchanged while a progress bar counts them.

    The bar appears after two seconds, if standard error is a terminal.

    :param noun: noun for the count, e.g. `texts`.
    """
    if not sys.stderr.isatty():
        yield from parts
        return
    started = monotonic()
    with ExitStack() as stack:
        bar: Progress | None = None
        for count, part in enumerate(parts, 1):
            yield part
            if bar is None and monotonic() - started > _DELAY:
                bar = stack.enter_context(_bar(noun))
            if bar is not None:
                bar.update(bar.task_ids[0], completed=count)


class Ticker:
    """A progress bar that is updated by calls; it appears after two seconds, if standard error is a terminal."""

    def __init__(self) -> None:
        self._started = monotonic()
        self._stack = ExitStack()
        self._bar: Progress | None = None

    def tick(self, noun: str, done: int) -> None:
        """Update the count.

        :param noun: noun for the count, e.g. `rows`.
        :param done: number of parts that are done.
        """
        if self._bar is None:
            if not sys.stderr.isatty() or monotonic() - self._started <= _DELAY:
                return
            self._bar = self._stack.enter_context(_bar("{task.description}"))
        self._bar.update(self._bar.task_ids[0], completed=done, description=noun)

    def __enter__(self) -> Ticker:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _bar(noun: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    count = TextColumn("{task.completed:,} " + noun)
    bar = Progress(BarColumn(), count, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
    bar.add_task(noun, total=None)
    return bar
