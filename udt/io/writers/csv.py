"""CSV: one row a report, with the labels of each dimension joined by semicolons.

Columns: `id`, the nine dimensions, then the same with `possible_` and with `absent_` before them. A cell that a
spreadsheet program would run as a formula begins with an apostrophe, unless `Settings.formulas` is set.
"""

from __future__ import annotations

from functools import partial

from udt.core.report import LabelSets, Report
from udt.core.report_schema import dimension_keys
from udt.core.spreadsheets import csv_line
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of CSV with a header, comma-separated, quoted if needed, lines ended by a line feed."""
    keys = dimension_keys()
    return text_writer(
        partial(_report, settings.formulas),
        head=csv_line(["id", *keys, *(f"possible_{k}" for k in keys), *(f"absent_{k}" for k in keys)]),
    )


def _report(formulas: bool, report: Report) -> str:
    cells = [report.id, *_cells(report.labels), *_cells(report.possible), *_cells(report.absent)]
    return csv_line(cells, formulas=formulas)


def _cells(labels: LabelSets) -> list[str]:
    return [";".join(labels.get(key, ())) for key in dimension_keys()]


FORMAT = ReportFormat(writer, suffixes=(".csv",))
