"""Wall time of work on a device, which may go on after the call returns."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch


def wall(work: Callable[[], object], device: str, repeats: int = 1) -> float:
    """Seconds that `work` takes, the mean of `repeats` in a row."""
    _wait(device)
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    _wait(device)
    return (time.perf_counter() - started) / repeats


def _wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()
