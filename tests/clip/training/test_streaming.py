"""Training on shards: reproducible, resumable, with the evaluation of the bundle before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from importlib import util
from pathlib import Path
from typing import Any

import pytest
import torch

from udt.bundle.reader import Bundle
from udt.bundle.sharding import write_shards
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BrokenImageError
from udt.clip.evaluation.validation import validation_metrics
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.training import Trained, TrainingProgress, train
from udt.core.errors import DataError

from .conftest import SPLITS, tiny
from .test_training import lines, same, weights

TRAIN = SPLITS["train"]


@pytest.fixture(scope="module")
def shards(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "s"
    write_shards(Bundle.open(bundle_folder), folder, samples=9)
    return folder


def settings(shards: Path, out: Path, *changes: str) -> TrainSettings:
    return tiny(shards, out, "data.shuffle_buffer=12", "data.prompt_share=0.3", *changes)


@pytest.fixture(scope="module")
def trained(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    torch.set_num_threads(1)
    return train(settings(shards, tmp_path_factory.mktemp("runs") / "run"))


def test_a_run_on_shards(trained: Trained) -> None:
    assert trained.finished and trained.steps == 2 * (TRAIN // 8)
    found = lines(trained.run)
    assert [line["step"] for line in found if line["kind"] == "valid"] == [5, 10]
    assert trained.best is not None and trained.best["step"] in (5, 10)


def test_each_sample_is_trained_once_an_epoch(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen by the collator, in two epochs of other orders."""
    rows: list[int] = []
    collate = Collator.__call__

    def seen(self: Collator, samples: Any) -> Any:
        rows.extend(sample.row for sample in samples)
        return collate(self, samples)

    monkeypatch.setattr(Collator, "__call__", seen)
    train(settings(shards, tmp_path / "run", 'evaluation.split=""'))
    bundle = Bundle.open(shards)
    assert Counter(rows) == Counter(dict.fromkeys(bundle.split("train").tolist(), 2))
    assert sorted(rows[:TRAIN]) == sorted(rows[TRAIN:]) and rows[:TRAIN] != rows[TRAIN:]


def test_the_same_seed_gives_the_same_run(trained: Trained, shards: Path, tmp_path: Path) -> None:
    again = train(settings(shards, tmp_path / "again"))
    assert same(weights(again.run), weights(trained.run)) and lines(again.run) == lines(trained.run)
    other = train(settings(shards, tmp_path / "other", "run.seed=1"))
    assert not same(weights(other.run), weights(trained.run))


def test_validation_is_that_of_the_bundle_before(trained: Trained, shards: Path, bundle_folder: Path) -> None:
    model = UltrasoundClipModel.from_pretrained(trained.run / "best")
    processor = UltrasoundClipProcessor.from_pretrained(trained.run / "best")
    before, after = (
        validation_metrics(model, processor, bundle, bundle.split("valid"), graph="labels")
        for bundle in map(Bundle.open, (bundle_folder, shards))
    )
    assert after == pytest.approx(before)
    assert trained.best is not None and trained.best["mean_accuracy"] == pytest.approx(after["mean_accuracy"])


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_resumed_run_equals_an_uninterrupted_one(shards: Path, tmp_path: Path, workers: int) -> None:
    """Stopped within the second epoch; with dropout."""

    def interrupt(progress: TrainingProgress) -> None:
        if progress.step == 6 and not progress.measured:
            os.kill(os.getpid(), signal.SIGINT)

    whole = train(settings(shards, tmp_path / "whole", f"data.workers={workers}"))
    chosen = settings(shards, tmp_path / "run", f"data.workers={workers}")
    stopped = train(chosen, watch=interrupt)
    assert (stopped.step, stopped.finished) == (7, False)
    resumed = train(chosen, resume=True)
    assert resumed.finished and resumed.best == whole.best
    assert same(weights(resumed.run), weights(whole.run))


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_too_many_broken_images(bundle_folder: Path, tmp_path: Path, workers: int) -> None:
    write_shards(Bundle.open(bundle_folder), tmp_path / "s", samples=9)
    bundle = Bundle.open(tmp_path / "s")
    places = bundle.column("image").to_pylist()
    for row in bundle.split("train")[::4].tolist():
        with (bundle.path / places[row]["shard"]).open("r+b") as shard:
            shard.seek(places[row]["offset"])
            shard.write(b"no image")
    changes = (f"data.workers={workers}", 'evaluation.split=""', "optimization.epochs=1")
    with pytest.raises(BrokenImageError, match=rf"^\d+ of {TRAIN} images cannot be read, more than the share of 0.01"):
        train(settings(bundle.path, tmp_path / "run", *changes))
    done = train(settings(bundle.path, tmp_path / "run", *changes, "data.max_broken_share=0.25"), overwrite=True)
    assert done.finished


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_damaged_shard_is_named_without_a_traceback(bundle_folder: Path, tmp_path: Path, workers: int) -> None:
    write_shards(Bundle.open(bundle_folder), tmp_path / "s", samples=9)
    path = next(shard.path for shard in Bundle.open(tmp_path / "s").shards if shard.split == "train")
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(DataError, match=rf"^{path}: cannot be read to its end[^\n]*$"):
        train(settings(tmp_path / "s", tmp_path / "run", f"data.workers={workers}", 'evaluation.split=""'))


def test_a_missing_package_is_a_fault_of_the_settings(
    shards: Path, bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = util.find_spec

    def without(name: str, package: str | None = None) -> Any:
        return None if name == "webdataset" else find(name, package)

    monkeypatch.setattr("udt.clip.settings.checks.find_spec", without)
    with pytest.raises(
        DataError, match=r"whose shards are streamed with webdataset.*pip install 'udt-toolkit\[streaming\]'"
    ):
        settings(shards, tmp_path / "run")
    settings(bundle_folder, tmp_path / "run")


def test_a_run_belongs_to_its_shards(trained: Trained, bundle_folder: Path, tmp_path: Path) -> None:
    write_shards(Bundle.open(bundle_folder), tmp_path / "s", samples=9, seed=1)
    with pytest.raises(DataError, match="is not the bundle that"):
        train(settings(tmp_path / "s", trained.run), resume=True)


@pytest.mark.slow
def test_two_processes_share_the_shards(shards: Path, tmp_path: Path) -> None:
    chosen = settings(shards, tmp_path / "two", "data.workers=1")
    (tmp_path / "two.toml").write_text(chosen.to_toml())
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python"]
    done = subprocess.run(
        [*command, Path(sys.executable).parent / "udt", "train", tmp_path / "two.toml", "--json"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["step"] == 2 * (TRAIN // 8)
