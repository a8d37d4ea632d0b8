"""Fine-tuning: the image tower is trained with a linear head, and stopped early by its loss on the validation part."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader

from udt.clip.data.augmentation import Augmentation
from udt.clip.transfer.dataset import TransferImages, TransferSet
from udt.clip.transfer.encoder import ImageBackbone
from udt.clip.transfer.grouping import Ints
from udt.clip.transfer.partition import Partition
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class FineTuning:
    """Settings of a fine-tuning.

    :ivar epochs: at most.
    :ivar learning_rate: of the tower, above 0.
    :ivar head_learning_rate: of the linear head, which starts at 0.
    :ivar weight_decay: of AdamW.
    :ivar batch_size: images in a step.
    :ivar patience: epochs without a smaller validation loss after which it stops.
    :ivar augment: whether images are changed at random (`udt.clip.data.augmentation`).
    """

    epochs: int = 30
    learning_rate: float = 1e-4
    head_learning_rate: float = 1e-3
    weight_decay: float = 0.05
    batch_size: int = 32
    patience: int = 5
    augment: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """The result of a fine-tuning.

    :ivar scores: (T, C) logarithm of the probability of each class, for the test part.
    :ivar losses: validation loss after each epoch.
    """

    scores: NDArray[np.float64]
    losses: tuple[float, ...]

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were taken, from 1."""
        return int(np.argmin(self.losses)) + 1


def fine_tune(
    backbone: ImageBackbone,
    data: TransferSet,
    partition: Partition,
    settings: FineTuning,
    seed: int,
    workers: int = 0,
) -> FineTuned:
    """Train a copy of the weights of a backbone with a head; the backbone is as before at the end.

    :param seed: of the order of images, dropout and augmentation.
    :raises DataError: if the loss is not finite.
    """
    before = [copy.deepcopy(module.state_dict()) for module in backbone.modules]
    flags = [one.requires_grad for one in backbone.parameters]
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return _Training(backbone, data, partition, settings, seed, workers).run()
    finally:
        _load(backbone, before)
        for one, flag in zip(backbone.parameters, flags, strict=True):
            one.requires_grad_(flag)
        backbone.train(False)


def _load(backbone: ImageBackbone, states: Sequence[Mapping[str, Any]]) -> None:
    for module, state in zip(backbone.modules, states, strict=True):
        module.load_state_dict(state)


class _Training:
    """A training of a backbone with a head."""

    def __init__(
        self,
        backbone: ImageBackbone,
        data: TransferSet,
        partition: Partition,
        settings: FineTuning,
        seed: int,
        workers: int,
    ) -> None:
        self.backbone, self.data, self.partition = backbone, data, partition
        self.settings, self.seed, self.workers = settings, seed, workers
        backbone.train(False)
        with torch.no_grad():
            width = backbone.call(next(self._pixels(partition.train[:1]))).shape[1]
        self.head = nn.Linear(width, len(data.classes)).to(backbone.device)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        for one in backbone.parameters:
            one.requires_grad_(True)
        groups = [
            {"params": backbone.parameters, "lr": settings.learning_rate},
            {"params": list(self.head.parameters()), "lr": settings.head_learning_rate},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=settings.weight_decay)

    def run(self) -> FineTuned:
        losses: list[float] = []
        best: tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]] | None = None
        images = self._training_images()
        for epoch in range(self.settings.epochs):
            images.epoch = epoch
            self._train(images, epoch)
            losses.append(self._validation_loss())
            if losses[-1] == min(losses):
                states = [copy.deepcopy(module.state_dict()) for module in self.backbone.modules]
                best = states, copy.deepcopy(self.head.state_dict())
            if len(losses) - int(np.argmin(losses)) > self.settings.patience:
                break
        if best is not None:
            _load(self.backbone, best[0])
            self.head.load_state_dict(best[1])
        return FineTuned(self._scores(self.partition.test), tuple(losses))

    def _training_images(self) -> TransferImages:
        augmentation = Augmentation() if self.settings.augment else None
        return TransferImages(self.data, self.partition.train, self.backbone.image, augmentation, self.seed)

    def _train(self, images: TransferImages, epoch: int) -> None:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(images))
        size = self.settings.batch_size
        # A batch of one image has no statistics for batch normalisation.
        batches = [
            part for start in range(0, len(order), size) if len(part := order[start : start + size].tolist()) > 1
        ]
        self.backbone.train(True)
        loader: DataLoader[torch.Tensor] = DataLoader(images, batch_sampler=batches, num_workers=self.workers)
        for places, pixels in zip(batches, loader, strict=True):
            loss = self._loss(pixels, self.partition.train[places])
            if not math.isfinite(loss.item()):
                raise DataError("the loss of the fine-tuning is not finite; give a smaller --learning-rate")
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        self.backbone.train(False)

    def _loss(self, pixels: torch.Tensor, indices: Ints) -> torch.Tensor:
        labels = torch.from_numpy(self.data.labels[indices]).to(self.backbone.device)
        return nn.functional.cross_entropy(self.head(self.backbone.call(pixels.to(self.backbone.device))), labels)

    def _validation_loss(self) -> float:
        valid = self.partition.valid
        return float(-self._scores(valid)[np.arange(len(valid)), self.data.labels[valid]].mean())

    @torch.no_grad()
    def _scores(self, indices: Ints) -> NDArray[np.float64]:
        parts = [
            torch.log_softmax(self.head(self.backbone.call(pixels.to(self.backbone.device))).double(), 1).cpu()
            for pixels in self._pixels(indices)
        ]
        found: NDArray[np.float64] = torch.cat(parts).numpy()
        return found

    def _pixels(self, indices: Ints) -> Iterator[torch.Tensor]:
        images = TransferImages(self.data, indices, self.backbone.image)
        yield from DataLoader(images, self.settings.batch_size, num_workers=self.workers)
