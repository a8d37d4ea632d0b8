"""`udt data caption` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.records.conftest import jsonl, sample
from udt.cli.main import main

LIVER = {"organ": ["Liver"], "body_system": ["Abdomen and retroperitoneum"]}


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def db(tmp_path: Path) -> str:
    rows = [sample(1, 1, **LIVER, shape=["oval"]), sample(2, 2, organ=["Liver"]), {"case": "3", "image": "3", **LIVER}]
    place = str(tmp_path / "records.db")
    assert _run("import", jsonl(tmp_path / "set.jsonl", rows), "--db", place).exit_code == 0
    return place


def test_caption_prints_its_outcome(db: str) -> None:
    assert _run("caption", "--db", db, "--use").output.splitlines() == [
        "2 captions made for 3 samples",
        "       1 samples had no caption, and have this one now",
        "       1 captions were not accepted:",
        "           1 × also states Abdomen and retroperitoneum (present), e.g. sample 2",
    ]
    again = json.loads(_run("caption", "--db", db, "--json").output)
    assert (again["found"], again["read"], again["used"]) == (1, 0, 0)


def test_caption_refuses_what_it_does_not_know(db: str) -> None:
    for options, fault in (
        (["--style", "ode"], "give one of: any, plain, report, brief"),
        (["--language", "tlh"], "there is one of: en, zh"),
        (["--source", "other"], "the database has: set"),
    ):
        done = _run("caption", "--db", db, *options)
        assert (done.exit_code, fault in done.output) == (1, True), done.output
