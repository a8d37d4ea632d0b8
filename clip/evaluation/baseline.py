"""Baselines: dual encoders of `transformers` such as CLIP and SigLIP, and models of open_clip.

They embed texts without graphs. Images are preprocessed by `ImageTransform` with the parameters of the model, so that
`transformers` needs no torchvision; open_clip does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import nn
from transformers import AutoModel, PreTrainedTokenizerBase

from udt.clip.model.images import Fit, ImageTransform
from udt.clip.model.loading import NO_CODE, SAFE_WEIGHTS, Loading, check_weights
from udt.clip.model.tokenizer import load_tokenizer
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.torchvision_import import prepare_torchvision

# Families that were trained on texts padded to full length, without a mask.
_PADDED_TO_MAX = {"siglip", "siglip2"}

# The resize modes of open_clip.
_RESIZE_MODES: Mapping[str, Fit] = {"shortest": "crop", "longest": "pad", "squash": "squash"}

_OPEN_CLIP_NAMES = "ARCHITECTURE/WEIGHTS, e.g. ViT-B-32/openai, or hf-hub:OWNER/NAME"


@dataclass(frozen=True, slots=True)
class HubEncoder:
    """A dual encoder of `transformers`.

    :ivar model: a model with `get_image_features` and `get_text_features`.
    :ivar image: its preprocessing.
    :ivar name: on the hub, or folder.
    """

    model: Any
    tokenizer: PreTrainedTokenizerBase
    image: ImageTransform
    name: str
    kind: str = "transformers"
    vocabulary: None = None
    trained: None = None

    @classmethod
    def load(cls, name: str) -> HubEncoder:
        """Load a model by its name on the hub or its folder.

        :raises DataError: if there is no such model, or it does not embed both images and texts.
        """
        hint = "give a run folder, a checkpoint, or the name of a model on the hub (fetch it first: hf download NAME)"
        check_weights(name)
        with Loading(f"'{name}' cannot be loaded", hint):
            model: Any = AutoModel.from_pretrained(name, **NO_CODE, **SAFE_WEIGHTS)
        missing = [x for x in ("get_image_features", "get_text_features") if not hasattr(model, x)]
        if missing:
            problem = f"{name}: a '{model.config.model_type}' has no {' and no '.join(missing)}"
            raise DataError(f"{problem}; a baseline has to embed images and texts, as CLIP and SigLIP do")
        with Loading(f"'{name}' has no preprocessing of images that can be loaded", hint):
            image = ImageTransform.of_tower(name, model.config.vision_config)
        return cls(model.eval(), load_tokenizer(name), image, name)

    @property
    def module(self) -> nn.Module:
        """The model."""
        found: nn.Module = self.model
        return found

    @property
    def device(self) -> torch.device:
        """The device of the model."""
        found: torch.device = self.model.device
        return found

    @property
    def logit_scale(self) -> float:
        """The scale of the model."""
        return float(self.model.logit_scale.exp().item())

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed images (B, 3, H, W); (B, P), not normalised."""
        return _features(self.model.get_image_features(pixel_values=pixels.to(self.device, self.model.dtype)))

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed B texts; (B, P), not normalised.

        :raises DataError: if labels are given.
        """
        _no_graphs(self.name, labels)
        positions = self.model.config.text_config.max_position_embeddings
        max_length = min(self.tokenizer.model_max_length, positions)
        padding = "max_length" if self.model.config.model_type in _PADDED_TO_MAX else True
        tokens = self.tokenizer(
            list(texts), padding=padding, truncation=True, max_length=max_length, return_tensors="pt"
        ).to(self.device)
        if padding is not True:
            tokens.pop("attention_mask", None)
        return _features(self.model.get_text_features(**tokens))


@dataclass(frozen=True, slots=True)
class OpenClipEncoder:
    """A model of open_clip.

    :ivar module: the model.
    :ivar image: its preprocessing.
    :ivar tokenize: its tokenizer.
    :ivar name: `ARCHITECTURE/WEIGHTS`, e.g. `ViT-B-32/openai`; or `hf-hub:OWNER/NAME`.
    """

    module: Any
    image: ImageTransform
    tokenize: Callable[[list[str]], torch.Tensor]
    name: str
    kind: str = "open_clip"
    vocabulary: None = None
    trained: None = None

    @classmethod
    def load(cls, name: str) -> OpenClipEncoder:
        """Load a model by its name.

        :raises DataError: if open_clip is not installed, or has no such model.
        """
        if "/" not in name:
            raise DataError(f"'{name}' names no weights, and the model would be untrained; give {_OPEN_CLIP_NAMES}")
        library = _open_clip()
        architecture, _, weights = (name, "", "") if ":" in name else name.partition("/")
        try:
            module = library.create_model(architecture, pretrained=weights or None)
            tokenize = library.get_tokenizer(architecture)
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(f"open_clip cannot load '{name}': {_first_line(error)}; give {_OPEN_CLIP_NAMES}") from error
        return cls(module.eval(), _transform(library.get_model_preprocess_cfg(module)), tokenize, name)

    @property
    def device(self) -> torch.device:
        """The device of the parameters."""
        found: torch.device = next(self.module.parameters()).device
        return found

    @property
    def logit_scale(self) -> float:
        """The scale of the model."""
        return float(self.module.logit_scale.exp().item())

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed images (B, 3, H, W); (B, P), not normalised."""
        found: torch.Tensor = self.module.encode_image(pixels.to(self.device))
        return found

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        """Embed B texts; (B, P), not normalised.

        :raises DataError: if labels are given.
        """
        _no_graphs(self.name, labels)
        found: torch.Tensor = self.module.encode_text(self.tokenize(list(texts)).to(self.device))
        return found


def _open_clip() -> Any:
    prepare_torchvision()
    try:
        import open_clip
    except ImportError as error:
        raise DataError(
            f"models of open_clip need {error.name}, which is not installed; install it with: "
            "pip install open_clip_torch (it needs torchvision)"
        ) from error
    return open_clip


def _transform(config: Mapping[str, Any]) -> ImageTransform:
    """Convert the preprocessing configuration of an open_clip model."""
    size = config["size"]
    height, width = (size, size) if isinstance(size, int) else size
    return ImageTransform(
        int(height),
        int(width),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        fit=_RESIZE_MODES[config["resize_mode"]],
        resample=Image.Resampling[config["interpolation"].upper()],
    )


def _features(output: Any) -> torch.Tensor:
    """Return the embeddings: a tensor in some versions of `transformers`, the pooled output in others."""
    found: torch.Tensor = output if isinstance(output, torch.Tensor) else output.pooler_output
    return found


def _no_graphs(name: str, labels: Sequence[LabelSet] | None) -> None:
    if labels is not None:
        raise DataError(f"{name} embeds texts without graphs; leave out the labels")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
