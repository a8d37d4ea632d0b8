"""LoRA (Hu et al. 2021, arXiv 2106.09685): low-rank updates of the layers of a tower, W + (alpha / rank) BA.

The weights of the tower stay as they are, and A and B alone are trained. `peft` makes and merges the layers; a merged
model is loaded without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, cast

from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.towers import Tower
from udt.core.errors import DataError

_NAME = "default"
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class LoraOptions:
    """The low-rank updates of a tower.

    :ivar rank: of BA, at least 1.
    :ivar alpha: above 0; the update is scaled by `alpha / rank`.
    :ivar dropout: of the inputs of A in training, at least 0 and below 1.
    :ivar targets: last parts of the names of the layers that are updated, e.g. `q_proj`; empty for all linear layers
        and 1 × 1 convolutions.
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    targets: Sequence[str] = ()


def lora_fault() -> str | None:
    """Return why LoRA cannot be used, with the next step; None if it can."""
    return (
        None if find_spec("peft") is not None else "needs peft, which is not installed: pip install 'udt-toolkit[lora]'"
    )


def add_lora(towers: Sequence[Tower], options: LoraOptions) -> None:
    """Add trainable low-rank updates, which are 0 at first, to towers, and exclude their weights from training.

    Updates are drawn from torch's global generator.

    :raises DataError: if peft is not installed, a tower has no layer that can be updated, or no tower has a target.
    """
    if fault := lora_fault():
        raise DataError(f"LoRA {fault}")
    from peft import LoraConfig, LoraModel

    layers = [_layers(tower.encoder) for tower in towers]
    if missing := [target for target in options.targets if not any(_chosen(own, [target]) for own in layers)]:
        raise DataError(f"no tower has a linear layer '{missing[0]}' (model.lora_targets); {_allowed(*layers)}")
    for tower, own in zip(towers, layers, strict=True):
        config = LoraConfig(
            r=options.rank,
            lora_alpha=cast(int, options.alpha),
            lora_dropout=options.dropout,
            target_modules=_chosen(own, options.targets),
        )
        if not config.target_modules:
            name, targets = type(tower.encoder).__name__, ", ".join(options.targets)
            raise DataError(f"{name} has no linear layer {targets} (model.lora_targets); {_allowed(own)}")
        tower.encoder = LoraModel(tower.encoder, config, _NAME)


def has_lora(tower: Tower) -> bool:
    """Return whether a tower has low-rank updates."""
    return hasattr(tower.encoder, "merge_and_unload")


def merged(model: UltrasoundClipModel) -> UltrasoundClipModel:
    """Return a copy of a model with the low-rank updates of its towers added to their weights."""
    found = deepcopy(model)
    for tower in (found.image_tower, found.text_tower):
        if has_lora(tower):
            tower.encoder = cast(Any, tower.encoder).merge_and_unload()
    return found


def _layers(encoder: nn.Module) -> list[str]:
    """Return the full names of the layers that can be updated.

    :raises DataError: if there are none.
    """
    found = [name for name, module in encoder.named_modules() if _can_be_updated(module)]
    if not found:
        name = type(encoder).__name__
        raise DataError(f"{name} has no linear layers for LoRA to update; leave this tower out of model.lora")
    return found


def _chosen(layers: Sequence[str], targets: Sequence[str]) -> list[str]:
    """Return the layers whose names end in a target; all without targets."""
    return [name for name in layers if not targets or any(f".{name}".endswith(f".{target}") for target in targets)]


def _allowed(*towers: Sequence[str]) -> str:
    names = sorted({name.rpartition(".")[2] for layers in towers for name in layers})
    shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    return f"allowed: {shown}, or [] for all"


def _can_be_updated(module: nn.Module) -> bool:
    """Return whether a layer maps each position by one matrix: linear, or a convolution of 1 × 1 pixel."""
    if isinstance(module, nn.Conv2d):
        return module.kernel_size == (1, 1) and module.groups == 1
    # nn.MultiheadAttention reads the weights of its output layer, which is of this class, and never calls it.
    return isinstance(module, nn.Linear) and not isinstance(module, NonDynamicallyQuantizableLinear)
