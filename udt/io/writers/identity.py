"""Identifiers of reports and their findings in the outputs: name-based, so the same report always gets the same."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from udt.core.report import Report

REPORT_ID = "https://w3id.org/udt/record"
"""System of the identifiers that reports have in their source."""


def report_uuid(report: Report, part: str = "") -> str:
    """Return the version 5 UUID of a report, or of the part with the id `part`."""
    return str(uuid5(NAMESPACE_URL, "\n".join((REPORT_ID, report.id, report.text_sha256, part))))
