"""`udt data review assign`, `export`, `import` and `status` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.records.conftest import jsonl, sample
from tests.records.review.conftest import LABELS, TIME, decided, document, picture
from udt.cli.main import main

TRIO = ("--reviewer", "Ann", "--reviewer", "Bo", "--reviewer", "Cy")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A database with the reviews of four samples assigned to three persons."""
    (tmp_path / "images").mkdir()
    for number in range(4):
        (tmp_path / "images" / f"{number}.png").write_bytes(picture(number))
    rows, path = [sample(i, i, **LABELS) for i in range(4)], str(tmp_path / "records.db")
    _run("import", jsonl(tmp_path / "set.jsonl", rows), "--db", path, "--images", tmp_path / "images")
    done = _run("review", "assign", "--db", path, *TRIO)
    assert done.output.splitlines() == [
        "4 samples found, 4 assigned",
        *(f"{n}: 4 samples" for n in ("Ann", "Bo", "Cy")),
    ]
    return path


def _sheet(db: str, tmp_path: Path, reviewer: str, *more: str) -> list[str]:
    """Export tasks of a reviewer, and return the digests of the samples."""
    out = tmp_path / "tasks.json"
    done = _run("review", "export", "--db", db, "--reviewer", reviewer, "--out", out, "--format", "label-studio", *more)
    assert done.exit_code == 0, done.output
    return [task["data"]["sample"] for task in json.loads(out.read_text("utf-8"))]


def test_assign_as_json_and_a_second_time(db: str) -> None:
    done = json.loads(_run("review", "assign", "--db", db, *TRIO, "--json").output)
    assert done["samples"]["left_out"] == {"assigned or reviewed before": 4}
    assert done["reviewers"] == {"Ann": 0, "Bo": 0, "Cy": 0}


def test_export_of_a_page(db: str, tmp_path: Path) -> None:
    out = tmp_path / "ann.html"
    done = _run("review", "export", "--db", db, "--reviewer", "Ann", "--out", out)
    assert done.output.startswith(f"{out}: 4 of 4 open reviews of Ann (0.")
    assert "Review · Ann" in out.read_text("utf-8")
    (tmp_path / "images" / "2.png").unlink()
    fewer = json.loads(_run("review", "export", "--db", db, "--reviewer", "Ann", "--out", out, "--json").output)
    assert (fewer["samples"]["read"], fewer["samples"]["left_out"]) == (3, {"image: missing": 1})


def test_decisions_adjudication_and_status(db: str, tmp_path: Path) -> None:
    files = []
    for name in ("Ann", "Bo", "Cy"):
        digests = sorted(_sheet(db, tmp_path, name))
        files.append(tmp_path / f"{name}.json")
        decisions = [decided(one, i > 0 or name == "Cy") for i, one in enumerate(digests)]
        files[-1].write_text(json.dumps(document(name, decisions)), "utf-8")
    done = _run("review", "import", "--db", db, *files)
    assert done.output.splitlines()[0] == "12 new decisions, 0 known"
    assert {"samples disputed", "samples accepted"} == {line.split(None, 1)[1] for line in done.output.splitlines()[1:]}
    assert json.loads(_run("review", "import", "--db", db, *files, "--json").output)["known"] == 12
    assert "Ward: 1 samples" in _run("review", "assign", "--db", db, "--adjudicator", "Ward").output
    (disputed,) = _sheet(db, tmp_path, "Ward")
    annotation = {
        "updated_at": TIME,
        "result": [{"from_name": n, "value": {"choices": ["yes"]}} for n in ("alignment", "consistency")],
    }
    data = {"sample": disputed, "reviewer": "Ward", "role": "adjudication"}
    (tmp_path / "ls.json").write_text(json.dumps([{"id": 1, "data": data, "annotations": [annotation]}]), "utf-8")
    assert "1 new decisions, 0 known" in _run("review", "import", "--db", db, tmp_path / "ls.json").output
    shown = _run("review", "status", "--db", db, "--sample", "4").output
    assert (
        "Ann (review): 4 of 4 decided, 1 doubts" in shown and "Ward (adjudication): 1 of 1 decided, 0 doubts" in shown
    )
    assert "effective rate 100.0% (95% 51.0% to 100.0%): 4 of 4 accepted, 0 of 4 open, of the random sample" in shown


def test_agreement(db: str, tmp_path: Path) -> None:
    pytest.importorskip("krippendorff")
    for name in ("Ann", "Bo"):
        decisions = [decided(one, i != 1) for i, one in enumerate(sorted(_sheet(db, tmp_path, name)))]
        (tmp_path / "d.json").write_text(json.dumps(document(name, decisions)), "utf-8")
        _run("review", "import", "--db", db, tmp_path / "d.json")
    arguments = ("review", "status", "--db", db, "--agreement", "--resamples", "50")
    shown = _run(*arguments).output
    assert "agreement on alignment: 100.0% of pairs of answers are equal" in shown
    assert "  cohen 1.000 (95% 1.000 to 1.000), Ann and Bo, 4 samples" in shown
    assert "  krippendorff not defined, all, 4 samples" in shown
    found = json.loads(_run(*arguments, "--json").output)
    assert [one["question"] for one in found["agreement"]] == ["alignment", "consistency", "problem"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["assign"], 2, "give either --reviewer, once for each, or --adjudicator"),
        (["assign", "--adjudicator", "W", "--sample", "3"], 2, "only allowed with --reviewer"),
        (["assign", "--reviewer", "Ann"], 1, "3 reviewers per sample of 1 reviewers; allowed: 1 to 1"),
        (["export", "--reviewer", "Eve", "--out", "x.html"], 1, "nothing is assigned to 'Eve'; reviewers: Ann, Bo, Cy"),
        (["export", "--reviewer", "Ann", "--out", "x.html", "--format", "label-studio"], 2, "has to end in .json"),
        (["import", "nowhere.json"], 1, "nowhere.json: cannot be read: No such file or directory"),
        (["import", __file__], 1, "is not JSON"),
    ],
)
def test_error_messages(db: str, arguments: list[str], status: int, message: str) -> None:
    result = _run("review", *arguments, "--db", db)
    assert (result.exit_code, message in result.output) == (status, True), result.output
