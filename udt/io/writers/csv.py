"""CSV: one row a report or a finding, with the columns of `udt.io.writers.columns`.

A row a report has the labels of each dimension with a classification task joined by semicolons, the same with
`possible_` and with `absent_` before them, the `attributes` (`severity=mild; tenderness=tender`), the language, the
patient, and the findings in words. A cell that a spreadsheet program would run as a formula begins with an apostrophe,
unless `Settings.formulas` is set.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import BinaryIO

from udt.core.report import Report
from udt.core.spreadsheets import csv_line
from udt.io.writers.base import ReportFormat, ReportWriter, Settings
from udt.io.writers.columns import Cell, ReportRows, ReportTable, cells_of, kept

_BOM = "\ufeff"
_Rows = ReportRows[str]


def writer(settings: Settings) -> ReportWriter[_Rows]:
    """Make a writer of CSV with a header, comma-separated, quoted if needed, lines ended by a line feed.

    The columns are those of the first report. A file without reports has those of the taxonomy.
    """
    return ReportWriter(partial(_encode, settings), partial(_write, settings), kept)


def _encode(settings: Settings, report: Report) -> _Rows:
    rows = cells_of(settings.rows, report)
    lines = tuple(csv_line(map(_text, row), formulas=settings.formulas) for row in rows)
    return ReportRows(tuple(report.labels), lines, {})


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _write(settings: Settings, parts: Iterable[_Rows], handle: BinaryIO) -> int:
    table = ReportTable(settings, parts)
    header = csv_line(table.header(settings.rows), formulas=settings.formulas)
    handle.write(((_BOM if settings.bom else "") + header).encode("utf-8"))
    for cells, lines in table.parts():
        before = csv_line(map(_text, cells), formulas=settings.formulas)[:-1] + "," if cells else ""
        handle.writelines((before + line).encode("utf-8") for line in lines)
    return table.count


FORMAT = ReportFormat(writer, suffixes=(".csv",), tabular=True)
