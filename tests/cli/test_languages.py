"""Texts in a language without known words of denial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from udt.cli.main import main


@pytest.fixture
def lines(tmp_path: Path) -> str:
    path = tmp_path / "texts.txt"
    path.write_text("Geen carcinoma.\nIngen tumor.\nNo cyst.\n", "utf-8")
    return str(path)


def test_findings_are_unknown(lines: str) -> None:
    done = CliRunner().invoke(main, ["normalize", lines, "--lines", "--format", "jsonl"])
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(r["language_support"], r["findings"][0]["certainty"]) for r in reports] == [
        ("none", "unknown"),
        ("none", "unknown"),
        ("full", "absent"),
    ]
    assert done.stderr.count("no words of denial: 1 in 'nl', 1 in 'sv'; their findings") == 1


def test_such_a_language_may_be_an_error(lines: str) -> None:
    done = CliRunner().invoke(main, ["normalize", lines, "--lines", "--strict-language"])
    assert done.exit_code == 1
    assert "text '1': its language is 'nl'" in done.stderr


def test_counts_hold_the_languages(lines: str) -> None:
    done = CliRunner().invoke(main, ["normalize", lines, "--lines", "--json"])
    assert json.loads(done.stderr)["languages"] == {"nl": 1, "sv": 1}
