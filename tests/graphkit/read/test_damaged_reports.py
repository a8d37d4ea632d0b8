"""Damaged documents of both versions: a report that can be drawn and written, or a worded error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.attacks.mutations import mutations
from tests.full_report import first_document
from udt.core.errors import DataError, UdtError
from udt.core.report import Report
from udt.core.vocabulary import Vocabulary
from udt.graphkit.draw.diagram import Drawing
from udt.graphkit.draw.findings import finding_diagram, findings_with_labels, report_diagram
from udt.graphkit.draw.formats import encode
from udt.graphkit.draw.tree import to_text
from udt.graphkit.draw.turtle import to_turtle
from udt.graphkit.read.reports import reports_in
from udt.taxonomy.model.taxonomy import Taxonomy


def _draw(report: Report, vocabulary: Vocabulary) -> None:
    diagrams = [report_diagram(report, vocabulary)]
    diagrams += [finding_diagram(one, vocabulary) for one in findings_with_labels(report, vocabulary)]
    for form in ("html", "json"):
        encode(Drawing(diagrams, report.text), form)
    to_text(diagrams[0], 100, False).encode()
    to_turtle(report, (), None)


@pytest.fixture(params=["udt-report/1", "udt-report/2"])
def document(request: pytest.FixtureRequest, report: Report, vocabulary: Vocabulary) -> Any:
    """A valid document of either version, in which every list and object is its own."""
    first = request.param == "udt-report/1"
    return json.loads(json.dumps(first_document(vocabulary.keys) if first else report.to_dict()))


def test_damaged_reports_are_drawn_or_worded(document: Any, taxonomy: Taxonomy) -> None:
    sample = json.dumps(document, ensure_ascii=False).encode()
    drawn = 0
    for data in mutations(sample, 120, seed=2):
        try:
            for one in reports_in(data.decode("utf-8", "surrogateescape"), "here"):
                if drawn < 12:
                    _draw(one, taxonomy.full_vocabulary)
                drawn += 1
        except UdtError as error:
            assert str(error)
    assert drawn


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("labels",), [], "'labels' has to be of the type object"),
        (("labels", "shape"), "oval", "'labels.shape' has to be of the type array"),
        (("labels", "shape"), ["oval", "oval"], "'labels.shape' breaks the rule uniqueItems"),
        (("labels", "form"), [], "'possible' lacks the dimension 'form', which 'labels' has"),
        (("id",), 5, "'id' has to be of the type string"),
        (("id",), "\ud800", "'id' holds half of a surrogate pair"),
        (("text_sha256",), "0", "'text_sha256' breaks the rule pattern"),
        (("findings",), {}, "'findings' has to be of the type array"),
        (("findings", 0, "start"), -1, r"'findings\[0\].start' breaks the rule minimum: 0"),
        (("findings", 0, "start"), 1.5, r"'findings\[0\].start' has to be of the type integer"),
        (("findings", 0, "start"), True, r"'findings\[0\].start' has to be of the type integer"),
        (("findings", 0, "certainty"), "sure", r"'findings\[0\].certainty' breaks the rule enum"),
        (("findings", 0, "organ"), 3, r"'findings\[0\].organ' has to be of the type string or null"),
        (("findings", 0, "evidence", 0), None, r"'findings\[0\].evidence\[0\]' has to be of the type object"),
        (("sections",), [{}], r"'sections\[0\]' lacks the field 'label'"),
        (("provenance",), {}, "'provenance' lacks the field 'tool'"),
    ],
)
def test_reports_of_a_wrong_shape(document: Any, path: tuple[str | int, ...], value: object, message: str) -> None:
    _refuse(document, path, value, message)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("findings", 0, "kind"), "thing", r"'findings\[0\].kind' breaks the rule enum"),
        (("findings", 0, "concept"), "cyst", r"'findings\[0\].concept'"),
        (("findings", 0, "site"), None, r"'findings\[0\].site' has to be of the type array"),
        (("findings", 0, "count"), 1.5, r"'findings\[0\].count'"),
        (("findings", 0, "same_as"), 1, r"'findings\[0\].same_as' has to be of the type string or null"),
        (("findings", 0, "interpretations"), [{}], r"'findings\[0\].interpretations\[0\]' lacks the field"),
        (("language_support",), "some", "'language_support' breaks the rule enum"),
        (("patient",), None, "'patient' has to be of the type object"),
    ],
)
def test_parts_of_version_2(report: Report, path: tuple[str | int, ...], value: object, message: str) -> None:
    _refuse(json.loads(json.dumps(report.to_dict())), path, value, message)


def _refuse(data: Any, path: tuple[str | int, ...], value: object, message: str) -> None:
    *parents, last = path
    inner = data
    for name in parents:
        inner = inner[name]
    inner[last] = value
    with pytest.raises(DataError, match=f"here, report 1: is no valid '{data['schema']}': .*{message}"):
        list(reports_in(json.dumps(data), "here"))


@pytest.mark.parametrize("links", [{"f1": "f1"}, {"f1": "f2", "f2": "f1"}, {"f2": "f99"}, {"f2": "f1", "f3": "f2"}])
def test_links_between_findings(report: Report, vocabulary: Vocabulary, links: dict[str, str]) -> None:
    """One that links to itself, to a later or to a missing finding is drawn below its organ."""
    data = json.loads(json.dumps(report.to_dict()))
    for finding in data["findings"]:
        finding["same_as"] = links.get(finding["id"])
    (linked,) = reports_in(json.dumps(data), "here")
    diagram = report_diagram(linked, vocabulary)
    drawn = {item.id for item in diagram.items if item.kind in {"finding", "mention"}}
    assert drawn == {finding.id for finding in findings_with_labels(linked, vocabulary)}
    assert len({item.id for item in diagram.items}) == len(diagram.items)
    _draw(linked, vocabulary)


@pytest.mark.parametrize("content", ["[" * 5000, '{"schema": 5}', '{"a": NaN}', '{"a": 1, "a": 1}', "9" * 5000])
def test_json_that_is_no_report(content: str) -> None:
    with pytest.raises(DataError, match="here"):
        list(reports_in(content, "here"))
