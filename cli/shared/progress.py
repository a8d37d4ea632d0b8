"""A progress bar on standard error, for long work on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_PATIENCE = 2.0


def tracked(parts: Iterable[T], noun: str) -> Iterator[T]:
    """`parts` as they are; after two seconds, where standard error is a terminal, with a bar that counts them."""
    if not sys.stderr.isatty():
        yield from parts
        return
    started = monotonic()
    with ExitStack() as stack:
        bar: Progress | None = None
        for count, part in enumerate(parts, 1):
            yield part
            if bar is None and monotonic() - started > _PATIENCE:
                bar = stack.enter_context(_bar(noun))
            if bar is not None:
                bar.update(bar.task_ids[0], completed=count)


class Ticker:
    """Shows what is being done and how much of it is; after two seconds, where standard error is a terminal."""

    def __init__(self) -> None:
        self._started = monotonic()
        self._stack = ExitStack()
        self._bar: Progress | None = None

    def tick(self, noun: str, done: int) -> None:
        """Say that `done` of what `noun` names are done."""
        if self._bar is None:
            if not sys.stderr.isatty() or monotonic() - self._started <= _PATIENCE:
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
