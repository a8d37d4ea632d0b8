"""Means of the losses, and throughput, between two log lines."""

from __future__ import annotations

from time import monotonic

import torch

from udt.clip.loss.objective import Losses


class Meter:
    """Sums up losses and counts samples per second, evaluations and checkpoints left out."""

    def __init__(self) -> None:
        self._losses: torch.Tensor | None = None
        self._scale: torch.Tensor | None = None
        self._samples = self._batches = 0
        self._seconds = 0.0
        self._mark = monotonic()

    def restart(self) -> None:
        """Begin to take the time."""
        self._mark = monotonic()

    def add(self, samples: int, losses: Losses, scale: torch.Tensor | None) -> None:
        """Count a batch. Numbers stay on their device until `read`."""
        parts = torch.stack([losses.contrastive, losses.semantic]).detach().float()
        self._losses = parts if self._losses is None else self._losses + parts
        self._scale = scale
        self._samples += samples
        self._batches += 1

    def step(self) -> None:
        """A step is done."""
        now = monotonic()
        self._seconds += now - self._mark
        self._mark = now

    def read(self) -> dict[str, float]:
        """Mean loss parts, the scale as it is, and samples per second, since the last call."""
        if self._losses is None or self._scale is None:
            return {}
        contrastive, semantic = (self._losses / self._batches).tolist()
        found = {"contrastive": contrastive, "semantic": semantic, "logit_scale": float(self._scale.detach())}
        if self._seconds:
            found["samples_per_second"] = self._samples / self._seconds
        self._losses, self._scale, self._samples, self._batches, self._seconds = None, None, 0, 0, 0.0
        return found
