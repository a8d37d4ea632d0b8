"""`udt data list`, `show`, `export`, `sheet`, `duplicates`, `release` and `split --copies` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.core.test_image_copies import MADE, image
from tests.records.conftest import jsonl, sample
from udt.cli.main import main


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Ten samples of ten cases; the last is a mirrored copy of the first."""
    (tmp_path / "images").mkdir()
    for number in range(10):
        one = image(number % 9, 80, 64)
        (one.transpose(MADE["mirrored"]) if number == 9 else one).save(tmp_path / "images" / f"{number}.png")
    rows = [sample(number, number, shape=["oval"][: number % 2]) for number in range(10)]
    path, images = str(tmp_path / "records.db"), tmp_path / "images"
    arguments = ("import", jsonl(tmp_path / "set.jsonl", rows), "--db", path, "--images", images, "--licence", "MIT")
    assert _run(*arguments).exit_code == 0
    return path


def test_list(db: str) -> None:
    shown = _run("list", "--db", db, "--label", "oval", "--columns", "id,caption", "--limit", 2).output.splitlines()
    assert [line.split() for line in shown] == [
        ["id", "caption"], ["2", "caption", "1"], ["4", "caption", "3"], ["2", "of", "5", "samples"],
    ]  # fmt: skip
    table = _run("list", "--db", db, "--columns", "id,labels,split", "--csv").output.splitlines()
    assert table[:3] == ["id,labels,split", "1,,", "2,shape: oval,"] and len(table) == 11
    found = json.loads(_run("list", "--db", db, "--split", "none", "--json", "--limit", 3).output)
    assert found["found"] == 10 and [one["id"] for one in found["samples"]] == [1, 2, 3]


def test_show(db: str) -> None:
    shown = _run("show", 2, "--db", db).output
    assert "caption: caption 1" in shown and "labels:\n  dimension shape, label oval, iri" in shown
    assert json.loads(_run("show", 2, "--db", db, "--json").output)["licence"] == "MIT"


def test_export_and_sheet(db: str, tmp_path: Path) -> None:
    out = tmp_path / "table.jsonl"
    assert _run("export", "--db", db, "--out", out, "--label", "oval").output == f"{out}: 5 samples\n"
    assert [json.loads(line)["shape"] for line in out.read_text("utf-8").splitlines()] == [["oval"]] * 5
    assert json.loads(_run("export", "--db", db, "--out", out, "--json").output)["samples"] == 10
    page = tmp_path / "sheet.html"
    (tmp_path / "images" / "0.png").unlink()
    shown = _run("sheet", "--db", db, "--out", page, "--limit", 3).output
    assert shown.startswith(f"{page}: 2 of 3 samples\n") and "1 left out: image: missing, e.g. " in shown
    assert json.loads(_run("sheet", "--db", db, "--out", page, "--json").output)["images"]["read"] == 9


def test_duplicates(db: str, tmp_path: Path) -> None:
    assert _run("duplicates", "--db", db).output == "0 pairs\n"
    out = tmp_path / "pairs.png"
    shown = _run("duplicates", "--db", db, "--copies", "--out", out).output
    assert "1 pairs" in shown and "  image 1 and 10: mirrored, " in shown and f"{out}: 1 pairs" in shown
    found = json.loads(_run("duplicates", "--db", db, "--copies", "--json").output)
    assert found["pairs"][0]["kind"] == "mirrored" and found["images_compared"]["read"] == 10


def test_split_keeps_copies_together(db: str) -> None:
    for seed in range(4):
        assert _run("split", "--db", db, "--copies", "--seed", seed).exit_code == 0
        rows = json.loads(_run("list", "--db", db, "--columns", "id,split", "--json").output)["samples"]
        assert rows[0]["split"] == rows[9]["split"]


def test_release(db: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _run("review", "assign", "--db", db, "--reviewer", "Ann", "--per-sample", 1)
    refused = _run("release", "--db", db, "--out", out)
    assert refused.exit_code == 1 and not out.exists()
    assert "cannot be released for 1 reason:\n  open reviews: 10 samples; import the decisions" in refused.output
    formats = ("--format", "us365k", "--format", "huggingface", "--format", "bundle")
    done = _run("release", "--db", db, "--out", out, *formats, "--allow", "open-reviews")
    assert done.output.splitlines() == [
        f"{out}: 10 of 10 samples (train 6 of 6 cases, valid 2 of 2 cases, test 2 of 2 cases)",
        "10 images compared; 1 rotated, mirrored or cropped copies",
        "allowed: open reviews: 10 samples",
    ]
    assert {path.name for path in out.iterdir() if path.is_dir()} == {"us365k", "huggingface", "bundle", "statistics"}
    assert (out / "bundle" / "manifest.json").is_file()
    again = ("release", "--db", db, "--out", out, "--allow", "open-reviews", "--overwrite", "--json")
    assert json.loads(_run(*again).output)["samples"]["read"] == 10


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["list", "--columns", "id,x"], 2, "there is no column 'x'; allowed: id, source"),
        (["list", "--csv", "--json"], 2, "give --csv or --json, one of the two"),
        (["list", "--source", "x"], 1, "there is no source 'x'; allowed: set"),
        (["show", "77"], 1, "there is no sample '77'"),
        (["export", "--out", "x.xlsx"], 1, "has the suffix '.xlsx'"),
        (["sheet", "--out", "x.gif"], 1, "has the suffix '.gif'"),
        (["release", "--out", "/nowhere/x"], 1, "the folder /nowhere does not exist"),
        (["release", "--out", "x", "--ratios", "1:2"], 2, "is not three numbers"),
    ],
)
def test_error_messages(db: str, arguments: list[str], status: int, message: str) -> None:
    result = _run(*arguments, "--db", db)
    assert (result.exit_code, message in result.output) == (status, True), result.output
