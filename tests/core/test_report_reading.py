"""Reports from their JSON objects: version 2 loses nothing but the text, version 1 is converted."""

from __future__ import annotations

from dataclasses import replace

from tests.full_report import first_document, full_report
from udt.core.report import Measurement, PatientInfo, Section
from udt.core.report_reading import report_from_dict
from udt.core.report_schema import report_faults

TASKS = ("organ", "diagnosis", "margins")


def test_a_report_is_read_back() -> None:
    report = full_report(TASKS)
    found = report_from_dict(report.to_dict())
    assert found == replace(report, text="")
    assert found.excluded == report.excluded


def test_a_private_report_is_read_back() -> None:
    report = full_report(TASKS).without_text()
    assert report_from_dict(report.to_dict()).to_dict() == report.to_dict()


def test_the_first_version_is_converted() -> None:
    report = report_from_dict(first_document())
    assert list(report_faults(report.to_dict())) == []
    assert (report.language_support, report.patient, report.excluded) == ("full", PatientInfo(), ())
    assert report.sections == (Section("findings", 0, 40, None),)
    cyst, kidney = report.findings
    assert (cyst.kind, cyst.concept, cyst.sites, cyst.same_as) == ("lesion", None, (), None)
    assert cyst.measurements == (Measurement((2.3,), "cm", (23.0,), 5, 11),)
    assert cyst.attributes == report.attributes == {"severity": ("mild",)}
    assert (kidney.kind, kidney.organ) == ("organ", "Kidney and ureter")


def test_a_document_of_before_attributes_is_read() -> None:
    document = first_document()
    del document["attributes"]
    assert report_from_dict(document).attributes == {}
