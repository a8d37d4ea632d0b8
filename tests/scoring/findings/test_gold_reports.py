"""Gold reports and documents of a wrong shape, and damaged files, are worded."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attempt import CONTROL
from tests.attacks.mutations import mutations
from tests.scoring.findings.conftest import CYST, TEXT
from tests.scoring.findings.made_documents import Json
from udt.core.errors import DataError
from udt.scoring.findings.documents import read_documents
from udt.scoring.findings.evaluation import evaluate_findings
from udt.scoring.findings.gold import GoldReports, read_gold_reports
from udt.scoring.findings.terms import Terms


def written(tmp_path: Path, *records: Any) -> Path:
    path = tmp_path / "file.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def read(tmp_path: Path, terms: Terms, *records: Any) -> GoldReports:
    return read_gold_reports(written(tmp_path, *records), terms)


OF_FINDING = {
    "no quote": ({"quote": None}, r"'findings\[1\].quote' has to be of the type string"),
    "quote of another text": ({"quote": "a tumour"}, r"'findings\[1\]': its 'quote' is not in the text"),
    "empty quote": ({"quote": ""}, "its 'quote' is not in the text"),
    "wrong start": ({"start": 3}, "is not at its 'start', 3; its first place in the text is 26"),
    "negative start": ({"start": -1}, "is not at its 'start', -1"),
    "start in words": ({"start": "3"}, r"'findings\[1\].start' has to be of the type integer or null"),
    "unknown certainty": ({"certainty": "maybe"}, "'certainty' is 'maybe'; allowed: present, possible, absent"),
    "no certainty": ({"certainty": None}, "'certainty' is 'None'"),
    "unknown kind": ({"kind": "thing"}, "'kind' is 'thing'; allowed: lesion, state, organ"),
    "unknown side": ({"laterality": "both"}, "'laterality' is 'both'; allowed: left, right"),
    "unknown time": ({"time": "then"}, "'time' is 'then'; allowed: current"),
    "unknown label": ({"diagnosis": ["cysts"]}, "no label 'cysts' in 'diagnosis'; did you mean 'cyst'"),
    "unknown dimension": ({"attributes": {"form": []}}, "has the unknown dimension 'form'"),
    "unknown organ": ({"organ": "liver"}, "has no organ 'liver'; did you mean 'Liver'"),
    "link to nothing": ({"same_as": "f77"}, r"'findings\[1\].same_as' is the id, index or quote of no other finding"),
    "link in a list of lists": ({"same_as": [[1]]}, r"same_as\[0\]' has to be of the type"),
    "size without numbers": ({"measurements": [{"unit": "mm"}]}, r"'measurements\[0\]' has neither 'values_mm' nor"),
    "size in words": (
        {"measurements": [{"values": ["3"]}]},
        r"measurements\[0\].values\[0\]' has to be of the type num",
    ),
    "flag in words": ({"optional": "yes"}, r"optional' has to be of the type boolean"),
    "sites of a wrong type": ({"site": [3]}, r"site\[0\]' has to be of the type string"),
}


@pytest.mark.parametrize(("change", "message"), OF_FINDING.values(), ids=OF_FINDING)
def test_faults_of_a_finding(tmp_path: Path, terms: Terms, record: Json, change: Json, message: str) -> None:
    record["findings"][CYST] |= change
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, terms, record)
    assert "anechoic" not in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "file.jsonl:1: "))


OF_RECORD = {
    "no text": ({"text": None}, "'text' is null"),
    "no id": ({"id": None}, "'id' is null"),
    "no findings": ({"findings": None}, "'findings' has to be of the type array"),
    "findings of a wrong type": ({"findings": [3]}, r"'findings\[0\]' has to be of the type object"),
    "a finding without fields": ({"findings": [{}]}, r"'findings\[0\]' lacks the field 'quote'"),
    "labels of a wrong type": ({"labels": []}, "'labels' has to be of the type object"),
    "unknown label": ({"absent": {"shape": ["ovale"]}}, "'absent': the taxonomy has no label 'ovale' in 'shape'"),
    "span outside the text": ({"unscored": [[0, 9999]]}, r"no \[start, end\] within the text"),
    "span of one number": ({"unscored": [[0]]}, r"no \[start, end\] within the text"),
    "span of fractions": ({"unscored": [[0, 1.5]]}, r"'unscored\[0\]\[1\]' has to be of the type integer"),
}


@pytest.mark.parametrize(("change", "message"), OF_RECORD.values(), ids=OF_RECORD)
def test_faults_of_a_record(tmp_path: Path, terms: Terms, record: Json, change: Json, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, terms, record | change)


def test_records_without_findings_are_left_out(tmp_path: Path, terms: Terms, record: Json) -> None:
    others = ({"id": "r2", "text": "a", "labels": {}}, record | {"id": "r3", "skip": True})
    found = read(tmp_path, terms, record, *others)
    assert ([report.id for report in found.reports], found.skipped) == (["r1"], 2)
    with pytest.raises(DataError, match="no report to score"):
        read(tmp_path, terms, *others)


def test_reports_are_chosen_by_their_ids(tmp_path: Path, terms: Terms, record: Json) -> None:
    path = written(tmp_path, record, record | {"id": "r2"})
    assert [report.id for report in read_gold_reports(path, terms, ["r2"]).reports] == ["r2"]
    with pytest.raises(DataError, match="no report has the id 'r9'; its first ids: r1, r2"):
        read_gold_reports(path, terms, ["r9"])
    with pytest.raises(DataError, match="several reports have the id 'r1'"):
        read(tmp_path, terms, record, record)


def test_equal_quotes_without_start_are_those_of_the_text_in_order(tmp_path: Path, terms: Terms) -> None:
    finding = {"quote": "cyst", "certainty": "present"}
    record = {"id": "a", "text": "cyst, cyst", "findings": [finding, finding, finding]}
    (report,) = read(tmp_path, terms, record).reports
    assert [gold.span for gold in report.findings] == [(0, 4), (6, 10), (6, 10)]


def test_sizes_in_millimetres_alone_are_read(tmp_path: Path, terms: Terms) -> None:
    finding = {"quote": "cyst", "certainty": "present", "measurements_mm": [[3, 4], [5]]}
    (report,) = read(tmp_path, terms, {"id": "a", "text": "cyst", "findings": [finding]}).reports
    assert [m.quantity for m in report.findings[0].measurements] == [("mm", (3, 4)), ("mm", (5,))]


OF_DOCUMENT = {
    "no findings": ({"findings": 3}, "'findings' has to be of the type array or null"),
    "certainty of a wrong type": (
        {"findings": [{"certainty": []}]},
        r"'findings\[0\].certainty' has to be of the type",
    ),
    "evidence without span": ({"findings": [{"evidence": [{}]}]}, r"'findings\[0\].evidence\[0\]' lacks the field"),
    "span of fractions": (
        {"findings": [{"evidence": [{"start": 1.0, "end": 2}]}]},
        r"start' has to be of the type int",
    ),
    "size in words": ({"findings": [{"measurements": [{"values": ["x"]}]}]}, r"values\[0\]' has to be of the type"),
    "labels of a wrong type": ({"labels": {"organ": "Liver"}}, "'labels.organ' has to be of the type array"),
}


@pytest.mark.parametrize(("change", "message"), OF_DOCUMENT.values(), ids=OF_DOCUMENT)
def test_faults_of_a_document(tmp_path: Path, document: Json, change: Json, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_documents(written(tmp_path, document | change), ["r1"])


def test_each_report_needs_one_document(tmp_path: Path, document: Json) -> None:
    path = written(tmp_path, document, document | {"id": "other", "findings": 3})
    assert list(read_documents(path, ["r1"])) == ["r1"]
    with pytest.raises(DataError, match=r"no document has the id 'r2' \(2 are missing\); give"):
        read_documents(path, ["r1", "r2", "r3"])
    with pytest.raises(DataError, match=r"file.jsonl:2: has the id 'r1' of a document before it"):
        read_documents(written(tmp_path, document, document), ["r1"])
    with pytest.raises(DataError, match="cannot be read"):
        read_documents(tmp_path / "gone.jsonl", ["r1"])


def test_damaged_gold_is_read_or_worded(tmp_path: Path, terms: Terms, record: Json) -> None:
    path = tmp_path / "gold.jsonl"
    for data in mutations((json.dumps(record) + "\n").encode(), 200, seed=1):
        path.write_bytes(data)
        try:
            read_gold_reports(path, terms)
        except DataError as error:
            assert not CONTROL.intersection(str(error)) and "anechoic cyst at" not in str(error)


WRONG: tuple[Any, ...] = (None, "x", 3, 1.5, True, [], [[]], {}, {"x": []}, [{"x": 1}])


def test_damaged_documents_are_scored_or_worded(tmp_path: Path, terms: Terms, record: Json, document: Json) -> None:
    """Replace each field of a document, at any depth, by values of other types."""
    reports = read(tmp_path, terms, record).reports
    document["findings"][CYST]["interpretations"] = [{"label": "cyst", "start": 0, "end": 4, "evidence": []}]
    scored = refused = 0
    for path in list(places(document)):
        for number, wrong in enumerate(WRONG):
            if path == ("id",) or (number + len(path)) % 3:
                continue
            changed = copy.deepcopy(document)
            parent = changed
            for step in path[:-1]:
                parent = parent[step]
            parent[path[-1]] = wrong
            try:
                documents = read_documents(written(tmp_path, changed), ["r1"])
            except DataError as error:
                assert TEXT[:20] not in str(error)
                refused += 1
            else:
                evaluate_findings(reports, documents, terms)
                scored += 1
    assert scored > 100 < refused


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Yield the path of each field and item, the evidence and sizes of one finding only."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        if len(path) != 1 or path[0] != "findings" or key == CYST:
            yield (*path, key)
            yield from places(part, (*path, key))
