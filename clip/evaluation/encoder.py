"""The interface of a dual encoder in evaluation, and that of an Ultrasound-CLIP model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary


class DualEncoder(Protocol):
    """Anything that embeds images and texts in one space."""

    @property
    def name(self) -> str:
        """What it is called: folder, or name on the hub."""

    @property
    def kind(self) -> str:
        """`ultrasound-clip`, or the library that a baseline is loaded with."""

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The labels that it reads as graphs; None for an encoder that knows text alone."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    @property
    def image(self) -> ImageTransform:
        """From an image to the pixels that it wants."""

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed pixels (B, 3, H, W) as (B, P)."""

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed texts as (B, P); with `labels`, one set for each text, with the graphs of the labels.

        :raises DataError: if labels are given to an encoder without graphs.
        """

    @property
    def module(self) -> nn.Module:
        """The module with all parameters."""


@dataclass(frozen=True, slots=True)
class UltrasoundEncoder:
    """An Ultrasound-CLIP model with its processor, in evaluation mode.

    :ivar name: of the run or folder.
    """

    model: UltrasoundClipModel
    processor: UltrasoundClipProcessor
    name: str = "model"

    @classmethod
    def load(cls, folder: str | Path) -> UltrasoundEncoder:
        """Load the model that `save_pretrained` wrote to a folder.

        :raises DataError: if there is none.
        """
        processor = UltrasoundClipProcessor.from_pretrained(folder)
        try:
            model = UltrasoundClipModel.from_pretrained(folder)
        except (OSError, ValueError) as error:
            raise DataError(f"{folder}: holds no model that can be loaded: {error}") from error
        model.train(False)
        return cls(model, processor, str(folder))

    @property
    def kind(self) -> str:
        """`ultrasound-clip`."""
        return str(self.model.config.model_type)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The vocabulary of its processor; None if the model has no graph encoder."""
        return self.processor.vocabulary if self.model.config.has_graph else None

    @property
    def device(self) -> torch.device:
        """That of the model."""
        return self.model.device

    @property
    def image(self) -> ImageTransform:
        """That of its processor."""
        return self.processor.image

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed images as (B, P) rows of length 1."""
        return self.model.get_image_features(pixels.to(self.device, self.model.dtype))

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed texts as (B, P) rows of length 1.

        :raises DataError: if labels are given, but the model has no graph encoder.
        """
        inputs = self.processor(text=texts, graphs=labels)
        return self.model.get_text_features(**{name: part.to(self.device) for name, part in inputs.items()})

    @property
    def module(self) -> nn.Module:
        """The model."""
        return self.model
