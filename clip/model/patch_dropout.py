"""Patch dropout (FLIP, Li et al. 2023, arXiv 2212.00794, section 3.1): training encodes a random part of the patches.

The patches are drawn anew for each image and step, and dropped after their positions were added, so that the layers of
the tower run on fewer tokens. Evaluation encodes all patches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from transformers import PretrainedConfig

from udt.core.errors import DataError

_EMBEDDINGS = "embeddings"
_HINT = (
    "take a vision transformer with absolute positions, such as ViT, DeiT, CLIP, SigLIP or DINOv2, or set "
    "model.patch_dropout = 0"
)


def drop_patches(encoder: nn.Module, config: PretrainedConfig, share: float) -> None:
    """Make an encoder drop patches while it is trained.

    :param encoder: an image encoder of `transformers`, whose module `embeddings` returns tokens (B, tokens, width), the
        patches last.
    :param config: of the encoder; its `patch_size` gives the number of patches.
    :param share: of the patches of each image to drop, in [0, 1); at least one patch is kept.
    :raises DataError: if the encoder has no such embeddings.
    """
    found = [module for name, module in encoder.named_modules() if name.rpartition(".")[2] == _EMBEDDINGS]
    size = getattr(config, "patch_size", None)
    if not found or size is None:
        raise DataError(f"a '{config.model_type}' has no embeddings of patches that could be dropped; {_HINT}")
    height, width = (size, size) if isinstance(size, int) else size
    found[0].register_forward_hook(_PatchDropout(config.model_type, share, height, width), with_kwargs=True)


def check_patches(encoder: nn.Module, config: PretrainedConfig) -> None:
    """Check that an encoder whose patches are dropped can be trained, by a batch without data.

    :param encoder: on torch's `meta` device.
    :raises DataError: if its layers need all patches.
    """
    size = getattr(config, "image_size", None)
    height, width = (size, size) if isinstance(size, int) else size or (224, 224)
    pixels = torch.empty(2, getattr(config, "num_channels", 3), height, width, device="meta")
    try:
        encoder.train()(pixel_values=pixels)
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"the layers of a '{config.model_type}' need all patches: {error}; {_HINT}") from error


class _PatchDropout:
    """The forward hook of embeddings."""

    def __init__(self, kind: str, share: float, height: int, width: int) -> None:
        self.kind = kind
        self.share = share
        self.height = height
        self.width = width

    def __call__(
        self, module: nn.Module, arguments: tuple[Any, ...], options: Mapping[str, Any], tokens: Any
    ) -> torch.Tensor | None:
        if not module.training:
            return None
        pixels = arguments[0] if arguments else options["pixel_values"]
        count = (pixels.shape[-2] // self.height) * (pixels.shape[-1] // self.width)
        if not isinstance(tokens, torch.Tensor) or tokens.ndim != 3 or tokens.shape[1] < count:
            got = tuple(tokens.shape) if isinstance(tokens, torch.Tensor) else type(tokens).__name__
            raise DataError(f"the embeddings of a '{self.kind}' are {got}, not (B, tokens, width); {_HINT}")
        first = tokens.shape[1] - count
        kept = torch.rand(len(tokens), count, device=tokens.device).topk(_kept(count, self.share)).indices.sort().values
        patches = tokens[:, first:].gather(1, kept.unsqueeze(-1).expand(-1, -1, tokens.shape[2]))
        return torch.cat([tokens[:, :first], patches], dim=1)


def _kept(count: int, share: float) -> int:
    return max(count - round(share * count), 1)
