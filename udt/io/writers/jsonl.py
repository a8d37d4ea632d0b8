"""JSON Lines: one `udt-report/2` object a line."""

from __future__ import annotations

import json

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of JSON Lines."""
    return text_writer(_line)


def _line(report: Report) -> str:
    return json.dumps(report.to_dict(), ensure_ascii=False) + "\n"


FORMAT = ReportFormat(writer, suffixes=(".jsonl", ".ndjson"))
