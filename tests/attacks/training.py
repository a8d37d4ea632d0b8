"""Signals and kills at random moments of `udt train`, after which the run is resumed."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from tests.attacks.attempt import Attempt, command
from tests.attacks.killing import check_ended, duration, finished, killed, leftovers, moments, survivors

_IMPORTS = 0.4  # share of a run that passes before the first step
_WATCH = 20.0  # seconds; workers of torch look for their parent every five
_RUN = "run"
_SETTINGS = (
    "optimization.epochs=2",
    "optimization.batch_size=8",
    "run.save_every_steps=4",
    "run.log_every_steps=2",
    "evaluation.every_steps=18",
    "model.graph_dropout=0.1",
)


def training_kills(count: int, end: str = "KILL", workers: int = 1) -> Iterator[Attempt]:
    """Yield `count` attacks at moments spread over a run.

    After each all processes have ended, and the resumed run has the weights of an undisturbed one, bit for bit.

    :param end: `KILL`, `TERM`, `INT`, or `INT twice`; INT goes to all processes, as from a terminal.
    :param workers: processes that read images; 0 for none.
    """
    for number, share in enumerate(moments(count, 1.0, seed=len(end) + workers)):
        at = _IMPORTS / 2 + share * (1 - _IMPORTS / 2)
        yield Attempt(f"training: {end}, {workers} workers, moment {number}", partial(_attack, end, workers, at))


def _attack(end: str, workers: int, share: float, folder: Path) -> None:
    clean, seconds = _clean(workers)
    number = signal.Signals[f"SIG{end.split()[0]}"]
    again = 0.5 if "twice" in end else None
    done = killed(
        _command(_data(), workers), folder, share * seconds, number, group=number == signal.SIGINT, again=again
    )
    check_ended(done, number, 130)
    assert not (alive := survivors(done.session, _WATCH)), f"still alive: {alive}"
    started = (folder / _RUN / "config.toml").exists()
    again_words = command("train", "--resume", "--out", _RUN) if started else _command(_data(), workers)
    resumed = finished(again_words, folder)
    assert resumed.returncode == 0, resumed.stderr.decode("utf-8", "replace")[-2000:]
    assert (folder / _RUN / "last" / "model.safetensors").read_bytes() == clean, "the weights differ"
    assert not leftovers(folder), f"left behind: {leftovers(folder)}"


@cache
def _data() -> Path:
    """Return a bundle of phantoms, which is kept as long as this process."""
    folder = Path(_kept().name)
    done = finished(command("data", "phantoms", "--out", "bundle", "--count", "120", "--size", "32"), folder)
    assert done.returncode == 0, done.stderr
    return folder / "bundle"


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


@cache
def _clean(workers: int) -> tuple[bytes, float]:
    """Return the weights of an undisturbed run, and the seconds that it takes."""
    bundle = _data()
    with tempfile.TemporaryDirectory() as name:
        seconds = duration(_command(bundle, workers), Path(name))
        return (Path(name) / _RUN / "last" / "model.safetensors").read_bytes(), seconds


def _command(bundle: Path, workers: int) -> list[str]:
    changes = [word for change in (*_SETTINGS, f"data.workers={workers}") for word in ("--set", change)]
    return command("train", "--preset", "tiny", "--data", bundle, "--out", _RUN, *changes)
