"""The weights in a checkpoint: those that training changes. Frozen weights are taken from their towers again.

A checkpoint of a model with frozen weights has the file `frozen.json`, with the SHA-256 of those of each tower.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.loading import FROZEN, Loading
from udt.clip.model.lora import has_lora
from udt.clip.model.weights import weights_sha256
from udt.core.errors import DataError

_WEIGHTS = "model.safetensors"


def trained_state(model: UltrasoundClipModel) -> dict[str, torch.Tensor]:
    """Return the weights and buffers that training changes; they share their memory with the model."""
    frozen = set(_frozen_names(model))
    return {name: part for name, part in model.state_dict().items() if name not in frozen}


def put_trained_state(model: UltrasoundClipModel, state: Mapping[str, torch.Tensor]) -> None:
    """Replace the weights and buffers of a model that training changes.

    :raises ValueError: if a name is missing or unknown.
    :raises RuntimeError: if a shape differs.
    """
    if differing := sorted(state.keys() ^ trained_state(model).keys()):
        raise ValueError(f"{differing[0]} is not in both model and file")
    model.load_state_dict(state, strict=False)


def frozen_digests(model: UltrasoundClipModel) -> dict[str, str]:
    """Return the SHA-256 of the frozen weights of each tower that has some, `image` or `text`."""
    frozen = list(_frozen_names(model))
    state = model.state_dict()
    own = {half: [name for name in frozen if name.startswith(_prefix(half))] for half in ("image", "text")}
    return {half: weights_sha256({name: state[name] for name in names}) for half, names in own.items() if names}


def is_whole(folder: Path) -> bool:
    """Return whether a checkpoint has all weights of its model."""
    return not (folder / FROZEN).is_file()


def save_trained(folder: Path, model: UltrasoundClipModel, digests: Mapping[str, str]) -> None:
    """Write the weights that training changes, and the digests of the others, to a checkpoint."""
    # The names are those of the modules; `save_pretrained` may write others.
    save_file({name: part.contiguous() for name, part in trained_state(model).items()}, folder / _WEIGHTS)
    (folder / FROZEN).write_text(json.dumps(digests, indent=1) + "\n", "utf-8")


def check_frozen(folder: Path, model: UltrasoundClipModel, sources: Mapping[str, Any]) -> None:
    """Check that a model has the frozen weights that a checkpoint was made with.

    :param sources: half to name or folder of its tower.
    :raises DataError: if those of a tower differ.
    """
    path = folder / FROZEN
    with Loading(f"{path}: is damaged", "start a new run"):
        before = dict(json.loads(path.read_text("utf-8")))
    now = frozen_digests(model)
    for half in sorted({*before, *now}):
        if before.get(half) != now.get(half):
            raise DataError(
                f"{folder}: was made with other weights of the {half} tower '{sources[half]}', which it "
                "leaves out; restore those weights, or start a new run"
            )


def load_trained(folder: Path, model: UltrasoundClipModel) -> None:
    """Load the weights of a checkpoint that is not whole.

    :raises ValueError: if weights are missing or unknown.
    :raises OSError: if it cannot be read.
    """
    put_trained_state(model, load_file(folder / _WEIGHTS))


def _prefix(half: str) -> str:
    return f"{half}_tower."


def _frozen_names(model: UltrasoundClipModel) -> Iterator[str]:
    """Yield the names of the frozen weights of towers, and of the buffers of frozen towers."""
    for half in ("image", "text"):
        tower = model.tower(half)
        if tower.frozen or has_lora(tower):
            names = tower.state_dict() if tower.frozen else _frozen_parameters(tower)
            yield from (f"{_prefix(half)}{name}" for name in names)


def _frozen_parameters(tower: torch.nn.Module) -> Iterator[str]:
    return (name for name, parameter in tower.named_parameters() if not parameter.requires_grad)
