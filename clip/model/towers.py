"""The two towers: any encoder of `transformers`, loaded by name or path or made from a configuration, and pooled."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
import transformers
from torch import nn
from transformers import MODEL_MAPPING, AutoConfig, PretrainedConfig, PreTrainedModel

from udt.clip.model.config import Pooling
from udt.core.errors import DataError

# Names of the configurations of the halves in dual encoders.
_HALVES = {"image": "vision_config", "text": "text_config"}


class Tower(nn.Module):
    """An encoder and how its states become one vector.

    :param encoder: takes what its processor or tokenizer makes, and gives `last_hidden_state` and, for the pooling
        `pooler`, `pooler_output`.
    """

    def __init__(self, encoder: nn.Module, pooling: Pooling) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling

    @classmethod
    def of(cls, config: PretrainedConfig, pooling: Pooling) -> Tower:
        """Build a tower with fresh weights.

        :raises DataError: if `transformers` has no encoder for the configuration.
        """
        return cls(_encoder_of(config)(config, **_without_pooler(config, pooling)), pooling)

    def forward(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return one vector for each input, (B, width).

        :raises DataError: if the encoder has no pooler, but the pooling is `pooler`.
        """
        states = self.encoder(**inputs)
        if self.pooling == "cls":
            return _tensor(states.last_hidden_state[:, 0])
        if self.pooling == "mean":
            return mean_of(states.last_hidden_state, inputs.get("attention_mask"))
        pooled = getattr(states, "pooler_output", None)
        if pooled is None:
            name = type(self.encoder).__name__
            raise DataError(f"{name} pools nothing itself; take 'cls' or 'mean' as its pooling instead of 'pooler'")
        return _tensor(pooled.flatten(1))


def mean_of(states: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Return the mean (B, width) of the states (B, N, width) whose mask (B, N) is not 0, or of all."""
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
    """Load the configuration of the `image` or `text` half of a dual encoder, or that of a single encoder.

    :param source: name on the hub, or folder.
    :raises DataError: if there is no such model.
    """
    if is_missing_folder(source):
        raise DataError(_absent(source, half))
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise DataError(_absent(source, half)) from error
    part = getattr(config, _HALVES[half], None)
    return part if isinstance(part, PretrainedConfig) else config


def is_missing_folder(source: str) -> bool:
    """Return whether `source` is the path of a missing folder, and no name on the hub."""
    path = Path(source)
    means_folder = (
        path.is_absolute() or source.startswith(".") or (len(path.parts) > 1 and Path(path.parts[0]).is_dir())
    )
    return means_folder and not path.is_dir()


def load_tower(source: str, half: str, pooling: Pooling) -> Tower:
    """Load the pretrained tower of `half_config` with the weights of `source`.

    :raises DataError: if there is no such model, or `transformers` has no encoder for it.
    """
    config = half_config(source, half)
    kind = _encoder_of(config)
    try:
        encoder = kind.from_pretrained(source, config=config, **_without_pooler(config, pooling))
    except (OSError, ValueError) as error:
        raise DataError(_absent(source, half)) from error
    return Tower(encoder, pooling)


def _without_pooler(config: PretrainedConfig, pooling: Pooling) -> dict[str, Any]:
    """Return arguments that leave out an unused pooler: distributed training fails on weights without gradient."""
    optional = "add_pooling_layer" in inspect.signature(_encoder_of(config)).parameters
    return {"add_pooling_layer": False} if optional and pooling != "pooler" else {}


def _encoder_of(config: PretrainedConfig) -> type[PreTrainedModel]:
    """Return the class of `transformers` for a configuration; not all halves of dual encoders are registered there."""
    name = type(config).__name__.removesuffix("Config") + "Model"
    found: Any = MODEL_MAPPING.get(type(config), None) or getattr(transformers, name, None)
    if found is None:
        raise DataError(f"transformers has no encoder for a '{config.model_type}'; take another tower")
    return cast("type[PreTrainedModel]", found[0] if isinstance(found, tuple) else found)


def _absent(source: str, half: str) -> str:
    return (
        f"'{source}' cannot be loaded as the {half} tower; give the name of a model on the hub, or the folder of one "
        "(download it first if there is no network: hf download NAME)"
    )


def _tensor(value: Any) -> torch.Tensor:
    found: torch.Tensor = value
    return found
