"""Attacks on `udt`, run by tests and by the reliability report: texts, files, taxonomies, queries and kills."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.locations import ROOT

ALLOWED_STATUS = (0, 1, 2)
"""Exit status of a command that ended by itself: done, data error, usage error."""

CONTROL = {*map(chr, range(0x20)), "\x7f", *map(chr, range(0x80, 0xA0))} - {"\n", "\t"}
"""Control characters; none of them may reach a terminal."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attack, which `udt` survives if `run` returns.

    :ivar name: a few words, unique in its area.
    :ivar run: carries out the attack in an empty folder; raises AssertionError, or anything else, if `udt` fails.
    """

    name: str
    run: Callable[[Path], None]

    def __str__(self) -> str:
        """Return the name, as the id of a test."""
        return self.name


def some(attempts: Iterable[Attempt], step: int, first: int = 0) -> list[Attempt]:
    """Return every `step`-th attack from number `first`; `benchmarks/reliability.py` runs all."""
    return list(islice(attempts, first, None, step))


def run_udt(
    *arguments: str | Path,
    folder: Path,
    text: bytes = b"",
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[bytes]:
    """Run `udt` with `arguments` in a process of its own, in `folder`, with `text` as its standard input."""
    return subprocess.run(
        command(*arguments), cwd=folder, input=text, capture_output=True, env=environ(environment), timeout=timeout,
        check=False,
    )  # fmt: skip


def command(*arguments: str | Path) -> list[str]:
    """Return the command line of `udt` with `arguments`; a shell may have started this process with SIGINT ignored."""
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    return [sys.executable, "-c", start + "from udt.cli.start import main; main()", *map(str, arguments)]


def environ(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command, in which `udt` is the one under test."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **(changes or {})}


def check_worded(done: subprocess.CompletedProcess[bytes], secrets: Sequence[str] = ()) -> None:
    """Check that a command ended by itself, without a traceback, and wrote none of `secrets` to standard error.

    :raises AssertionError: otherwise.
    """
    errors = done.stderr.decode("utf-8", "replace")
    assert done.returncode in ALLOWED_STATUS, f"status {done.returncode}: {errors[-500:]}"
    assert "Traceback (most recent call last)" not in errors, errors[-2000:]
    assert not CONTROL.intersection(errors), "control characters on standard error"
    assert done.returncode != 1 or errors.strip(), "an error without a message"
    for secret in secrets:
        assert secret not in errors, f"'{secret}' on standard error"
