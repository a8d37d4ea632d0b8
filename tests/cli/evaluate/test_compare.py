"""`udt evaluate compare`, from the command line to the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.clip.evaluation.conftest import bundle_folder, encoder, model_folder, one_thread, processor  # noqa: F401
from udt.cli.main import main
from udt.clip.evaluation.encoder import UltrasoundEncoder


@pytest.fixture(scope="module")
def other_folder(encoder: UltrasoundEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with the weights of `encoder`."""
    folder = tmp_path_factory.mktemp("other")
    encoder.model.save_pretrained(folder)
    encoder.processor.save_pretrained(folder)
    return folder


def _run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["evaluate", "compare", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_table_and_page(model_folder: Path, other_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    given = (model_folder, other_folder, "--data", bundle_folder, "--device", "cpu", "--resamples", 50)
    code, out, err = _run(*given, "--out", tmp_path / "c")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0].startswith(f"25 samples of 25 cases of the split 'test'; differences to {model_folder} with paired")
    accuracy = next(line for line in lines if line.startswith("mean accuracy"))
    assert "+0.000 [+0.000, +0.000]" in accuracy, "both have the same weights"
    assert "graph: text" in out and "majority" in out
    page = (tmp_path / "c" / "comparison.html").read_text("utf-8")
    assert "data:image/png;base64," in page and "Images for captions" in page


def test_documents(model_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    documents = []
    for name, graph in (("a", ()), ("b", ("--graph", "none"))):
        given = ["evaluate", "model", str(model_folder), str(bundle_folder), "--no-fit", "--device", "cpu", *graph]
        done = CliRunner().invoke(main, [*given, "--json", "--resamples", "10"])
        documents.append(tmp_path / f"{name}.json")
        documents[-1].write_text(done.stdout, "utf-8")
    code, out, err = _run(*documents, "--json", "--resamples", 20)
    assert code == 0, err
    data = json.loads(out)
    assert [one["graph"] for one in data["columns"].values()] == ["text", "none", ""]
    assert data["bootstrap"] == {"over": "cases", "replicates": 20, "seed": 0}


def test_a_model_beside_itself_is_compared_once(model_folder: Path, bundle_folder: Path, tmp_path: Path) -> None:
    """All names of one folder are one model, and the result is that of the model alone, beside its references."""
    (tmp_path / "link").symlink_to(model_folder)
    given = ("--data", bundle_folder, "--device", "cpu", "--resamples", 5, "--json")
    code, alone, err = _run(model_folder, *given)
    assert code == 0, err
    code, out, err = _run(model_folder, f"{model_folder}/", tmp_path / "link", *given)
    assert code == 0, err
    assert f"{tmp_path / 'link'} is compared once: a model does not differ from itself" in err
    found, expected = json.loads(out), json.loads(alone)
    assert list(found["columns"])[:2] == [str(model_folder), "majority"] and found == expected


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("a", "b"), 2, "need the bundle: --data BUNDLE"),
        (("a.json", "b.json", "--out", "c"), 2, "the gallery of --out, need the bundle"),
        (("a.json", "b.json"), 1, "a.json: cannot be read"),
    ],
)
def test_faults(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, err = _run(*arguments)
    assert found == code and words in err and not out
