"""Damaged checkpoints and files of a run: a training that continues, or a worded error."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.attacks.mutations import mutations
from tests.clip.training.conftest import tiny
from udt.clip.training.run_folder import Run
from udt.clip.training.training import train
from udt.core.errors import DataError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CHANGES = ("optimization.max_steps=4", "run.save_every_steps=2")


@pytest.fixture(scope="module")
def started(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose last checkpoint is in the middle."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(tiny(bundle_folder, folder, *CHANGES))
    for path in folder.glob("checkpoint-4"):
        shutil.rmtree(path)
    return folder


@pytest.fixture
def run(started: Path, bundle_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(started, tmp_path / "run"))


def _resume(bundle_folder: Path, run: Path) -> None:
    train(tiny(bundle_folder, run, *CHANGES), resume=True)


def test_a_sound_checkpoint_is_resumed(run: Path, bundle_folder: Path) -> None:
    _resume(bundle_folder, run)


class _Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, ("__import__('pathlib').Path('ran').touch()",)


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth"])
def test_state_is_read_without_code(
    run: Path, bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = run / "checkpoint-2" / name
    sound = path.read_bytes()
    for content in (pickle.dumps(_Bomb()), b"", sound[: len(sound) // 2], sound[:-1]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"checkpoint-2: the state of .* delete this folder"):
            _resume(bundle_folder, run)
    for value in (_Bomb(), 5, {}, []):
        torch.save(value, path)
        with pytest.raises(DataError, match="checkpoint-2"):
            _resume(bundle_folder, run)
    path.unlink()
    with pytest.raises(DataError, match=f"checkpoint-2: lacks {name}"):
        _resume(bundle_folder, run)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", [
    "config.toml", "metrics.jsonl", "environment.json", "checkpoint-2/trainer_state.json", "checkpoint-2/optimizer.pt",
    "checkpoint-2/model.safetensors", "checkpoint-2/config.json",
])  # fmt: skip
def test_damaged_files_of_a_run(started: Path, bundle_folder: Path, tmp_path: Path, name: str) -> None:
    content = (started / name).read_bytes()
    for number, data in enumerate(mutations(content[:4000], 6, seed=6)):
        run = Path(shutil.copytree(started, tmp_path / str(number)))
        (run / name).write_bytes(data + content[4000:])
        try:
            _resume(bundle_folder, run)
        except DataError as error:
            assert str(error)


@pytest.mark.parametrize(
    "line", ["[]", "{}", "5", "{", '{"kind": "train", "step": 1}', '{"kind": [], "step": "a"}', "\xff"]
)
def test_lines_of_metrics_that_are_damaged(tmp_path: Path, line: str) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(line.encode("latin-1") + b"\n")
    with pytest.raises(DataError, match=r"metrics\.jsonl:1: is"):
        Run(tmp_path).metrics()
