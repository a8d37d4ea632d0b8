"""The encoders that are transferred: those of `udt evaluate model`, and pairs of pretrained towers without training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import torch
from torch import nn

from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
from udt.clip.evaluation.load import Baseline, load_encoder, torch_device
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tokenizer import load_tokenizer
from udt.clip.model.towers import tower_transform
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

FeatureKind = Literal["tower", "embedding"]

PAIR = "+"
"""Between the names of an image tower and a text tower."""


def load_transfer_encoder(name: str, baseline: Baseline | None = None, device: str | None = None) -> DualEncoder:
    """Load an encoder.

    :param name: as for `udt.clip.evaluation.load.load_encoder`; or `IMAGE+TEXT`, two towers as in the settings
        `model.image` and `model.text`, whose projections are drawn with the seed 0 and not trained.
    :raises DataError: if there is no such model, tower, library or device.
    """
    image, plus, text = name.partition(PAIR)
    if not is_pair(name):
        return load_encoder(name, baseline, device)
    if baseline is not None or not image or not text:
        raise DataError(f"'{name}' names no pair of towers; give IMAGE{plus}TEXT without a library (--baseline)")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = UltrasoundClipModel.from_towers(image, text)
    transform = tower_transform(image, model.config.vision_config)
    processor = UltrasoundClipProcessor(transform, load_tokenizer(text), Vocabulary((), "none", "none"))
    model.train(False)
    cast(nn.Module, model).to(torch_device(device))
    return UltrasoundEncoder(model, processor, name)


def is_pair(name: str) -> bool:
    """Return whether a name is that of a pair of towers, and not of a folder."""
    return PAIR in name and not Path(name).exists()


def image_tower_name(name: str) -> str | None:
    """Return the name of the image tower of a pair; None for the name of a model."""
    return name.partition(PAIR)[0] if is_pair(name) else None


def is_untrained_pair(name: str) -> bool:
    """Return whether a name is that of a pair of towers of two models, whose projections are not trained."""
    image, _, text = name.partition(PAIR)
    return is_pair(name) and image != text


@dataclass(frozen=True, slots=True, eq=False)
class ImageBackbone:
    """The part of an encoder that computes features of images, frozen or trained.

    :ivar detail: a description for readers.
    :ivar image: its preprocessing.
    :ivar call: from pixels (B, 3, H, W) to features (B, D).
    :ivar modules: that hold its parameters; there may be others in them.
    """

    detail: str
    image: ImageTransform
    call: Callable[[torch.Tensor], torch.Tensor]
    modules: tuple[nn.Module, ...]
    device: torch.device

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All parameters of its modules."""
        return [one for module in self.modules for one in module.parameters()]

    def train(self, mode: bool) -> None:
        """Set the mode of its modules."""
        for module in self.modules:
            module.train(mode)


def image_backbone(encoder: DualEncoder, kind: FeatureKind | None = None) -> ImageBackbone:
    """Return the image half of an encoder.

    :param kind: `tower` for the features of its image tower, before the projection to the space of the texts;
        `embedding` for those after it. By default the first, except for a baseline, which has the second alone.
    :raises DataError: if a baseline is asked for the features of its tower.
    """
    if isinstance(encoder, UltrasoundEncoder) and kind != "embedding":
        tower, model = encoder.model.image_tower, encoder.model

        def features(pixels: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = tower({"pixel_values": pixels.to(model.device, model.dtype)})
            return found.float()

        return ImageBackbone("features of the image tower", encoder.image, features, (tower,), encoder.device)
    if kind == "tower":
        raise DataError(f"{encoder.name}: the features of the tower of a baseline are not known; take its embeddings")
    own: Iterable[nn.Module] = [encoder.module]
    if isinstance(encoder, UltrasoundEncoder):
        own = [encoder.model.image_tower, encoder.model.image_projection]

    def embeddings(pixels: torch.Tensor) -> torch.Tensor:
        return encoder.embed_images(pixels).float()

    return ImageBackbone("embeddings of images", encoder.image, embeddings, tuple(own), encoder.device)
