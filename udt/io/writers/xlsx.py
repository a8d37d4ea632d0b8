"""Excel workbooks: one sheet, with the rows and columns of CSV, and whole numbers and sizes as numbers.

A text is never stored as a formula. Nevertheless, one that would become a formula if the sheet is saved as CSV begins
with an apostrophe, unless `Settings.formulas` is set. Control characters, which no workbook can hold, are replaced.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO

from udt.core.errors import DataError
from udt.core.report import Report
from udt.core.spreadsheets import without_formula
from udt.io.writers.base import ReportFormat, ReportWriter, Settings
from udt.io.writers.columns import Cell, Part, cells_of, column_names, kept, kept_names, one_table
from udt.io.writers.vocabulary import DimensionKeys

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576
_MISSING = "openpyxl is not installed; install it with: pip install 'udt-toolkit[xlsx]', or choose the format csv"
_WRITTEN = datetime(2000, 1, 1)
"""The time that every workbook gives as its own, so that the same reports give the same bytes."""

_Part = Part[tuple[Cell, ...]]


def writer(settings: Settings) -> ReportWriter[_Part]:
    """Make a writer of workbooks; the handle need not be seekable.

    :raises DataError: if openpyxl is not installed.
    """
    try:
        import openpyxl  # noqa: F401
    except ModuleNotFoundError as error:
        raise DataError(_MISSING) from error
    return ReportWriter(partial(_encode, settings), partial(_write, settings), kept)


def _encode(settings: Settings, report: Report) -> _Part:
    return Part(tuple(report.labels), cells_of(settings.rows, report), {})


def _write(settings: Settings, parts: Iterable[_Part], handle: BinaryIO) -> int:
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(settings.rows)
    sheet.freeze_panes = "A2"
    with TemporaryFile() as file:
        try:
            count = _fill(_Sheet(sheet, settings.formulas), settings, parts)
        finally:
            _save(workbook, file)  # after an error too, since openpyxl removes its temporary file only then
        _copy(file, handle)
    return count


def _fill(sheet: _Sheet, settings: Settings, parts: Iterable[_Part]) -> int:
    """Write the header and the rows; return the number of reports."""
    count = 0
    for count, (part, cells) in enumerate(one_table(parts), 1):
        if count == 1:
            sheet.add(_header(settings, part.keys, list(part.kept)))
        for row in part.rows:
            sheet.add([*cells, *row])
    if not count:
        sheet.add(_header(settings, DimensionKeys.load(settings.extensions).tasks, ()))
    return count


def _header(settings: Settings, keys: Sequence[str], kept: Sequence[str]) -> list[str]:
    own = column_names(settings.rows, keys)
    return [*kept_names(kept, own), *own]


class _Sheet:
    """A sheet that takes rows of plain values.

    :param formulas: whether texts that would become formulas in CSV are left as they are.
    """

    def __init__(self, sheet: WriteOnlyWorksheet, formulas: bool) -> None:
        self._sheet = sheet
        self._formulas = formulas
        self._rows = 0

    def add(self, cells: Sequence[Cell]) -> None:
        """Append a row.

        :raises DataError: if a cell is too long, or the sheet is full.
        """
        self._rows += 1
        if self._rows > _MOST_ROWS:
            raise DataError(f"a sheet has at most {_MOST_ROWS:,} rows; choose the format csv or parquet")
        self._sheet.append([self._text(cell) if isinstance(cell, str) else cell for cell in cells])

    def _text(self, text: str) -> SheetCell | None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if not text:
            return None
        shown = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
        shown = shown if self._formulas else without_formula(shown)
        if len(shown) > _LONGEST_CELL:
            raise DataError(
                f"row {self._rows:,} has a text of {len(shown):,} characters; a cell of a workbook holds "
                f"{_LONGEST_CELL:,}; choose the format csv or parquet"
            )
        cell = WriteOnlyCell(self._sheet, value=shown)
        cell.data_type = "s"  # a text that begins with = would be a formula
        return cell


def _save(workbook: Workbook, file: IO[bytes]) -> None:
    from openpyxl.writer.excel import ExcelWriter

    workbook.properties.created = workbook.properties.modified = _WRITTEN
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(workbook, archive).save()


def _copy(file: IO[bytes], handle: BinaryIO) -> None:
    """Copy an archive with the same time for all its members."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _WRITTEN.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            with source.open(name) as content, target.open(member, "w", force_zip64=True) as copied:
                copyfileobj(content, copied)


FORMAT = ReportFormat(writer, suffixes=(".xlsx",), binary=True, tabular=True)
