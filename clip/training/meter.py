"""Means of the loss terms, and throughput, between two lines of metrics."""

from __future__ import annotations

from time import monotonic

import torch

from udt.clip.loss.objective import Losses


class Meter:
    """Averages loss terms and counts samples per second, without the time of evaluations and checkpoints."""

    def __init__(self) -> None:
        self._sums: torch.Tensor | None = None
        self._names: tuple[str, ...] = ()
        self._scale: torch.Tensor | None = None
        self._samples = self._batches = 0
        self._seconds = 0.0
        self._last = monotonic()

    def restart(self) -> None:
        """Start to measure time."""
        self._last = monotonic()

    def add(self, samples: int, losses: Losses, scale: torch.Tensor | None) -> None:
        """Count a batch. Numbers stay on their device until `read`."""
        self._names = tuple(losses.terms)
        parts = torch.stack([losses.terms[name] for name in self._names]).detach().float()
        self._sums = parts if self._sums is None else self._sums + parts
        self._scale = scale
        self._samples += samples
        self._batches += 1

    def step(self) -> None:
        """Count the time since the last step, or since the start."""
        now = monotonic()
        self._seconds += now - self._last
        self._last = now

    def read(self) -> dict[str, float]:
        """Return the mean of each term by name, the present scale, and samples per second, and start anew."""
        if self._sums is None or self._scale is None:
            return {}
        means = (self._sums / self._batches).tolist()
        found = {**dict(zip(self._names, means, strict=True)), "logit_scale": float(self._scale.detach())}
        if self._seconds:
            found["samples_per_second"] = self._samples / self._seconds
        self._sums, self._scale, self._samples, self._batches, self._seconds = None, None, 0, 0, 0.0
        return found
