"""`udt data pair` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.records.conftest import jsonl
from tests.records.pairing.figures import FIGURES
from udt.cli.main import main


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def db(tmp_path: Path) -> str:
    (tmp_path / "images").mkdir()
    for name in ("1x2 white", "2x2 white"):
        FIGURES[name].compose()[0].save(tmp_path / "images" / f"{name[:3]}.png")
    caption = "(A) Oval mass of the breast. (B) Cyst of the breast."
    rows = [{"case": name, "image": f"{name}.png", "caption": caption} for name in ("1x2", "2x2", "gone")]
    place = str(tmp_path / "records.db")
    done = _run(
        "import", jsonl(tmp_path / "set.jsonl", rows), "--db", place, "--images", tmp_path / "images", "--normalize"
    )
    assert done.exit_code == 0, done.output
    return place


def test_pair_prints_its_outcome(db: str, tmp_path: Path) -> None:
    dry = _run("pair", "--db", db, "--dry-run")
    assert "       1 would be divided into 2 parts" in dry.output.splitlines()
    done = _run("pair", "--db", db, "--out", tmp_path / "images" / "panels")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[:-1] == [
        "2 of 3 samples with image and caption examined",
        "       1 divided into 2 parts",
        "       0 no composite figure",
        "       1 left whole and flagged for review:",
        "           1 × 4 panels, 2 parts in the caption",
    ]
    assert lines[-1].startswith("       1 × left out: missing, e.g. sample 3: ")
    assert "breast" not in done.output


def test_pair_prints_json(db: str, tmp_path: Path) -> None:
    found = json.loads(_run("pair", "--db", db, "--out", tmp_path / "images" / "panels", "--json").output)
    assert {key: found[key] for key in ("found", "read", "whole", "paired", "parts", "known", "flagged")} == {
        "found": 3,
        "read": 2,
        "whole": 0,
        "paired": 1,
        "parts": 2,
        "known": 0,
        "flagged": {"4 panels, 2 parts in the caption": 1},
    }


def test_pair_needs_a_folder_in_the_image_folder(db: str, tmp_path: Path) -> None:
    without = _run("pair", "--db", db)
    assert (without.exit_code, "give --out DIR" in without.output) == (2, True)
    outside = _run("pair", "--db", db, "--out", tmp_path / "panels")
    assert (outside.exit_code, "is not in the image folder of 'set'" in outside.output) == (1, True)
