"""The two towers: any encoder of `transformers`, loaded or built from a configuration; or a named tower."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

import torch
import transformers
from torch import nn
from transformers import MODEL_MAPPING, AutoConfig, PretrainedConfig, PreTrainedModel

from udt.clip.model.config import Pooling
from udt.clip.model.images import ImageTransform
from udt.clip.model.loading import NO_CODE, SAFE_WEIGHTS, Loading, check_hub, check_weights
from udt.clip.model.tower_registry import TOWERS, NamedTowerConfig, is_named, named_config, named_module, named_tower
from udt.core.errors import DataError

# Names by which dual encoders call the configurations of their halves.
_HALVES = {"image": "vision_config", "text": "text_config"}


class Tower(nn.Module):
    """An encoder with pooling of its states.

    :param encoder: takes the output of its processor or tokenizer, and returns `last_hidden_state` and, for the pooling
        `pooler`, `pooler_output`.
    :param pooling: `cls`, `mean` or `pooler`; see `UltrasoundClipConfig`.
    :ivar frozen: whether its weights are kept as they are; see `freeze`.
    """

    def __init__(self, encoder: nn.Module, pooling: Pooling) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.frozen = False

    @classmethod
    def of(cls, config: PretrainedConfig, pooling: Pooling) -> Tower:
        """Build a tower with newly initialised weights.

        :raises DataError: if `transformers` has no encoder for the configuration, or the registry no such tower.
        """
        if isinstance(config, NamedTowerConfig):
            return _ModuleTower(config.build(), config.tower, config.hidden_size)
        return cls(_encoder_of(config)(config, **_without_pooler(config, pooling)), pooling)

    def freeze(self) -> None:
        """Exclude the weights from training, and stay in evaluation mode: no dropout, no new statistics of batches."""
        self.frozen = True
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> Self:
        """Set the mode; a frozen tower stays in evaluation mode."""
        return super().train(mode and not self.frozen)

    def forward(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Encode and pool B inputs.

        :param inputs: arguments of the encoder by name.
        :returns: (B, width).
        :raises DataError: if the pooling is `pooler`, but the encoder has none.
        """
        states = self.encoder(**inputs)
        if self.pooling == "cls":
            return _tensor(states.last_hidden_state[:, 0])
        if self.pooling == "mean":
            return mean_of(states.last_hidden_state, inputs.get("attention_mask"))
        pooled = getattr(states, "pooler_output", None)
        if pooled is None:
            name = type(self.encoder).__name__
            raise DataError(f"{name} has no pooler; take 'cls' or 'mean' as its pooling instead of 'pooler'")
        return _tensor(pooled.flatten(1))


class _ModuleTower(Tower):
    """A tower of the registry, whose module pools its states itself."""

    def __init__(self, module: nn.Module, name: str, width: int) -> None:
        super().__init__(module, "pooler")
        self.name = name
        self.width = width

    def forward(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Encode B inputs.

        :raises DataError: if the module returns anything but features (B, width).
        """
        given, (count, *_) = _module_inputs(inputs), next(iter(inputs.values())).shape
        found = self.encoder(**given)
        if not isinstance(found, torch.Tensor) or found.shape != (count, self.width):
            got = tuple(found.shape) if isinstance(found, torch.Tensor) else type(found).__name__
            raise DataError(f"the tower '{self.name}' returns {got} for a batch; it has to be {(count, self.width)}")
        return found


def _module_inputs(inputs: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the arguments of the module of a named tower; see `NamedTower`."""
    if "pixel_values" in inputs:
        return {"pixel_values": inputs["pixel_values"]}
    ids = inputs["input_ids"]
    mask = inputs.get("attention_mask")
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids) if mask is None else mask}


def mean_of(states: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Average states over tokens.

    :param states: (B, N, width).
    :param mask: (B, N), 0 for padding; None if there is no padding.
    :returns: (B, width).
    """
    if mask is None:
        return states.mean(1)
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1)


def width_of(config: PretrainedConfig) -> int:
    """Return the width of the vector of a tower.

    :raises DataError: if its configuration does not give it.
    """
    for name in ("hidden_size", "hidden_sizes", "d_model", "num_features"):
        width = getattr(config, name, None)
        if width is not None:
            return int(width[-1] if isinstance(width, list | tuple) else width)
    raise DataError(f"the configuration of a '{config.model_type}' lacks the width of its states; take another")


def half_config(source: str, half: str) -> PretrainedConfig:
    """Load the configuration of one half of a dual encoder, of a single encoder, or of a named tower.

    :param source: name of the registry or on the hub, or folder.
    :param half: `image` or `text`.
    :raises DataError: if there is no such model.
    """
    if is_named(source):
        return named_config(source, half)
    if is_missing_folder(source):
        raise DataError(f"'{source}' cannot be loaded as the {half} tower; {_hint(source)}")
    with not_loadable(source, half):
        check_hub(source)
        config: PretrainedConfig = AutoConfig.from_pretrained(source, **NO_CODE)
    part = getattr(config, _HALVES[half], None)
    return part if isinstance(part, PretrainedConfig) else config


def tower_transform(source: str | None, config: PretrainedConfig) -> ImageTransform:
    """Return the preprocessing of an image tower.

    :param source: name in the registry or on the hub, or folder; None for a tower with newly initialised weights.
    :param config: of the tower.
    :raises DataError: if the size of its images is unknown.
    """
    if source is not None and is_named(source):
        return cast(ImageTransform, named_tower(source, "image").image)
    return ImageTransform.of_tower(source, config)


def is_missing_folder(source: str) -> bool:
    """Return whether `source` is the path of a folder that does not exist, and not a name on the hub."""
    path = Path(source)
    means_folder = (
        path.is_absolute() or source.startswith(".") or (len(path.parts) > 1 and Path(path.parts[0]).is_dir())
    )
    return means_folder and not path.is_dir()


def load_tower(source: str, half: str, pooling: Pooling) -> Tower:
    """Load one half of a dual encoder, a single encoder, or a named tower, with its weights.

    :param source: name of the registry or on the hub, or folder.
    :param half: `image` or `text`.
    :raises DataError: if there is no such model, or `transformers` has no encoder for it.
    """
    if is_named(source):
        return _ModuleTower(named_module(source, half), source, named_config(source, half).hidden_size)
    config = half_config(source, half)
    kind = _encoder_of(config)
    check_weights(source)
    with not_loadable(source, half):
        encoder = cast(Any, kind).from_pretrained(
            source, config=config, **SAFE_WEIGHTS, **_without_pooler(config, pooling)
        )
    return Tower(encoder, pooling)


def _without_pooler(config: PretrainedConfig, pooling: Pooling) -> dict[str, Any]:
    """Return the arguments that leave out an unused pooler: distributed training fails on weights without gradient."""
    optional = "add_pooling_layer" in inspect.signature(_encoder_of(config)).parameters
    return {"add_pooling_layer": False} if optional and pooling != "pooler" else {}


def _encoder_of(config: PretrainedConfig) -> type[PreTrainedModel]:
    """Return the model class for a configuration."""
    # The mapping does not list the halves of all dual encoders.
    name = type(config).__name__.removesuffix("Config") + "Model"
    found: Any = MODEL_MAPPING.get(type(config), None) or getattr(transformers, name, None)
    if found is None:
        raise DataError(f"transformers has no encoder for a '{config.model_type}'; take another tower")
    return cast("type[PreTrainedModel]", found[0] if isinstance(found, tuple) else found)


def not_loadable(source: str, half: str) -> Loading:
    """Return the context to load a tower in."""
    return Loading(f"'{source}' cannot be loaded as the {half} tower", _hint(source))


def _hint(source: str) -> str:
    near = TOWERS.closest(source.rpartition("/")[2].lower())
    question = "" if near is None else f"did you mean '{near}'? Otherwise "
    return (
        f"{question}give the name of a named tower ({', '.join(TOWERS.names())}) or of a model on the hub, or the "
        "folder of one (without network access, fetch it first: hf download NAME)"
    )


def _tensor(value: Any) -> torch.Tensor:
    found: torch.Tensor = value
    return found
