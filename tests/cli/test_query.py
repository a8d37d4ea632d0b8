"""The command `udt query`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from udt.cli.main import main
from udt.query.presets import presets

SMALL = "SELECT ?task { udaf:margins ns:task ?task }"


def udt(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["query", *map(str, arguments)], input=stdin)


def test_help_has_an_example() -> None:
    result = udt("--help")
    assert result.exit_code == 0
    assert "udt query --preset organs-of-system --param system=Thorax" in result.stdout


@pytest.mark.parametrize("form", ["text", "file", "stdin"])
def test_a_query_as_text_file_or_stdin(tmp_path: Path, form: str) -> None:
    path = tmp_path / "question.rq"
    path.write_text("\ufeff" + SMALL, "utf-8")
    result = {"text": lambda: udt(SMALL), "file": lambda: udt(path), "stdin": lambda: udt("-", stdin=SMALL)}[form]()
    assert (result.exit_code, result.stdout) == (0, "task\n────\n5\n1 row\n")


def test_json_and_csv() -> None:
    document = json.loads(udt(SMALL, "--format", "json").stdout)
    assert document["head"] == {"vars": ["task"]}
    assert document["results"]["bindings"][0]["task"]["value"] == "5"
    assert udt(SMALL, "--format", "csv").stdout_bytes == b"task\r\n5\r\n"


def test_a_graph_is_turtle() -> None:
    result = udt("CONSTRUCT { ?s a ns:Found } { ?s ns:task 5 }")
    assert "udaf:margins a ns:Found ." in result.stdout


def test_a_preset_with_parameters() -> None:
    result = udt("--preset", "organs-of-system", "--param", "system=Thorax", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["label"] for row in rows] == ["Pulmonary", "Pleural space", "Heart and mediastinum", "Thoracic wall"]


def test_list_contains_every_preset() -> None:
    result = udt("--list", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["preset"] for row in rows] == [preset.name for preset in presets()]
    assert {row["preset"]: row["parameters"] for row in rows}["mapped-to"] == "term=UBERON:0002107"


def test_extension_is_queried(extension: Path) -> None:
    result = udt("--preset", "components-of-organ", "--taxonomy", extension)
    assert "my:spigelian-lobule" in result.stdout and "zzyx lobule" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (SMALL, "--preset", "named"),
        ("--list", "--preset", "named"),
        (SMALL, "--param", "organ=Liver"),
        ("--preset", "named", "--param", "word"),
        ("absent.rq",),
        (SMALL, "--timeout", "0"),
        (SMALL, "--format", "xml"),
        (SMALL, "--taxonomy", "absent.ttl"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...]) -> None:
    result = udt(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("SELEC ?s {}",), "not valid SPARQL at line 1"),
        (("DELETE WHERE { ?s ?p ?o }",), "DELETE at line 1, column 1 is an update"),
        (("SELECT * { SERVICE <http://e/> {} }",), "SERVICE at line 1, column 12"),
        (("--preset", "organs"), "did you mean organs-"),
        (("--preset", "named", "--param", "wrod=bile"), "has no parameter 'wrod'"),
        (("ASK {}", "--format", "csv"), "no SPARQL CSV form"),
        (("SELECT * { ?a ?b ?c . ?d ?e ?f }", "--timeout", "0.01"), "stopped after 0.01 s"),
    ],
)
def test_refused_query_exits_with_1(arguments: tuple[str, ...], message: str) -> None:
    result = udt(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr


def test_query_in_another_encoding_is_refused() -> None:
    result = udt("-", stdin="# café".encode("latin-1"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not UTF-8 at byte 5" in result.stderr
