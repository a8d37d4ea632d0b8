"""The folder of a training run: settings, environment, metrics, checkpoints and models.

```text
config.toml        every setting, resolved
environment.json   versions, hardware, git state, command, bundle
metrics.jsonl      a line for each log interval and for each evaluation
checkpoint-*/      state to resume from
best/, last/       a model with its processor, and metrics.json
report.html        curves and settings
```
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from transformers.trainer_callback import TrainerState
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from udt.bundle.reader import MANIFEST, Bundle
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.loading import Loading
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.preset import PUBLISHED
from udt.clip.settings.settings import TrainSettings
from udt.core.atomic import atomic_folder, atomic_output
from udt.core.errors import DataError
from udt.core.hashing import file_sha256

SCHEMA = "udt-run/1"
CONFIG, ENVIRONMENT, METRICS, REPORT = "config.toml", "environment.json", "metrics.jsonl", "report.html"
BEST, LAST, MEASURED = "best", "last", "metrics.json"

_PACKAGES = ("udt-toolkit", "torch", "transformers", "accelerate", "peft", "tokenizers", "numpy", "pillow", "pyarrow")
_STATE = "trainer_state.json"
_FILES = ("model.safetensors", "optimizer.pt", "scheduler.pt")
_NEEDED = {"train": ("kind", "step", "epoch", "loss"), "valid": ("kind", "step", "epoch")}

OLDER = "delete this folder to resume from the checkpoint before it"


class Run:
    """An existing run folder.

    :ivar path: of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def check_free(path: Path, *, overwrite: bool = False) -> None:
        """Check that a run can be written to `path`.

        :param overwrite: whether an existing run may be deleted.
        :raises DataError: if the folder is not free.
        """
        if path.is_file():
            raise DataError(f"{path}: is a file; give a folder for the run: --out FOLDER")
        if path.is_dir() and any(path.iterdir()):
            if not (path / CONFIG).is_file():
                raise DataError(f"{path}: holds other files; give a new folder for the run: --out FOLDER")
            if not overwrite:
                hint = "resume it (--resume), delete it (--overwrite), or give another folder (--out FOLDER)"
                raise DataError(f"{path}: holds a run already; {hint}")

    @classmethod
    def create(cls, settings: TrainSettings, *, overwrite: bool = False) -> Run:
        """Create the folder of a run with its settings.

        :param overwrite: whether an existing run may be deleted.
        :raises DataError: if the folder is not free.
        """
        path = Path(settings.run.out)
        cls.check_free(path, overwrite=overwrite)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        _write(path / CONFIG, settings.to_toml())
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open an existing run.

        :raises DataError: if the folder holds no run.
        """
        if not (path / CONFIG).is_file():
            raise DataError(
                f"{path}: holds no run ({CONFIG} is missing); give the folder of one, or leave out --resume"
            )
        return cls(path)

    def settings(self, *, check: bool = True) -> TrainSettings:
        """Load the settings of the run.

        :param check: as in `TrainSettings.load`.
        :raises DataError: if they have faults, e.g. paths that no longer exist.
        """
        return TrainSettings.load(self.path / CONFIG, check=check, base=PUBLISHED)

    def checkpoint(self) -> Path | None:
        """Return the newest complete checkpoint; None before the first.

        :raises DataError: if a file in it is missing or of another kind.
        """
        found = sorted(self.path.glob(f"{PREFIX_CHECKPOINT_DIR}-*"), key=_step)
        newest = next((path for path in reversed(found) if _is_complete(path)), None)
        if newest is not None:
            _check(newest)
        return newest

    def drop_after(self, step: int) -> None:
        """Delete the checkpoints and lines of metrics after `step`."""
        for path in self.path.glob(f"{PREFIX_CHECKPOINT_DIR}-*"):
            if _step(path) > step:
                shutil.rmtree(path)
        kept = [line for line in self.metrics() if line["step"] <= step]
        _write(self.path / METRICS, "".join(f"{json.dumps(line)}\n" for line in kept))

    def log(self, line: Mapping[str, Any]) -> None:
        """Append a line of metrics."""
        with (self.path / METRICS).open("a", encoding="utf-8") as handle:
            handle.write(f"{json.dumps(line)}\n")

    def metrics(self) -> list[dict[str, Any]]:
        """Return all lines of metrics, except for a last line that is incomplete since the process was killed."""
        path = self.path / METRICS
        lines = path.read_bytes().split(b"\n") if path.is_file() else [b""]
        return [_metrics(line, f"{path}:{number}") for number, line in enumerate(lines[:-1], 1)]

    def save(
        self, name: str, model: UltrasoundClipModel, processor: UltrasoundClipProcessor, measured: Mapping[str, Any]
    ) -> None:
        """Write a model with its processor and its metrics atomically.

        :param name: `best` or `last`.
        """
        with atomic_folder(self.path / name, "config.json", model.config.model_type, overwrite=True) as folder:
            model.save_pretrained(folder)
            processor.save_pretrained(folder)
            _write(folder / MEASURED, json.dumps(measured, indent=1) + "\n")

    def measured(self, name: str) -> dict[str, Any] | None:
        """Return the metrics of the model `best` or `last`; None if there is no such model."""
        path = self.path / name / MEASURED
        return _object(path.read_bytes(), str(path)) if path.is_file() else None

    def write_environment(self, bundle: Bundle, device: torch.device, processes: int) -> None:
        """Write versions, hardware, git state, command and bundle."""
        found = {
            "schema": SCHEMA,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": sys.argv,
            "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
            "hardware": _hardware(device, processes),
            "git": _git_state(),
            "bundle": {"path": str(bundle.path), "manifest_sha256": file_sha256(bundle.path / MANIFEST)},
        }
        _write(self.path / ENVIRONMENT, json.dumps(found, indent=1) + "\n")

    def environment(self) -> dict[str, Any]:
        """Return the environment that `write_environment` wrote; empty before."""
        path = self.path / ENVIRONMENT
        return _object(path.read_bytes(), str(path)) if path.is_file() else {}

    def check_bundle(self, bundle: Bundle) -> None:
        """Check that the run was started with this bundle.

        :raises DataError: if it was started with another one.
        """
        bundles = self.environment().get("bundle")
        before = bundles.get("manifest_sha256") if isinstance(bundles, dict) else None
        if before is not None and before != file_sha256(bundle.path / MANIFEST):
            raise DataError(f"{bundle.path}: is not the bundle that {self.path} was started with; start a new run")


def _write(path: Path, text: str) -> None:
    with atomic_output(path) as handle:
        handle.write(text.encode())


def _step(path: Path) -> int:
    found = re.fullmatch(rf"{PREFIX_CHECKPOINT_DIR}-(\d+)", path.name)
    return int(found[1]) if found else -1


def _is_complete(checkpoint: Path) -> bool:
    """Return whether a checkpoint is complete: its state is written last."""
    try:
        json.loads((checkpoint / _STATE).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return True


def _check(checkpoint: Path) -> None:
    """Check that a checkpoint has its files, since `transformers` would continue without them.

    :raises DataError: if one is missing, or the state is of another step.
    """
    missing = [name for name in _FILES if not (checkpoint / name).is_file()]
    missing += [] if any(checkpoint.glob("rng_state*.pth")) else ["rng_state.pth"]
    if missing:
        raise DataError(f"{checkpoint}: lacks {', '.join(missing)}; {OLDER}")
    with Loading(f"{checkpoint / _STATE}: is damaged", OLDER):
        step = TrainerState.load_from_json(str(checkpoint / _STATE)).global_step
    if step != _step(checkpoint):
        raise DataError(f"{checkpoint / _STATE}: is of another step; {OLDER}")


def _metrics(line: bytes, place: str) -> dict[str, Any]:
    """Parse a line of metrics.

    :raises DataError: if it is no object of numbers with `kind` and `step`.
    """
    found = _object(line, place)
    numbers = all(isinstance(value, int | float) for name, value in found.items() if name != "kind")
    needed = _NEEDED.get(str(found.get("kind")), ("kind", "step"))
    if not numbers or not isinstance(found.get("step"), int) or not set(needed) <= set(found):
        raise DataError(f"{place}: is no line of metrics ({', '.join(needed)} and numbers); delete the line")
    return found


def _object(data: bytes, place: str) -> dict[str, Any]:
    with Loading(f"{place}: is damaged", "delete it, or restore it from a copy"):
        return dict(json.loads(data))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _hardware(device: torch.device, processes: int) -> dict[str, Any]:
    gpus = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    return {
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpus": gpus,
        "cuda": torch.version.cuda,
        "device": device.type,
        "processes": processes,
    }


def _git_state() -> dict[str, Any] | None:
    """Return the commit of the current folder, and whether files differ from it; None outside a repository."""
    commit, changes = (_git(*arguments) for arguments in (("rev-parse", "HEAD"), ("status", "--porcelain")))
    return None if commit is None else {"commit": commit, "changed": bool(changes)}


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
