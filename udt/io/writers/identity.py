"""Identifiers of reports and their findings in the outputs: name-based, so the same report always gets the same."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from udt.core.report import Report

REPORT_ID = "https://w3id.org/udt/record"
"""System of the identifiers that reports have in their source."""
EVIDENCE = "https://w3id.org/udt/fhir/evidence"
"""Extension of FHIR with the spans and cues of a finding."""


def case_id(report: Report) -> str:
    """Return the identifier of a report in its source, else one by the hash of its text."""
    return report.id or f"sha256-{report.text_sha256}"


def report_uuid(report: Report, part: str = "") -> str:
    """Return the version 5 UUID of a report, or of the part with the id `part`."""
    return str(uuid5(NAMESPACE_URL, "\n".join((REPORT_ID, report.id, report.text_sha256, part))))
