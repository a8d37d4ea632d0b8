"""CSV: one row a report, with the labels of each dimension joined by semicolons.

Columns: `id`, the dimensions with a classification task, the same with `possible_` and with `absent_` before them, and
`attributes`, the labels of the other dimensions: `severity=mild; tenderness=tender`. A cell that a spreadsheet program
would run as a formula begins with an apostrophe, unless `Settings.formulas` is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from udt.core.report import LabelSets, Report
from udt.core.spreadsheets import csv_line
from udt.io.writers.base import ReportFormat, ReportWriter, Settings
from udt.io.writers.vocabulary import DimensionKeys, of_one_taxonomy

_Row = tuple[tuple[str, ...], str]
"""The dimensions of a report, and its line."""


def writer(settings: Settings) -> ReportWriter[_Row]:
    """Make a writer of CSV with a header, comma-separated, quoted if needed, lines ended by a line feed.

    The columns are those of the first report. A file without reports has those of the taxonomy.
    """
    return ReportWriter(partial(_row, settings.formulas), partial(_write, extensions=settings.extensions))


def _row(formulas: bool, report: Report) -> _Row:
    keys = tuple(report.labels)
    sets = [";".join(labels.get(key, ())) for labels in (report.labels, report.possible, report.absent) for key in keys]
    return keys, csv_line([report.id, *sets, _attributes(report.attributes)], formulas=formulas)


def _attributes(attributes: LabelSets) -> str:
    return "; ".join(f"{key}={label}" for key, labels in attributes.items() for label in labels)


def _write(rows: Iterable[_Row], handle: BinaryIO, *, extensions: Sequence[Path]) -> int:
    count = 0
    for count, (keys, line) in enumerate(of_one_taxonomy(rows), 1):
        handle.write(((_header(keys) if count == 1 else "") + line).encode("utf-8"))
    if not count:
        handle.write(_header(DimensionKeys.load(extensions).tasks).encode("utf-8"))
    return count


def _header(keys: Sequence[str]) -> str:
    sets = [f"{prefix}{key}" for prefix in ("", "possible_", "absent_") for key in keys]
    return csv_line(["id", *sets, "attributes"])


FORMAT = ReportFormat(writer, suffixes=(".csv",))
