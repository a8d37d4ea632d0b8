from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from udt.core.report_schema import report_faults
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


def test_a_document_of_before_attributes_has_no_fault(report: dict[str, Any]) -> None:
    del report["attributes"]
    for finding in report["findings"]:
        del finding["attributes"]
    assert list(report_faults(report)) == []


def _everywhere(report: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> None:
    for part in (report["labels"], report["possible"], report["absent"], *(f["labels"] for f in report["findings"])):
        change(part)
