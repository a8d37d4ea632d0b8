"""Features of images for the reference classifiers: grey pixels, or a frozen pretrained image tower."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.load import checkpoint, is_own
from udt.clip.model.config import default_pooling
from udt.clip.model.images import ImageTransform
from udt.clip.model.tower_registry import TOWERS
from udt.clip.model.towers import half_config, load_tower, tower_transform

PIXELS = 32
"""Edge of the grey images, in pixels."""

PROBE_TOWER = "efficientnet-lite0"
"""The pretrained image tower for a probe by default."""

# Luminance of red, green and blue (ITU-R BT.601).
_LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class ImageFeatures:
    """A fixed function of images.

    :ivar detail: what it computes, for readers.
    :ivar image: its preprocessing.
    :ivar call: from pixels (B, 3, H, W) to features (B, D).
    """

    detail: str
    image: ImageTransform
    call: Callable[[torch.Tensor], torch.Tensor]


def grey_pixels() -> ImageFeatures:
    """Return the brightness of an image at 32 × 32 pixels, (B, 1024)."""
    return ImageFeatures(f"{PIXELS} × {PIXELS} grey pixels", ImageTransform(PIXELS, PIXELS), _grey)


def _grey(pixels: torch.Tensor) -> torch.Tensor:
    return torch.einsum("bchw,c->bhw", pixels, torch.tensor(_LUMINANCE)).flatten(1)


def installed_probe() -> str | None:
    """Return the name of the pretrained image tower for a probe by default; None if its package is not installed."""
    return PROBE_TOWER if TOWERS.load(PROBE_TOWER).fault is None else None


def tower_features(name: str, device: torch.device) -> ImageFeatures:
    """Return the features of a frozen image tower, before any projection.

    :param name: folder of a run or a checkpoint, whose image tower is taken; or a pretrained tower, as in the setting
        `model.image`.
    :raises udt.core.errors.DataError: if there is no such tower.
    """
    folder = checkpoint(Path(name))
    if folder is not None and is_own(folder):
        encoder = UltrasoundEncoder.load(folder)
        tower, transform = encoder.model.image_tower, encoder.image
    else:
        config = half_config(name, "image")
        tower, transform = load_tower(name, "image", default_pooling(config)), tower_transform(name, config)
    tower.train(False).to(device)
    return ImageFeatures(f"the frozen image tower {name}", transform, lambda p: tower({"pixel_values": p.to(device)}))
