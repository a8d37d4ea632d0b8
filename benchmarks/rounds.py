"""Fair timing on a noisy machine: contestants take turns in rounds, and only what one round shows is compared."""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")

_BURN = "for _ in range(30_000_000): pass"
_LAUNCHER = Path(__file__).with_name("launch.py")


class Run(NamedTuple):
    """What one command took.

    :ivar peak_mb: resident memory of its largest process at its peak, in MB (10^6 bytes).
    """

    seconds: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Goal:
    """Something measured once a round, and the bound that it is to keep.

    :ivar median: over the rounds; `low` and `high` are the extremes.
    :ivar sense: `>=` where `bound` is the least that will do, `<=` where it is the most.
    :ivar met: whether the median keeps the bound.
    """

    name: str
    median: float
    low: float
    high: float
    sense: Literal[">=", "<="]
    bound: float
    met: bool


def goal(name: str, values: Sequence[float], sense: Literal[">=", "<="], bound: float) -> Goal:
    """The goal, judged by the median of `values`."""
    median = statistics.median(values)
    met = median >= bound if sense == ">=" else median <= bound
    return Goal(name, median, min(values), max(values), sense, bound, met)


def quotients(over: Iterable[float], under: Iterable[float]) -> list[float]:
    """`over / under`, round by round."""
    return [a / b for a, b in zip(over, under, strict=True)]


def seconds(work: Callable[[], object]) -> float:
    """Processor time that `work` takes in this process, with the garbage of others collected before.

    Time in which the machine served someone else does not count; all that we compare this way runs in one thread.
    """
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def take_turns(names: Iterable[str], rounds: int, measure: Callable[[str, int], T]) -> dict[str, list[T]]:
    """`measure(name, round)` of every name in every round; every other round goes backwards."""
    order = list(names)
    found: dict[str, list[T]] = {name: [] for name in order}
    for number in range(rounds):
        for name in order if number % 2 == 0 else reversed(order):
            found[name].append(measure(name, number))
    return found


def launch(command: Sequence[str], stdin: str = "") -> Run:
    """Runs `command`, its output thrown away, from a small process of its own so that this one's memory does not count.

    :raises subprocess.CalledProcessError: where it fails.
    """
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), *command]
    done = subprocess.run(launcher, input=stdin, stdout=subprocess.PIPE, text=True, check=True)
    return Run(*json.loads(done.stdout))


def two_at_once() -> float:
    """How much more two independent processes get done than one on this machine now: 2.0 at best."""
    one, two = (_burn(copies) for copies in (1, 2))
    return 2 * one / two


def _burn(copies: int) -> float:
    started = time.perf_counter()
    running = [subprocess.Popen([sys.executable, "-I", "-S", "-c", _BURN]) for _ in range(copies)]
    for process in running:
        process.wait()
    return time.perf_counter() - started


def surroundings(packages: Iterable[str]) -> dict[str, object]:
    """The machine, and the versions of the `packages` that are installed."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **dict(_versions(packages))},
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor())


def _versions(packages: Iterable[str]) -> Iterable[tuple[str, str]]:
    for package in packages:
        try:
            yield package, metadata.version(package)
        except metadata.PackageNotFoundError:
            yield package, "not installed"
