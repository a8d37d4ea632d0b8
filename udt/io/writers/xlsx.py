"""Excel workbooks: one sheet, with the rows and columns of CSV, and counts, offsets and largest sizes as numbers.

A text is never stored as a formula. Nevertheless, one that would become a formula if the sheet is saved as CSV begins
with an apostrophe, unless `Settings.formulas` is set. Control characters, which no workbook can hold, are replaced.

The sheet is streamed: its texts are in the cells, without a table of shared strings, and no temporary file is needed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import BinaryIO
from xml.sax.saxutils import escape

from udt.core.errors import DataError
from udt.core.report import Report
from udt.core.spreadsheets import without_formula
from udt.io.writers.base import ReportFormat, ReportWriter, RowsOf, Settings
from udt.io.writers.columns import Cell, ReportRows, ReportTable, cells_of, kept

_LONGEST_CELL = 32_767
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_WRITTEN = (2000, 1, 1, 0, 0, 0)
"""The time of all members, so that the same reports give the same bytes."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = "xl/worksheets/sheet1.xml"
_FIRST_ROW_STAYS = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
    'state="frozen"/></sheetView></sheetViews>'
)

# XML cannot hold them; a carriage return would be read as a line feed, and is escaped.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPES = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

_Rows = ReportRows[tuple[Cell, ...]]


def writer(settings: Settings) -> ReportWriter[_Rows]:
    """Make a writer of workbooks; the handle need not be seekable."""
    return ReportWriter(partial(_encode, settings), partial(_write, settings), kept)


def _encode(settings: Settings, report: Report) -> _Rows:
    return ReportRows(tuple(report.labels), cells_of(settings.rows, report), {})


def _write(settings: Settings, parts: Iterable[_Rows], handle: BinaryIO) -> int:
    table = ReportTable(settings, parts)
    with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members(settings.rows).items():
            archive.writestr(_member(name), _HEAD + content)
        with archive.open(_member(_SHEET), "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">{_FIRST_ROW_STAYS}<sheetData>\n'.encode())
            for number, row in enumerate(_rows(table, settings.rows), 1):
                sheet.write(_row(row, number, settings.formulas).encode("utf-8"))
            sheet.write(b"</sheetData></worksheet>\n")
    return table.count


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _WRITTEN)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _members(rows: RowsOf) -> Mapping[str, str]:
    """Return the members of the archive beside the sheet, without their first line."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/></Types>\n',
        "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{rows}" sheetId="1" r:id="rId1"/></sheets></workbook>\n',
        "xl/_rels/workbook.xml.rels": _relation("worksheet", _SHEET.removeprefix("xl/")),
    }


def _relation(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>\n'


def _rows(table: ReportTable[tuple[Cell, ...]], rows: RowsOf) -> Iterator[Sequence[Cell]]:
    """Yield the header and the rows."""
    yield table.header(rows)
    for cells, found in table.parts():
        yield from ((*cells, *row) for row in found)


def _row(cells: Sequence[Cell], number: int, formulas: bool) -> str:
    """Return the XML of a row.

    :param number: its number in the sheet, from 1.
    :param formulas: whether texts that would become formulas in CSV are left as they are.
    :raises DataError: if the sheet has no room for it.
    """
    if number > _MOST_ROWS or len(cells) > _MOST_COLUMNS:
        raise DataError(
            f"a sheet has at most {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns; choose the format csv or parquet"
        )
    found = (_cell(cell, f"{_letters(column)}{number}", formulas) for column, cell in enumerate(cells))
    return f'<row r="{number}">{"".join(found)}</row>\n'


def _cell(cell: Cell, place: str, formulas: bool) -> str:
    """Return the XML of a cell, nothing for an empty one.

    :raises DataError: if its text is too long.
    """
    if cell is None or cell == "":
        return ""
    if not isinstance(cell, str):
        return f'<c r="{place}"><v>{cell}</v></c>'
    text = cell if formulas else without_formula(cell)
    if len(text) > _LONGEST_CELL:
        raise DataError(
            f"cell {place} has a text of {len(text):,} characters; a cell of a workbook holds {_LONGEST_CELL:,}; "
            "choose the format csv or parquet"
        )
    text = escape(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", _ESCAPES.sub("_x005F_", text)), {"\r": "_x000D_"})
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@cache
def _letters(column: int) -> str:
    """Return the letters of a column, which are counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    column += 1
    while column:
        column, last = divmod(column - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


FORMAT = ReportFormat(writer, suffixes=(".xlsx",), binary=True, tabular=True)
