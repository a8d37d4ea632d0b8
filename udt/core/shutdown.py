"""One way to end a command early: Ctrl-C, SIGTERM, SIGHUP, or a pipe that its reader has closed.

The first signal raises `Interruption` in the main thread, so that `with` and `finally` blocks close what is open. A
second one ends the process at once: temporary files are removed and nothing else is waited for. Child processes end by
themselves when they notice that their parent is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_STATUS = 128
_SOON = 0.01  # seconds
_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "terminated (hang-up)"}


class Interruption(BaseException):
    """A request to end the process. No `except Exception` stops it on its way out.

    :ivar number: the signal; SIGPIPE for output whose reader is gone.
    :ivar status: exit status by the convention of shells: 128 + `number`, e.g. 130 for Ctrl-C.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number
        self.status = _STATUS + number


@contextmanager
def orderly_exit() -> Iterator[None]:
    """Handle signals for the length of a command, and end the process with their status; ignored ones stay ignored.

    For the main thread of a program; a library must leave the handling of signals to the program that uses it.

    :raises SystemExit: if the block was interrupted.
    """
    before = {number: handler for number in _WORDS if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    before[signal.SIGALRM] = signal.getsignal(signal.SIGALRM)
    _process[:] = [os.getpid()]
    for number in before:
        signal.signal(number, _interrupt)
    hook, sys.unraisablehook = sys.unraisablehook, _raise_lost
    try:
        yield
    except BaseException as error:
        interruption = _interruption_behind(error)
        if interruption is None:
            raise
        _finish(interruption)
    finally:
        _interrupted.append(signal.SIGTERM)  # a signal that arrives now ends the process at once
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        _interrupted.clear()


last_acts: list[Callable[[], None]] = []
"""Functions that an interrupted process calls before it ends, e.g. to remove its temporary files."""

_process: list[int] = []
_interrupted: list[signal.Signals] = []
_lost: list[signal.Signals] = []


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Handle a signal: raise the first one, and end the process at the second.

    A forked child, e.g. a worker of torch, leaves Ctrl-C to its parent and takes other signals by their default.
    """
    if os.getpid() not in _process:
        if number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        return
    if _interrupted:
        for act in last_acts:
            act()
        os._exit(_STATUS + number)
    interrupt(_lost.pop() if number == signal.SIGALRM and _lost else signal.Signals(number))


def _raise_lost(unraisable: sys.UnraisableHookArgs) -> None:
    """Raise an interruption again, a moment later, that came during a finalizer, which no exception can leave."""
    if not isinstance(unraisable.exc_value, Interruption):
        sys.__unraisablehook__(unraisable)
        return
    _interrupted.clear()
    _lost.append(unraisable.exc_value.number)
    signal.setitimer(signal.ITIMER_REAL, _SOON)


def interrupt(number: signal.Signals) -> NoReturn:
    """End the command as if signal `number` had arrived.

    :raises Interruption: always.
    """
    _interrupted.append(number)
    raise Interruption(number)


def _interruption_behind(error: BaseException) -> Interruption | None:
    """Return the interruption that an error is or was caused by, e.g. inside `__set_name__` by `RuntimeError`."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        if isinstance(link, Interruption):
            return link
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return None


def _finish(interruption: Interruption) -> NoReturn:
    for act in last_acts:
        act()
    if interruption.number == signal.SIGPIPE:
        # The interpreter flushes standard output at its end, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        with suppress(OSError):
            print(_WORDS[interruption.number], file=sys.stderr, flush=True)
    sys.exit(interruption.status)
