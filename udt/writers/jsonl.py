"""JSON Lines: one `udt-report/1` object a line."""

from __future__ import annotations

import json

from udt.report import Report
from udt.writers.base import Settings, Writer, text_writer


def writer(settings: Settings) -> Writer[str]:
    """A writer of JSON Lines."""
    return text_writer(_line)


def _line(report: Report) -> str:
    return json.dumps(report.to_dict(), ensure_ascii=False) + "\n"
