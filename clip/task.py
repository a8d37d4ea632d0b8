"""Model and objective joined: the loss of a joint batch, and which parameters learn how fast."""

from __future__ import annotations

from time import monotonic
from typing import Any

import torch
from torch import nn

from udt.clip.distributed import gather
from udt.clip.model import UltrasoundClipOutput
from udt.clip.objective import Losses, Objective
from udt.errors import DataError
from udt.similarity.prior import Missing, PriorTables, prior, shared_tasks

_TOWERS = ("image_tower.", "text_tower.")


class Task:
    """The losses of a joint batch: embeddings, labels and captions of all processes, and the prior of the labels.

    :param tables: label similarities, on the device of the model; needed where the objective needs a prior.
    :raises DataError: where they are needed and missing.
    """

    def __init__(
        self, objective: Objective, tables: PriorTables[torch.Tensor] | None = None, missing: Missing = "zero"
    ) -> None:
        if objective.needs_prior and tables is None:
            raise DataError("the objective follows a prior, but there are no label similarities; give tables")
        self.objective = objective
        self.tables = tables if objective.needs_prior else None
        self.missing: Missing = missing

    def __call__(
        self, output: UltrasoundClipOutput, labels: torch.Tensor, groups: torch.Tensor, said: torch.Tensor
    ) -> Losses:
        """The losses of the B samples of this process together with those of the others.

        :param labels: (B, V) bool, `groups`: (B,), `said`: (B, V) bool, as the collator makes them.
        :raises DataError: where the output lacks images or texts.
        """
        if output.image_embeds is None or output.text_embeds is None or output.logit_scale is None:
            raise DataError("a loss compares images and texts; give the model both")
        images, texts = gather(output.image_embeds), gather(output.text_embeds)
        labels = gather(labels)
        wanted, known = self._prior(labels)
        fits = matches(labels, gather(groups), gather(said))
        return self.objective(images, texts, output.logit_scale, wanted, fits, known)

    def _prior(self, labels: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """The prior, and where it says something if that is not everywhere."""
        if self.tables is None:
            return None, None
        wanted = prior(labels, labels, self.tables, self.missing)
        if self.missing == "zero":
            return wanted, None
        return wanted, (shared_tasks(labels, labels, self.tables) > 0).fill_diagonal_(True)


def matches(labels: torch.Tensor, groups: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """(B, B) bool: where image i fits text j, because j is the text of i, or says only labels that i has.

    :param labels: (B, V) bool, of the images.
    :param groups: (B,), equal where texts are equal.
    :param said: (B, V) bool, the labels that a text is made of; none for a caption, which may say more.
    """
    words = said.float()
    missing = words.sum(1) - labels.float() @ words.T
    return (groups.unsqueeze(1) == groups) | ((missing == 0) & said.any(1))


def parameter_groups(
    model: nn.Module, lr: float, tower_lr: float | None = None, weight_decay: float = 0.0
) -> list[dict[str, Any]]:
    """Groups for an optimizer: towers and the rest, each with decay for matrices and without it for all else.

    Biases, norms and scales have fewer than two axes; pulling them towards 0 means nothing.

    :param tower_lr: learning rate of the towers; `lr` where it is None.
    """
    groups: dict[tuple[bool, bool], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            tower, matrix = name.startswith(_TOWERS), parameter.ndim >= 2
            rate = tower_lr if tower and tower_lr is not None else lr
            start = {"params": [], "lr": rate, "weight_decay": weight_decay if matrix else 0.0}
            groups.setdefault((tower, matrix), start)["params"].append(parameter)
    return [groups[key] for key in sorted(groups)]


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
