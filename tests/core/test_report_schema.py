from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.full_report import first_document, full_report
from udt.core.report_schema import report_faults, report_schema
from udt.normalize.normalizer import Normalizer
from udt.taxonomy.model.taxonomy import Taxonomy

WORD = "zebrafinch"


@pytest.fixture
def report() -> dict[str, Any]:
    return Normalizer().normalize(f"Liver: oval hypoechoic nodule, 2 x 3 cm, as {WORD} saw. No cyst.", "a").to_dict()


def test_a_report_has_no_fault(report: dict[str, Any]) -> None:
    assert list(report_faults(report)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda report: report.pop("id"), "it lacks the field 'id'"),
        (lambda report: report["findings"][0].pop("organ"), "'findings[0]' lacks the field 'organ'"),
        (lambda report: report.update(language=[WORD]), "'language' has to be of the type string"),
        (lambda report: report["labels"].update(form=[]), "'possible' lacks the dimension 'form', which 'labels' has"),
        (
            lambda report: report["findings"][0]["labels"].pop("shape"),
            "'findings[0].labels' lacks the dimension 'shape', which 'labels' has",
        ),
        (lambda report: report["absent"].update(form=[]), "'labels' lacks the dimension 'form', which 'absent' has"),
        (lambda report: report.update(labels={}), "'labels' breaks the rule minProperties: 1"),
        (
            lambda report: report["labels"].update({"Form 2": []}),
            "'labels' has the field 'Form 2', which is no key of a dimension; keys match ^[a-z][a-z0-9_]*$",
        ),
        (lambda report: report["attributes"].update(severity=[]), "'attributes.severity' breaks the rule minItems: 1"),
        (lambda report: report.update({WORD * 9: 1}), "it has the unknown field '(a name of 90 characters)'"),
        (lambda report: report.update(text_sha256=WORD), "'text_sha256' breaks the rule pattern: ^[0-9a-f]{64}$"),
        (lambda report: report.update(private=True), "'findings[0].evidence[0].text' may not be given here"),
        (
            lambda report: report["findings"][0]["evidence"][0].pop("cue"),
            "'findings[0].evidence[0]' lacks the field 'cue'",
        ),
        (
            lambda report: report.update(id="\udc80"),
            "'id' holds half of a surrogate pair, which is no character; repair it",
        ),
    ],
)
def test_faults(report: dict[str, Any], change: Callable[[dict[str, Any]], object], fault: str) -> None:
    change(report)
    found = list(report_faults(report))
    assert fault in found
    assert not any(WORD in one for one in found)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda report: _everywhere(report, lambda labels: labels.update(form=[])),
            "'labels' has the unknown field 'form'",
        ),
        (lambda report: _everywhere(report, lambda labels: labels.pop("shape")), "'labels' lacks the field 'shape'"),
        (
            lambda report: report["attributes"].update(form=["round"]),
            "'attributes' has the unknown field 'form'",
        ),
    ],
)
def test_faults_against_the_dimensions_of_a_taxonomy(
    report: dict[str, Any], change: Callable[[dict[str, Any]], object], fault: str
) -> None:
    vocabulary = Taxonomy.load().full_vocabulary
    assert list(report_faults(report, vocabulary)) == []
    change(report)
    assert list(report_faults(report)) == []
    assert fault in list(report_faults(report, vocabulary))


def test_a_dimension_without_a_task_is_an_attribute_only(report: dict[str, Any]) -> None:
    vocabulary = Taxonomy.load().full_vocabulary
    first, *others = vocabulary.dimensions
    without_task = replace(vocabulary, dimensions=(*others, replace(first, task=None)))
    _everywhere(report, lambda labels: labels.pop(first.key))
    assert "'labels' lacks the field 'body_system'" in list(report_faults(report, vocabulary))
    report["attributes"][first.key] = [first.labels[0]]
    assert list(report_faults(report, without_task)) == []
    assert f"'attributes' has the unknown field '{first.key}'" in list(report_faults(report, vocabulary))


def test_a_report_with_every_field_has_no_fault() -> None:
    vocabulary = Taxonomy.load().full_vocabulary
    full = full_report([dimension.key for dimension in vocabulary.dimensions if dimension.task is not None])
    for report in full, full.without_text():
        assert list(report_faults(report.to_dict())) == list(report_faults(report.to_dict(), vocabulary)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda finding: finding.pop("concept"), "'findings[0]' lacks the field 'concept'"),
        (lambda finding: finding["concept"].pop("codes"), "'findings[0].concept' lacks the field 'codes'"),
        (
            lambda finding: finding["site"][0].update(label=""),
            "'findings[0].site[0].label' breaks the rule minLength: 1",
        ),
        (lambda finding: finding.update(count=-1), "'findings[0].count' breaks the rule minimum: 0"),
        (
            lambda finding: finding["interpretations"][0].pop("cue"),
            "'findings[0].interpretations[0]' lacks the field 'cue'",
        ),
        (
            lambda finding: finding["measurements"][0].update(values=[]),
            "'findings[0].measurements[0].values' breaks the rule minItems: 1",
        ),
        (
            lambda finding: finding["measurements"][0]["canonical"].update(values=[-1.0]),
            "'findings[0].measurements[0].canonical.values[0]' breaks the rule minimum: 0",
        ),
        (
            lambda finding: finding["measurements"][1].pop("examination"),
            "'findings[0].measurements[1]' lacks the field 'examination'",
        ),
    ],
)
def test_faults_of_the_fields_of_a_finding(change: Callable[[dict[str, Any]], object], fault: str) -> None:
    report = full_report(("organ", "diagnosis", "margins")).to_dict()
    change(report["findings"][0])
    assert list(report_faults(report)) == [fault]


def test_a_document_of_the_first_version_has_no_fault() -> None:
    assert list(report_faults(first_document())) == list(report_faults(_before_attributes(first_document()))) == []
    vocabulary = Taxonomy.load().full_vocabulary
    tasks = [dimension.key for dimension in vocabulary.dimensions if dimension.task is not None]
    assert list(report_faults(first_document(tasks), vocabulary)) == []


def test_each_version_is_checked_by_its_own_schema(report: dict[str, Any]) -> None:
    assert "it has the unknown field 'patient'" in list(report_faults(report | {"schema": "udt-report/1"}))
    assert "it lacks the field 'patient'" in list(report_faults(first_document() | {"schema": "udt-report/2"}))
    assert report_schema(schema="udt-report/1")["title"] == "udt-report/1"


def test_a_concept_is_a_key_of_evidence_in_the_second_version_alone() -> None:
    vocabulary = Taxonomy.load().full_vocabulary
    dimensions = report_schema(vocabulary)["$defs"]["evidence"]["properties"]["dimension"]["enum"]
    assert {"concept", "site", "laterality", *vocabulary.keys} == set(dimensions)
    first = report_schema(vocabulary, "udt-report/1")
    assert first["$defs"]["evidence"]["properties"]["dimension"]["enum"] == list(vocabulary.keys)


def _before_attributes(report: dict[str, Any]) -> dict[str, Any]:
    """Remove the attributes, which the first documents of the first version lacked."""
    for part in (report, *report["findings"]):
        del part["attributes"]
    return report


def _everywhere(report: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    for part in (report["labels"], report["possible"], report["absent"], *(f["labels"] for f in report["findings"])):
        change(part)
