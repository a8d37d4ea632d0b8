from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from udt.core.errors import DataError, UnknownConceptError
from udt.core.report import Report
from udt.graphkit.read.reports import pick, read_report, report_of, reports_in


def test_a_report_is_read_back_without_its_text(report: Report) -> None:
    data = json.loads(json.dumps(report.to_dict()))
    assert report_of(data, "here") == replace(report, text="")


@pytest.mark.parametrize("joint", ["\n", "", ",\n"], ids=["lines", "one after the other", "list"])
def test_several_reports(report: Report, joint: str) -> None:
    other = replace(report, id="other")
    content = joint.join(json.dumps(r.to_dict(), indent=1) for r in (report, other))
    found = list(reports_in(f"[{content}]" if "," in joint else content, "here"))
    assert [r.id for r in found] == ["both", "other"]
    assert pick(found, "other", "here").id == "other"
    with pytest.raises(DataError, match="here: holds 2 reports to choose from: both, other; name one with --id"):
        pick(found, None, "here")
    with pytest.raises(UnknownConceptError, match="here: has no report 'x'; it has both, other"):
        pick(found, "x", "here")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "here: is not valid JSON"),
        ("[1]", "report 1: is something else; expected an object of 'udt-report/2'"),
        ('{"schema": "udt-vocabulary/1"}', "is an object of 'udt-vocabulary/1'"),
        ('{"schema": "udt-report/1"}', "lacks the field 'id'"),
        ('{"schema": "udt-report/2"}', "lacks the field 'id'"),
        ("REPORT", r"'findings\[0\]' has to be of the type object"),
    ],
)
def test_faults_are_named(report: Report, content: str, message: str) -> None:
    content = content.replace("REPORT", json.dumps({**report.to_dict(), "findings": [3]}))
    with pytest.raises(DataError, match=message):
        list(reports_in(content, "here"))


def test_sources(tmp_path: Path, report: Report) -> None:
    made, text, table = (tmp_path / name for name in ("made.jsonl", "text.txt", "table.csv"))
    made.write_text(json.dumps(report.to_dict()), encoding="utf-8")
    text.write_text(report.text, encoding="utf-8")
    table.write_text("id,text\na,Liver cyst.\nb,Renal mass.\n", encoding="utf-8")
    assert read_report(str(made)) == replace(report, text="")
    assert read_report(str(text)) == replace(report, id="text")
    assert read_report(str(table), "b").labels["diagnosis"] == ("mass",)
    with pytest.raises(DataError, match="2 reports to choose from: a, b"):
        read_report(str(table))
