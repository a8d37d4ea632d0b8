"""`udt evaluate model`, from the command line to the files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.bundle.first_version import first_version
from tests.clip.evaluation.conftest import bundle_folder, encoder, model_folder, one_thread, processor  # noqa: F401
from udt.cli.main import main


@pytest.fixture(autouse=True)
def no_throughput(monkeypatch: pytest.MonkeyPatch) -> None:
    """Throughput takes a second each, and has its own test."""
    monkeypatch.setattr("udt.clip.evaluation.cost.throughput", lambda *_: 1.0)


def _run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["evaluate", "model", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.slow
def test_table_and_files(model_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    code, out, err = _run(model_folder, bundle_folder, "--out", tmp_path / "e", "--device", "cpu")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == f"{model_folder}/best, graph: text: 25 samples of the split 'test'"
    assert lines[1] == "left out: 2 without image, 1 without caption"
    first = [line.split()[0] for line in lines if line]
    assert {"body_system", "vascularity", "mean", "image", "text", "chance", "caption:", "partner:", "case:"} <= set(
        first
    )
    assert sum("graph: text" in line for line in lines) == 4  # the first line, and every table
    page = (tmp_path / "e" / "evaluation.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 14 and "http" not in page.replace("http-equiv", "")
    data = json.loads((tmp_path / "e" / "evaluation.json").read_text("utf-8"))
    _check(data)


def _check(data: dict[str, object]) -> None:
    """Check that the data is udt-evaluation/2."""
    parts = "schema model data protocol references classification retrieval sparsity projection cost outcomes versions"
    assert " ".join(data) == parts and data["schema"] == "udt-evaluation/2"
    json.dumps(data, allow_nan=False)


def test_table(model_folder: Path, bundle_folder: Path) -> None:
    code, out, err = _run(model_folder, bundle_folder, "--device", "cpu", "--split", "train")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == f"{model_folder}/best, graph: text: 1 samples of the split 'train'"
    assert [line.split()[0] for line in lines if line][-6:] == ["chance", "case:", "image", "text", "chance", "no"]
    assert "the regressions are left out: the split 'train' is evaluated, and they cannot be fitted to it" in lines
    assert "mean of" not in out and "one label for all:" in out


def test_json(model_folder: Path, bundle_folder: Path) -> None:
    code, out, err = _run(
        model_folder, bundle_folder, "--json", "--graph", "none", "--split", "train", "--device", "cpu"
    )
    assert code == 0, err
    data = json.loads(out)
    _check(data)
    assert data["model"] == {"name": f"{model_folder}/best", "kind": "ultrasound-clip", "graph": "none"}
    assert data["data"]["samples"] == 1
    assert data["projection"]["skipped"].startswith("t-SNE places texts by their neighbours")
    assert set(data["cost"]["operations"]) == {"images", "texts"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--split", "valid"), 1, "has no split 'valid'; its splits: test, train"),
        (("--device", "tpu"), 1, "there is no device 'tpu'"),
        (("--batch-size", "0"), 2, "0 is not in the range"),
        (("--baseline", "onnx"), 2, "'onnx' is not one of"),
    ],
)
def test_faults(arguments: tuple[str, ...], code: int, words: str, model_folder: Path, bundle_folder: Path) -> None:
    found, out, err = _run(model_folder, bundle_folder, *arguments)
    assert found == code and words in err and not out


def test_a_bundle_whose_captions_were_not_read(model_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    folder = first_version(bundle_folder, tmp_path / "first")
    code, out, err = _run(model_folder, folder, "--split", "train", "--device", "cpu")
    assert code == 1 and not out
    assert "does not have the labels that its captions name" in err and "udt data bundle" in err
    code, out, _ = _run(model_folder, folder, "--split", "train", "--device", "cpu", "--graph", "labels")
    assert code == 0 and out.splitlines()[0].endswith(", graph: labels: 1 samples of the split 'train'")


def test_no_bundle(model_folder: Path, tmp_path: Path) -> None:
    code, _, err = _run(model_folder, tmp_path / "none")
    assert code == 1 and "there is no such folder" in err


def test_without_torch(model_folder: Path, bundle_folder: Path) -> None:
    code = "import sys; sys.modules['torch'] = None; from udt.cli.main import main; main()"
    arguments = ["evaluate", "model", str(model_folder), str(bundle_folder)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "this command needs torch, which is not installed; install it with: pip install" in done.stderr
