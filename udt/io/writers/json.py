"""JSON: an array of `udt-report/2` objects, one on each line."""

from __future__ import annotations

import json

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of one JSON array."""
    return text_writer(_element, head="[\n", between=",\n", tail="\n]\n", empty="[]\n")


def _element(report: Report) -> str:
    return json.dumps(report.to_dict(), ensure_ascii=False)


FORMAT = ReportFormat(writer, suffixes=(".json",))
