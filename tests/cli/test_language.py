"""`udt language`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from udt.cli.main import main


def run(*arguments: str) -> Result:
    """Run `udt language`."""
    return CliRunner().invoke(main, ["language", *arguments])


def test_list() -> None:
    done = run("list", "--json")
    listed = {one["language"]: one["support"] for one in json.loads(done.stdout)["languages"]}
    assert {"en": "full", "zh": "full", "fr": "full"}.items() <= listed.items()
    assert "Chinese" in run("list").stdout


def test_check_with_reports(tmp_path: Path) -> None:
    reports = tmp_path / "reports.txt"
    reports.write_text("肝右叶可见一囊肿，大小约12×8mm。某某某。\nLiver cyst.\n", "utf-8")
    done = run("check", "zh", str(reports), "--lines")
    assert done.exit_code == 0, done.output
    assert "1 of 2 texts are in this language" in done.stdout
    assert "2 of 3 clauses have evidence (66.7%)" in done.stdout
    assert "某某某" in done.stdout


def test_sentences_that_are_read_wrongly(tmp_path: Path) -> None:
    table = tmp_path / "own.tsv"
    table.write_text("phenomenon\ttext\texpected\ndenied before\t肝囊肿。\tabsent diagnosis:cyst\n", "utf-8")
    done = run("check", "zh", "--sentences", str(table), "--errors")
    assert done.exit_code == 1
    assert "in all 0 of 1 are read right" in done.stdout
    assert "expected absent diagnosis:cyst, found present" in done.stdout
    found = json.loads(run("check", "zh", "--sentences", str(table), "--json").stdout)
    assert (found["sentences"]["right"], found["missing"], found["coverage"]) == (0, [], None)


@pytest.mark.parametrize("tag", ["xx", "ZH"])
def test_an_unknown_language(tag: str) -> None:
    done = run("check", tag)
    assert done.exit_code == 2
    assert f"no label is in the language '{tag}'; allowed: en, " in done.stderr


def test_a_language_without_sentences_or_words_of_denial(swedish: Path) -> None:
    done = run("check", "sv", "--taxonomy", str(swedish))
    assert done.exit_code == 1
    assert "none: needed" in done.stdout
    assert "it has no sentences of its own" in done.stdout
