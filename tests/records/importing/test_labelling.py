"""Labels of a report as they are stored, with the certainty of each."""

from __future__ import annotations

from dataclasses import replace

from udt.core.report import Certainty, Evidence, Finding, Report
from udt.records.importing.labelling import labels_of

TEXT = "mild, severe, acute, chronic, focal, cyst"


def _evidence(dimension: str, label: str, certainty: Certainty) -> Evidence:
    start = TEXT.index(label)
    return Evidence(dimension, label, f"udaf:{dimension}.{label}", start, start + len(label), label, certainty)


def test_attributes_have_the_certainty_of_their_mentions() -> None:
    """Possible if all mentions are hedged; denied if the report does not affirm them."""
    evidence = (
        _evidence("severity", "mild", "present"),
        _evidence("severity", "mild", "possible"),
        _evidence("severity", "severe", "absent"),
        _evidence("acuity", "acute", "possible"),
        _evidence("acuity", "acute", "absent"),
        _evidence("acuity", "chronic", "possible"),
        _evidence("diagnosis", "cyst", "absent"),
    )
    none = {"diagnosis": ()}
    attributes = {"severity": ("mild",), "acuity": ("acute", "chronic"), "extent": ("focal",)}
    finding = Finding("f1", "present", None, None, None, none, (), evidence, 0, len(TEXT), attributes)
    report = Report("x", TEXT, "en", "0" * 64, none, none, none, (), (finding,), "0", "0", attributes=attributes)
    found = {(key, label): (certainty, evidence) for key, label, certainty, evidence in labels_of(report)}
    assert {name: certainty for name, (certainty, _) in found.items()} == {
        ("severity", "mild"): "present",
        ("severity", "severe"): "absent",
        ("acuity", "acute"): "possible",
        ("acuity", "chronic"): "possible",
        ("extent", "focal"): "present",
    }
    assert found["severity", "mild"][1] == evidence[0]
    assert found["severity", "severe"][1] == evidence[2]
    assert found["extent", "focal"][1] is None
    assert labels_of(replace(report, findings=(), attributes={})) == []
