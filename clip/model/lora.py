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


def add_lora(tower: Tower, options: LoraOptions) -> None:
    """Freeze the weights of a tower, and add trainable low-rank updates, which are 0 at first.

    Updates are drawn from torch's global generator.

    :raises DataError: if peft is not installed, the tower has no layer that can be updated, or lacks a target.
    """
    if fault := lora_fault():
        raise DataError(f"LoRA {fault}")
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=options.rank,
        lora_alpha=cast(int, options.alpha),
        lora_dropout=options.dropout,
        target_modules=_targets(tower.encoder, options.targets),
    )
    tower.encoder = get_peft_model(cast(Any, tower.encoder), config)


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


def _targets(encoder: nn.Module, chosen: Sequence[str]) -> list[str]:
    """Return the full names of the layers to update."""
    layers = [name for name, module in encoder.named_modules() if _can_be_updated(module)]
    endings = sorted({name.rpartition(".")[2] for name in layers})
    name = type(encoder).__name__
    if not layers:
        raise DataError(f"{name} has no linear layers for LoRA to update; leave this tower out of model.lora")
    if missing := [target for target in chosen if not any(_ends(layer, target) for layer in layers)]:
        allowed = ", ".join(endings[:_SHOWN]) + (" …" if len(endings) > _SHOWN else "")
        raise DataError(
            f"{name} has no linear layer '{missing[0]}' (model.lora_targets); its layers are {allowed}. Give some of "
            "them, or [] for all"
        )
    return [layer for layer in layers if not chosen or any(_ends(layer, target) for target in chosen)]


def _ends(layer: str, target: str) -> bool:
    return f".{layer}".endswith(f".{target}")


def _can_be_updated(module: nn.Module) -> bool:
    """Return whether a layer maps each position by one matrix: linear, or a convolution of 1 × 1 pixel."""
    if isinstance(module, nn.Conv2d):
        return module.kernel_size == (1, 1) and module.groups == 1
    # nn.MultiheadAttention reads the weights of its output layer, which is of this class, and never calls it.
    return isinstance(module, nn.Linear) and not isinstance(module, NonDynamicallyQuantizableLinear)
