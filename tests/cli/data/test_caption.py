"""`udt data caption` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.chat_server import ChatServer
from tests.chat_server import completion as answer
from tests.records.conftest import jsonl, sample
from tests.records.extraction.conftest import SECRET, normalizer, server  # noqa: F401
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


def test_a_model_makes_captions_that_are_checked(
    db: str, server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path / "cache"))
    said = iter(["An oval cyst of the liver.", "Ultrasound of the liver shows an oval lesion.", "Liver image."])
    server.behave = lambda question: answer(next(said, "The liver."))
    done = _run("caption", "--db", db, "--engine", "llm", "--price-in", "1", "--price-out", "1")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert lines[0] == ["2", "captions", "made", "for", "3", "samples"]
    assert ["answers", "asked", str(len(server.questions))] in lines and SECRET not in done.output
    assert "also states cyst (present)" in server.questions[1].text
    shown = json.loads(_run("show", "1", "--db", db, "--json").output)
    made = shown["made captions"] if "made captions" in shown else shown["made_captions"]
    assert [(one["style"], one["text"]) for one in made] == [
        ("test-model", "Ultrasound of the liver shows an oval lesion.")
    ]
    asked = len(server.questions)
    again = json.loads(_run("caption", "--db", db, "--engine", "llm", "--overwrite", "--json").output)
    assert again["read"] == 2 and again["use"]["asked"] == 0 and len(server.questions) == asked


def test_a_model_has_no_style(db: str) -> None:
    done = _run("caption", "--db", db, "--engine", "llm", "--style", "plain")
    assert done.exit_code == 2 and "the style of a model is its name" in done.output
