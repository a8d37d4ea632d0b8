"""Towers by name: built in, added by other packages as entry points, or by a program itself.

A tower of the registry is any `torch.nn.Module`, with its preprocessing and, if it has some, its pretrained weights. A
checkpoint stores its name and the arguments that it was built with, so that loading needs neither network nor the
package of the pretrained weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedTokenizerBase

from udt.clip.model.images import ImageTransform
from udt.clip.model.loading import Loading
from udt.core.errors import DataError
from udt.core.registry import Registry

Half = Literal["image", "text"]

_NAMED = 3


@dataclass(frozen=True, slots=True)
class NamedTower:
    """A tower that settings choose by its name.

    The module of an image tower is called with `pixel_values` (B, 3, H, W) float32, that of a text tower with
    `input_ids` and `attention_mask` (B, tokens) int64, all by keyword; both return features (B, width). Buffers have to
    be persistent: when a checkpoint is loaded, the module is built on torch's `meta` device and then filled.

    :ivar half: `image` or `text`.
    :ivar module: class or function that builds the module with new weights.
    :ivar width: of the features.
    :ivar options: arguments of `module`, of the types of JSON; they are stored in checkpoints.
    :ivar image: the preprocessing that the module expects, for an image tower.
    :ivar tokenizer: loads the tokenizer, for a text tower.
    :ivar weights: loads the pretrained weights, a state dict of the module; None for a tower without.
    :ivar package: importable name of the package that weights and tokenizer are in; empty for none.
    :ivar install: command that installs the package.
    """

    half: Half
    module: Callable[..., nn.Module]
    width: int
    options: Mapping[str, Any] = field(default_factory=dict)
    image: ImageTransform | None = None
    tokenizer: Callable[[], PreTrainedTokenizerBase] | None = None
    weights: Callable[[], Mapping[str, torch.Tensor]] | None = None
    package: str = ""
    install: str = ""

    def __post_init__(self) -> None:
        needed, given = ("image", self.image) if self.half == "image" else ("tokenizer", self.tokenizer)
        if given is None:
            raise DataError(f"a tower for {self.half}s lacks its preprocessing; give the argument '{needed}'")

    @property
    def fault(self) -> str | None:
        """Why its weights cannot be loaded, with the next step; None if they can."""
        if not self.package or find_spec(self.package) is not None:
            return None
        return f"its weights are in the package {self.package}, which is not installed: {self.install}"


class NamedTowerConfig(PretrainedConfig):
    """Configuration of a tower of the registry.

    :param tower: its name.
    :param hidden_size: width of its features.
    :param options: arguments that its module is built with.
    """

    model_type = "udt-tower"

    def __init__(
        self, tower: str = "", hidden_size: int = 1, options: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.tower = tower
        self.hidden_size = hidden_size
        self.options = dict(options or {})
        super().__init__(**kwargs)

    def build(self) -> nn.Module:
        """Build the module with new weights.

        :raises DataError: if there is no tower of that name, or the options do not suit it.
        """
        if self.tower not in TOWERS.names():
            raise DataError(
                f"there is no tower '{self.tower}'; allowed: {', '.join(TOWERS.names())}. Install the package that "
                "adds it, or add it yourself: udt.clip.model.tower_registry.TOWERS.add"
            )
        with Loading(f"the tower '{self.tower}' cannot be built with {self.options}", "give the options that it takes"):
            return TOWERS.load(self.tower).module(**self.options)


TOWERS: Registry[NamedTower] = Registry(
    "tower",
    "udt.towers",
    {
        "efficientnet-lite0": "udt.clip.model.efficientnet_lite:LITE0",
        "all-minilm-l6-v2": "udt.clip.model.sentence_encoder:MINILM",
    },
    expected=NamedTower,
)
"""The registered towers."""


def is_named(source: str) -> bool:
    """Return whether `source` is the name of a tower of the registry."""
    return source in TOWERS.names()


def named_tower(name: str, half: str) -> NamedTower:
    """Return the tower of that name.

    :param half: `image` or `text`.
    :raises DataError: if there is none, it is of the other half, or its package is not installed.
    """
    found = TOWERS.load(name)
    if found.half != half:
        raise DataError(f"'{name}' is a tower for {found.half}s, not for {half}s; take {_others(half)}")
    if found.fault is not None:
        raise DataError(f"the tower '{name}' cannot be loaded: {found.fault}")
    return found


def named_config(name: str, half: str) -> NamedTowerConfig:
    """Return the configuration of the tower of that name.

    :raises DataError: as `named_tower`.
    """
    found = named_tower(name, half)
    return NamedTowerConfig(name, found.width, found.options)


def named_module(name: str, half: str) -> nn.Module:
    """Build the module of the tower of that name, with its pretrained weights if it has some.

    :raises DataError: as `named_tower`, or if the weights do not fit.
    """
    found = named_tower(name, half)
    module = NamedTowerConfig(name, found.width, found.options).build()
    if found.weights is not None:
        fault, hint = f"the weights of the tower '{name}' cannot be loaded", found.install or "give those of its module"
        with Loading(fault, hint):
            given = dict(found.weights())
            if differing := sorted(given.keys() ^ module.state_dict().keys()):
                raise DataError(f"{fault}: {', '.join(differing[:_NAMED])} are not in both module and weights; {hint}")
            module.load_state_dict(given)
    return module


def _others(half: str) -> str:
    known = (name for name in TOWERS.names() if TOWERS.load(name).half == half)
    return ", ".join((*known, "a model of transformers, or a table with a model_type"))
