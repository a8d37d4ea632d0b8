from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from udt.core.report_schema import report_faults
from udt.normalize.normalizer import Normalizer

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
        (lambda report: report["labels"].update(form=[]), "'labels' has the unknown field 'form'"),
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
