"""CSV: one row a report, with the labels of each dimension joined by semicolons.

Columns: `id`, the nine dimensions, then the same with `possible_` and with `absent_` before them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from udt.core.report import LabelSets, Report
from udt.core.report_schema import dimension_keys
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of CSV with a header, comma-separated, quoted if needed, lines ended by a line feed."""
    keys = dimension_keys()
    return text_writer(
        _report, head=_row(["id", *keys, *(f"possible_{k}" for k in keys), *(f"absent_{k}" for k in keys)])
    )


def _report(report: Report) -> str:
    return _row([report.id, *_cells(report.labels), *_cells(report.possible), *_cells(report.absent)])


def _cells(labels: LabelSets) -> list[str]:
    return [";".join(labels.get(key, ())) for key in dimension_keys()]


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


FORMAT = ReportFormat(writer, suffixes=(".csv",))
