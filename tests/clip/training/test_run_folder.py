"""The folder of a run: free or not, complete or interrupted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.clip.training.conftest import tiny
from udt.bundle.reader import Bundle
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.training.model_factory import build
from udt.clip.training.run_folder import BEST, Run
from udt.core.errors import DataError


@pytest.fixture
def run(bundle_folder: Path, tmp_path: Path) -> Run:
    return Run.create(tiny(bundle_folder, tmp_path / "run"))


def checkpoint(run: Run, step: int, state: str | None = "STATE") -> Path:
    path = run.path / f"checkpoint-{step}"
    path.mkdir()
    if state is not None:
        (path / "trainer_state.json").write_text(state.replace("STATE", json.dumps({"global_step": step})))
        for name in ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"):
            (path / name).write_bytes(b"")
    return path


def test_settings_come_back(run: Run, bundle_folder: Path) -> None:
    assert run.settings() == tiny(bundle_folder, run.path)


def test_a_folder_that_is_not_free(run: Run, bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds a run already; resume it \(--resume\)"):
        Run.create(tiny(bundle_folder, run.path))
    (run.path / "old.txt").write_text("old")
    Run.create(tiny(bundle_folder, run.path), overwrite=True)
    assert not (run.path / "old.txt").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.doc").write_text("work")
    with pytest.raises(DataError, match="holds other files"):
        Run.create(tiny(bundle_folder, tmp_path / "other"), overwrite=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is a file"):
        Run.create(tiny(bundle_folder, tmp_path / "file"))
    with pytest.raises(DataError, match="holds no run"):
        Run.open(tmp_path / "other")


def test_the_newest_complete_checkpoint(run: Run) -> None:
    assert run.checkpoint() is None
    complete = [checkpoint(run, step) for step in (5, 100)]
    checkpoint(run, 105, state='{"cut')
    checkpoint(run, 110, state=None)
    assert run.checkpoint() == complete[1]


def test_later_checkpoints_and_metrics_are_deleted(run: Run) -> None:
    for step in (5, 10, 15):
        checkpoint(run, step)
        run.log({"kind": "train", "step": step, "epoch": 1.0, "loss": 0.5})
    with (run.path / "metrics.jsonl").open("a") as handle:
        handle.write('{"kind": "tra')
    run.drop_after(10)
    assert [line["step"] for line in run.metrics()] == [5, 10]
    assert sorted(path.name for path in run.path.glob("checkpoint-*")) == ["checkpoint-10", "checkpoint-5"]


def test_a_saved_model_is_loaded_unchanged(run: Run, bundle: Bundle) -> None:
    model, processor = build(run.settings().model, bundle.vocabulary, ["a caption", "another caption"])
    for accuracy in (0.5, 0.6):
        run.save(BEST, model, processor, {"mean_accuracy": accuracy})
    assert run.measured(BEST) == {"mean_accuracy": 0.6} and run.measured("last") is None
    loaded = UltrasoundClipModel.from_pretrained(run.path / BEST)
    theirs, own = loaded.state_dict(), model.state_dict()
    assert theirs.keys() == own.keys() and all(torch.equal(theirs[name], own[name]) for name in own)
    inputs = UltrasoundClipProcessor.from_pretrained(run.path / BEST)(text=["a caption"], graphs=[bundle.label_set(0)])
    # Matrix products may differ in the last bit with the alignment of their memory.
    got, expected = (one.eval()(**inputs).text_embeds for one in (loaded, model))
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-6)


def test_the_environment(run: Run, bundle: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run.write_environment(bundle, torch.device("cpu"), 1)
    found = run.environment()
    assert found["versions"]["torch"] == torch.__version__ and found["hardware"]["device"] == "cpu"
    run.check_bundle(bundle)
    manifest = json.loads((run.path / "environment.json").read_text())
    manifest["bundle"]["manifest_sha256"] = "0"
    (run.path / "environment.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=r"is not the bundle that .* was started with"):
        run.check_bundle(bundle)
