"""`udt train`: usage, output and exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.clip.training.conftest import bundle_folder, one_thread, tiny  # noqa: F401
from udt.cli.main import main
from udt.cli.train import _losses, _ProgressBar
from udt.clip.settings.settings import TrainSettings
from udt.clip.training import training
from udt.clip.training.training import TrainingProgress


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, arguments)])


USAGE = {
    "nothing": ((), "or settings: the path of a TOML file, or --preset NAME"),
    "both": (("CONFIG", "--preset", "tiny"), "CONFIG and --preset are alternatives"),
    "resume and overwrite": (("--resume", "--overwrite", "--out", "x"), "--resume continues a run"),
    "resume without folder": (("--resume",), "--resume needs the folder of the run: --out FOLDER"),
}


@pytest.mark.parametrize(("arguments", "message"), USAGE.values(), ids=USAGE)
def test_usage(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("")
    done = call(*[tmp_path / "a.toml" if part == "CONFIG" else part for part in arguments])
    assert done.exit_code == 2 and message in done.stderr


def test_faults_are_reported_before_anything_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "train", lambda *_, **__: pytest.fail("was called"))
    done = call("--preset", "tiny", "--set", "optimization.lr=0", "--out", tmp_path / "run")
    assert done.exit_code == 1 and "the settings have 2 faults" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "run").exists()


def test_no_run_to_resume(tmp_path: Path) -> None:
    done = call("--resume", "--out", tmp_path)
    assert done.exit_code == 1 and "holds no run" in done.stderr


def test_help_needs_no_torch() -> None:
    code = (
        "import sys; from udt.cli.train import train; print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_progress_names_every_loss_term() -> None:
    line = {"kind": "train", "loss": 1.5, "contrastive": 1.25, "semantic": 0.5, "mine": 2, "samples_per_second": 1234.5}
    progress = TrainingProgress(4, 10, line, ("contrastive", "semantic", "mine"))
    assert _losses(progress) == "loss 1.500 (contrastive 1.250, semantic 0.500, mine 2.000), 1,234 samples/s"
    assert _losses(progress._replace(measured={"kind": "valid"})) == _losses(TrainingProgress(4, 10, {})) == ""


@pytest.mark.parametrize("source", ["text", "labels", "none"])
def test_the_source_of_graphs(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    given: list[TrainSettings] = []

    def train(settings: TrainSettings, **_: object) -> training.Trained:
        given.append(settings)
        return training.Trained(tmp_path, 1, 1, None)

    monkeypatch.setattr(training, "train", train)
    tiny = ("--preset", "tiny", "--data", bundle_folder, "--out", tmp_path / "run")
    for options in (("--graph", source), ("--set", f"model.graph={source}")):
        assert call(*tiny, *options).exit_code == 0
        assert given.pop().model.graph == source
    assert call(*tiny).exit_code == 0 and given.pop().model.graph == "text"
    assert call(*tiny, "--graph", "captions").exit_code == 2


@pytest.mark.slow
def test_train_stop_and_resume(bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = training.train

    def stopping(*given: object, watch: training.Watch, **more: object) -> training.Trained:
        def stop(progress: TrainingProgress) -> None:
            watch(progress)
            if progress.step == 1:
                monkeypatch.setattr(training, "train", own)
                os.kill(os.getpid(), signal.SIGINT)

        return own(*given, watch=stop, **more)  # type: ignore[arg-type]

    (tmp_path / "a.toml").write_text(tiny(bundle_folder, tmp_path / "elsewhere", "optimization.epochs=1").to_toml())
    monkeypatch.setattr(training, "train", stopping)
    done = call(tmp_path / "a.toml", "--data", bundle_folder, "--out", tmp_path / "run")
    assert done.exit_code == 130 and f"udt train --resume --out {tmp_path / 'run'}" in done.stderr
    monkeypatch.setattr(training, "train", own)
    done = call("--resume", "--out", tmp_path / "run", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["schema"], found["step"], found["steps"]) == ("udt-training/1", 5, 5)
    again = call(tmp_path / "a.toml", "--out", tmp_path / "run")
    assert again.exit_code == 1 and "holds a run already" in again.stderr


def test_the_progress_bar_shows_the_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    line = {"kind": "train", "loss": 1.5, "contrastive": 1.0, "spread": 0.25, "samples_per_second": 9}
    with _ProgressBar() as bar:
        bar(TrainingProgress(3, 10, line, ("contrastive", "spread")))
        bar(TrainingProgress(4, 10, {}))
        assert bar._bar is not None
        (task,) = bar._bar.tasks
        expected = "loss 1.500 (contrastive 1.000, spread 0.250), 9 samples/s"
        assert (task.completed, task.total, task.fields["losses"]) == (4, 10, expected)
