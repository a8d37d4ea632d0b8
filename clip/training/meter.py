"""Means of the loss terms and the statistics of the prior, and throughput, between two log lines."""

from __future__ import annotations

from time import monotonic

import torch

from udt.clip.loss.gather import mean_over_processes
from udt.clip.loss.objective import Losses


class Meter:
    """Averages loss terms and statistics, and counts samples per second.

    The time of evaluations and checkpoints does not count.
    """

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._sums: torch.Tensor | None = None
        self._scale: torch.Tensor | None = None
        self._samples = self._batches = 0
        self._seconds = 0.0
        self._started = monotonic()

    def restart(self) -> None:
        """Restart the clock, so that the time since the last step does not count."""
        self._started = monotonic()

    def add(self, samples: int, losses: Losses, scale: torch.Tensor | None) -> None:
        """Add a batch; values stay on their device until `read`.

        :param samples: of the batch, over all processes together.
        :param scale: the logit scale.
        """
        parts = {**losses.terms, **losses.statistics}
        values = torch.stack([value.detach().float() for value in parts.values()])
        self._names = tuple(parts)
        self._sums = values if self._sums is None else self._sums + values
        self._scale = scale
        self._samples += samples
        self._batches += 1

    def step(self) -> None:
        """Add the time since the last step or restart."""
        now = monotonic()
        self._seconds += now - self._started
        self._started = now

    def read(self) -> dict[str, float]:
        """Return the mean of each loss term and each statistic, the last logit scale, and samples per second.

        All of them are of the batches since the last call; without any, the result is empty. Loss terms and statistics
        are means over the processes too, each of which has to call this.
        """
        if self._sums is None or self._scale is None:
            return {}
        means = mean_over_processes(self._sums / self._batches).tolist()
        found = {**dict(zip(self._names, means, strict=True)), "logit_scale": float(self._scale.detach())}
        if self._seconds:
            found["samples_per_second"] = self._samples / self._seconds
        self._sums, self._scale, self._samples, self._batches, self._seconds = None, None, 0, 0, 0.0
        return found
