"""Run a command and kill it at a given moment; find what it leaves: temporary files and processes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tests.attacks.attempt import environ

_LIMIT = 180.0
_GRACE = 5.0
_NOT_STARTED = ("Fatal Python error: init", "Error processing line")  # of the interpreter and its module `site`


class Ended(subprocess.CompletedProcess[bytes]):
    """A command that ended: its status and output.

    :ivar session: id of the session of its processes, for `survivors`.
    """

    session: int = 0


def duration(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> float:
    """Return the seconds that a command takes in `folder`; it has to end with status 0."""
    started = time.monotonic()
    done = finished(command, folder, environment)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    return time.monotonic() - started


def finished(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command in `folder` to its end, in a session of its own."""
    return killed(command, folder, _LIMIT, environment=environment)


def killed(
    command: Sequence[str],
    folder: Path,
    after: float,
    number: signal.Signals = signal.SIGKILL,
    environment: Mapping[str, str] | None = None,
    *,
    group: bool = False,
    again: float | None = None,
) -> Ended:
    """Start a command in `folder`, in a session of its own, and send it a signal.

    A command that ends earlier is not signalled.

    :param after: seconds from the start to the signal.
    :param group: whether the signal goes to all its processes, as by Ctrl-C, or to the first alone, as by `kill PID`.
    :param again: seconds from the first signal to a second one, or None for one alone.
    :raises AssertionError: if it does not end by itself within minutes after the signal.
    """
    with TemporaryFile() as out, TemporaryFile() as errors:  # a pipe would be held open by processes that survive
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=environ(environment),
            start_new_session=True,
        )  # fmt: skip
        for seconds in (after,) if again is None else (after, again):
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    (os.killpg if group else os.kill)(process.pid, number)
        _wait(process)
        done = Ended(command, process.returncode, _content(out), _content(errors))
    done.session = process.pid
    return done


def check_ended(done: Ended, number: signal.Signals, *statuses: int) -> str:
    """Check the status and the messages of a command that was sent a signal, and return its messages.

    Before a line of the command runs, the interpreter dies of the signal itself, or reports that it could not start.

    :param statuses: allowed ones beside those of the signal and of success.
    """
    errors = done.stderr.decode("utf-8", "replace")
    if not errors.startswith(_NOT_STARTED):
        assert done.returncode in (0, -number, 128 + number, *statuses), f"status {done.returncode}: {errors[-2000:]}"
        started = done.returncode != -number or number == signal.SIGKILL
        assert "Traceback" not in errors or not started, errors[-2000:]
    return errors


def moments(count: int, seconds: float, seed: int = 0) -> list[float]:
    """Return `count` moments spread over `seconds`: a random one, by `seed`, in each of `count` equal parts."""
    chance = random.Random(seed)
    return [(i + chance.random()) * seconds / count for i in range(count)]


def leftovers(folder: Path) -> list[Path]:
    """Return the hidden temporary files and folders in `folder`, at any depth."""
    return sorted(
        path for path in folder.rglob(".*") if path.name.endswith((".tmp", ".old")) or path.name.startswith(".tmp")
    )


def survivors(session: int, seconds: float = _GRACE) -> list[int]:
    """Return the ids of the processes of a session that are still alive after `seconds` at most."""
    end = time.monotonic() + seconds
    while (alive := list(_alive(session))) and time.monotonic() < end:
        time.sleep(0.05)
    return alive


def _alive(session: int) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(its_session) == session and state not in "ZX":
            yield int(folder.name)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process; end its whole session after a time limit."""
    try:
        process.wait(_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise AssertionError(f"still running {_LIMIT:.0f} s after the signal") from None


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
