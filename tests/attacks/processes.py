"""Signals, kills and closed pipes at random moments of `udt normalize`, with one and several workers."""

from __future__ import annotations

import csv
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from tests.attacks.attempt import Attempt, command, environ
from tests.attacks.killing import Ended, check_ended, finished, killed, leftovers, moments, survivors

ENDS = ("INT", "INT twice", "TERM", "KILL", "closed pipe")
"""Ways to end a command early. INT goes to all processes, as from a terminal, the others to the first."""

_TEXTS = 1500
_SECRET = "zebrafinch"
_ORGANS = ("liver", "spleen", "pancreas", "left kidney", "right kidney", "thyroid", "bladder")
_LESIONS = ("hypoechoic mass", "simple cyst", "hyperechoic nodule with calcifications", "complex cyst", "collection")
_INPUT, _OUTPUT = "reports.csv", "out.jsonl"


def normalize_kills(count: int, workers: int, ends: tuple[str, ...] = ENDS) -> Iterator[Attempt]:
    """Yield `count` attacks for each of `ends`, at moments spread over a run.

    After each the command has ended with all its workers, and the output is absent or whole. Nothing is left behind,
    after SIGKILL nothing once the command was run again.
    """
    for end in ends:
        attack = _close_pipe if end == "closed pipe" else partial(_end, end)
        for number, share in enumerate(moments(count, 1.0, seed=len(end) + workers)):
            yield Attempt(f"{end}, {workers} workers, moment {number}", partial(_attack, attack, workers, share))


def _attack(attack: Callable[[Path, list[str], float], None], workers: int, share: float, folder: Path) -> None:
    clean, seconds = _clean(workers)
    _write_input(folder)
    attack(folder, _command(workers), share * seconds)
    output = folder / _OUTPUT
    assert not output.exists() or output.read_bytes() == clean, "half an output"
    if leftovers(folder):
        done = finished(_command(workers), folder)
        assert done.returncode == 0, done.stderr[-2000:]
        assert output.read_bytes() == clean, "the second run gives another output"
        assert not leftovers(folder), f"left behind: {leftovers(folder)}"


def _end(end: str, folder: Path, words: list[str], after: float) -> None:
    number = signal.Signals[f"SIG{end.split()[0]}"]
    again = after % 0.1 if "twice" in end else None
    done = killed(words, folder, after, number, group=number == signal.SIGINT, again=again)
    assert not (alive := survivors(done.session)), f"still alive: {alive}"
    assert _SECRET not in check_ended(done, number), "the text of a report on standard error"
    assert number == signal.SIGKILL or not leftovers(folder), f"left behind: {leftovers(folder)}"


def _close_pipe(folder: Path, words: list[str], after: float) -> None:
    """Read the output through a pipe and close it, as `head` does."""
    words = [*words[: words.index("--out")], *words[words.index("--out") + 2 :]]
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ(), start_new_session=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        end = time.monotonic() + after
        while time.monotonic() < end and process.stdout.read1(1 << 12):
            pass
        process.stdout.close()
        errors = process.stderr.read()
    check_ended(Ended(words, process.returncode, b"", errors), signal.SIGPIPE)
    assert not errors, errors
    assert not (alive := survivors(process.pid)), f"still alive: {alive}"


@cache
def _clean(workers: int) -> tuple[bytes, float]:
    """Return the output of an undisturbed run, and the seconds that it takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_input(folder)
        started = time.monotonic()
        done = finished(_command(workers), folder)
        assert done.returncode == 0, done.stderr
        return (folder / _OUTPUT).read_bytes(), time.monotonic() - started


def _command(workers: int) -> list[str]:
    return command("normalize", _INPUT, "--workers", str(workers), "--format", "jsonl", "--out", _OUTPUT)


def _write_input(folder: Path) -> None:
    with (folder / _INPUT).open("w", newline="", encoding="utf-8") as handle:
        rows = csv.writer(handle)
        rows.writerow(("id", "text"))
        for i in range(_TEXTS):
            organ, lesion = _ORGANS[i % len(_ORGANS)], _LESIONS[i % len(_LESIONS)]
            rows.writerow((i, f"{_SECRET} {i}: {lesion} in the {organ}, {i % 40 + 3} mm. No free fluid."))
