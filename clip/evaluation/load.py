"""Loading an encoder by the folder or name that a user gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, get_args

import torch

from udt.clip.evaluation.baseline import HubEncoder, OpenClipEncoder
from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
from udt.clip.model.config import UltrasoundClipConfig
from udt.clip.model.loading import Loading
from udt.clip.model.towers import is_missing_folder
from udt.core.errors import DataError

Baseline = Literal["hf", "open_clip"]

BEST, CONFIG = "best", "config.json"


def load_encoder(name: str, baseline: Baseline | None = None, device: str | None = None) -> DualEncoder:
    """Load an encoder.

    :param name: folder of a run, of which the best model is taken; folder of a model; or name of a model on the hub.
    :param baseline: library to load it with; by default determined by the folder, open_clip for `hf-hub:`, otherwise
        transformers.
    :param device: e.g. `cpu` or `cuda:1`; by default CUDA if available.
    :raises DataError: if there is no such model, library or device.
    """
    if baseline is not None and baseline not in get_args(Baseline):
        raise DataError(f"baseline is '{baseline}'; allowed: {', '.join(get_args(Baseline))}")
    target = torch_device(device)
    encoder = _loaded(name, baseline)
    encoder.module.to(target)
    return encoder


def _loaded(name: str, baseline: Baseline | None) -> DualEncoder:
    folder = checkpoint(Path(name))
    if baseline is None and folder is not None and is_own(folder):
        return UltrasoundEncoder.load(folder)
    if baseline == "open_clip" or (baseline is None and name.startswith("hf-hub:")):
        return OpenClipEncoder.load(name)
    if is_missing_folder(name):
        raise DataError(f"{name}: there is no such folder; give that of a run or of a model, or a name on the hub")
    if Path(name).is_dir() and folder is None:
        raise DataError(f"{name}: holds neither {CONFIG} nor {BEST}/{CONFIG}; give the folder of a run or of a model")
    return HubEncoder.load(name if folder is None else str(folder))


def checkpoint(folder: Path) -> Path | None:
    """Find the folder of a model: `folder` itself, or the best model of a run; None if there is neither."""
    for found in (folder, folder / BEST):
        if (found / CONFIG).is_file():
            return found
    return None


def is_own(folder: Path) -> bool:
    """Return whether the folder of a model is that of an Ultrasound-CLIP model.

    :raises DataError: if its configuration is damaged.
    """
    path = folder / CONFIG
    with Loading(f"{path}: is not JSON", "give the folder of a model"):
        config = json.loads(path.read_text("utf-8"))
    return isinstance(config, dict) and config.get("model_type") == UltrasoundClipConfig.model_type


def torch_device(name: str | None) -> torch.device:
    """Return the device of that name; None for CUDA if available, else the CPU.

    :raises DataError: if there is no such device.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        available = ["cpu", *(f"cuda:{n}" for n in range(torch.cuda.device_count()))]
        raise DataError(f"there is no device '{name}' for torch here; allowed: {', '.join(available)}") from error
    return device
