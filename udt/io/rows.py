"""Rows of tabular files (CSV, JSON Lines), each with its place.

An unreadable row is replaced by a `Skipped`. Reasons name columns and positions, never contents.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from udt.core.strict_json import StrictJsonError, parse_json
from udt.core.texts import LONGEST_TEXT, brief, fault_of_name, fault_of_text, printable
from udt.io.encodings import UTF_8, Utf8Reader, not_utf8, not_valid

TEXT_COLUMNS = ("text", "report", "caption", "findings")
ID_COLUMNS = ("id", "case_id", "record_id", "report_id", "study_id", "image_id")

LONGEST_LINE = 64 * 2**20
"""Bytes of one line, or of one row of CSV, which may have several lines."""

_MOST_NAMES = 12
_CHUNK = 2**20
_SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row that could not be read.

    :ivar place: the file, with the line or row if there is one: `reports.csv:12`.
    :ivar reason: what is wrong with it and what to do.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        """Return the place and the reason on one line, without control characters."""
        return printable(f"{self.place}: {self.reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data.

    :ivar number: its place among the rows of the file, from 1.
    """

    place: str
    number: int
    cells: Mapping[str, object]

    def text(self, column: str) -> str | Skipped:
        """Return the text in `column`."""
        if column not in self.cells:
            return Skipped(self.place, f"has no '{column}'; it has {listed(list(self.cells))}")
        value = self.cells[column]
        if not isinstance(value, str):
            return Skipped(self.place, f"'{column}' is {_kind(value)}; it has to be a text")
        fault = fault_of_text(value)
        return Skipped(self.place, f"'{column}' {fault}") if fault else value

    def name(self, column: str) -> str | Skipped:
        """Return the identifier in `column`, a text or a number."""
        value = self.cells.get(column)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return Skipped(self.place, f"'{column}' is {_kind(value)}; it has to be a text or a number")
        if isinstance(value, float) and not math.isfinite(value):
            return Skipped(self.place, f"'{column}' is not finite; it has to be a text or a number")
        fault = fault_of_name(str(value))
        return Skipped(self.place, f"'{column}' {fault}") if fault else str(value)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns of text and identifier; None for the usual ones."""

    text: str | None = None
    id: str | None = None

    def among(self, names: Sequence[str], place: str) -> tuple[str, str | None] | Skipped:
        """Choose from `names` the column of the text, and that of the identifier or None."""
        for name, option in (self.text, "text_column (--text-column)"), (self.id, "id_column (--id-column)"):
            if name is not None and names.count(name) != 1:
                got = "two columns" if name in names else "no column"
                return Skipped(place, f"has {got} called '{name}'; it has {listed(names)}; change {option}")
        texts = [self.text] if self.text else [name for name in names if name.lower() in TEXT_COLUMNS]
        if len(texts) != 1:
            got = f"several columns that may hold the text ({listed(texts)})" if texts else "no column of texts"
            usual = ", ".join(TEXT_COLUMNS)
            hint = f"looked for {usual}; it has {listed(names)}; name one with text_column (--text-column)"
            return Skipped(place, f"has {got}; {hint}")
        return texts[0], self.id or _usual_id(names)


def _usual_id(names: Sequence[str]) -> str | None:
    by_lower = {name.lower(): name for name in reversed(names)}
    return next((by_lower[usual] for usual in ID_COLUMNS if usual in by_lower), None)


def listed(names: Sequence[str]) -> str:
    """List column names for a message; a long one may be a text in place of a header, so it is not quoted.

    >>> listed(["id", "text"])
    'id, text'
    """
    shown = [brief(name) for name in names[:_MOST_NAMES]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return (", ".join(shown) or "none") + more


def _kind(value: object) -> str:
    kinds = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text"}
    return kinds.get(type(value), "a list" if isinstance(value, list) else "an object")


class _TooLongError(Exception):
    """A line, or the lines of one row, that are longer than `LONGEST_LINE`."""

    def __init__(self) -> None:
        super().__init__(f"is longer than {LONGEST_LINE:,} bytes; split it, or close its quotes")


class _Lines:
    """Lines of a stream as text, with their ends, in memory that does not depend on their length.

    :ivar number: of the last line, from 1.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._offset = 0
        self._size = 0
        self._bad_byte: int | None = None
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Return the next line.

        :raises _TooLongError: if it, or the lines since the last call of `fault`, are too long; the next line follows.
        """
        raw = self._stream.readline(LONGEST_LINE + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        self._size += len(raw)
        if self._size > LONGEST_LINE:
            self._pass_over(raw)
        start = self._offset
        self._offset += len(raw)
        try:
            return raw.decode("utf-8").lstrip("\ufeff" if start == 0 else "")
        except UnicodeDecodeError as error:
            if self._bad_byte is None:
                self._bad_byte = start + error.start
            return raw.decode("utf-8", "replace")

    def _pass_over(self, raw: bytes) -> None:
        """Read up to the end of a line, of which `raw` is the beginning.

        :raises _TooLongError: always.
        """
        self._offset += len(raw)
        while raw and not raw.endswith(b"\n"):
            raw = self._stream.readline(_CHUNK)
            self._offset += len(raw)
        raise _TooLongError

    def fault(self, place: str) -> Skipped | None:
        """Return the fault of the lines read since the last call."""
        byte, self._bad_byte, self._size = self._bad_byte, None, 0
        if byte is None:
            return None
        if not isinstance(self._stream, Utf8Reader):
            return Skipped(place, f"not UTF-8 at byte {byte} of the file; save the file as UTF-8")
        encoding = self._stream.encoding
        return Skipped(place, not_utf8(byte) if encoding == UTF_8 else not_valid(encoding))


def stripped_lines(stream: BinaryIO, place: str) -> Iterator[tuple[int, str | Skipped]]:
    """Yield the number (from 1) and the text of each line that is not blank, without its line end."""
    lines = _Lines(stream)
    while True:
        try:
            line = next(lines, None)
        except _TooLongError as error:
            lines.fault(place)
            yield lines.number, Skipped(f"{place}:{lines.number}", str(error))
            continue
        if line is None:
            return
        fault = lines.fault(f"{place}:{lines.number}")
        if line.strip():
            yield lines.number, fault or line.removesuffix("\n").removesuffix("\r")


def json_rows(stream: BinaryIO, place: str) -> Iterator[Row | Skipped]:
    """Yield the objects of a JSON Lines stream; blank lines are left out. Places are `file:line`."""
    for count, (number, line) in enumerate(stripped_lines(stream, place), 1):
        where = f"{place}:{number}"
        yield line if isinstance(line, Skipped) else _json_row(line, where, count)


def _json_row(line: str, place: str, number: int) -> Row | Skipped:
    try:
        value = parse_json(line)
    except json.JSONDecodeError as error:
        return Skipped(place, f"not valid JSON at column {error.colno} ({error.msg}); put one JSON object on each line")
    except StrictJsonError as error:
        return Skipped(place, f"not valid JSON ({error}); put one flat object on each line")
    if not isinstance(value, dict):
        return Skipped(place, f"is {_kind(value)}; put one JSON object on each line")
    return Row(place, number, value)


def csv_rows(stream: BinaryIO, place: str, delimiter: str, columns: Columns | None = None) -> Iterator[Row | Skipped]:
    """Yield the rows of a CSV stream with a header. Places are `file:line`, the line that the row begins on.

    :param columns: columns to look for in the header, which then decides between `delimiter`, comma, semicolon, tab
        and bar; None to use `delimiter` alone.
    """
    records = _csv_records(stream, place, delimiter, columns)
    header = next(records, (0, []))[1]
    if isinstance(header, Skipped):
        yield header
    elif len(set(header)) != len(header):
        twice = sorted(name for name, count in Counter(header).items() if count > 1)
        yield Skipped(place, f"the header has columns of the same name: {listed(twice)}; rename them")
    else:
        for number, (line, cells) in enumerate(records, 1):
            where = f"{place}:{line}"
            yield cells if isinstance(cells, Skipped) else _csv_row(header, cells, where, number)


def _csv_records(
    stream: BinaryIO, place: str, delimiter: str, columns: Columns | None
) -> Iterator[tuple[int, list[str] | Skipped]]:
    """Yield the line that each record begins on, and its cells."""
    csv.field_size_limit(LONGEST_TEXT)  # a report may be longer than the 128 KiB that the csv module allows
    lines = _Lines(stream)
    first = ""
    if columns is not None:
        try:
            first = next((line for line in lines if line.strip()), "")
        except _TooLongError as error:
            yield 1, Skipped(f"{place}:{lines.number}", str(error))
            return
        delimiter = separator_of(first, columns, delimiter)
        first = "" if _SEPARATOR_LINE.fullmatch(first) else first
    reader = csv.reader(chain([first] if first else [], lines), delimiter=delimiter, strict=True)
    line = lines.number if first else lines.number + 1
    while True:
        where = f"{place}:{line}"
        try:
            cells = next(reader, None)
        except (csv.Error, _TooLongError) as error:
            yield line, lines.fault(where) or Skipped(where, _malformed(error, line, lines.number))
            line = lines.number + 1
            continue
        if cells is None:
            return
        fault = lines.fault(where)
        if cells:
            yield line, fault or cells
        line = lines.number + 1


def separator_of(header: str, columns: Columns, usual: str) -> str:
    """Return the separator of a table by its first line.

    It is the one with which the line has a column of texts, in case of doubt the one with most columns, then `usual`.
    A first line `sep=;`, as Excel writes it, names the separator.

    >>> separator_of("case_id;report, full text", Columns(), ",")
    ','
    >>> separator_of("case_id;report", Columns(), ",")
    ';'
    """
    if named := _SEPARATOR_LINE.fullmatch(header):
        return named[1]

    def fits(separator: str) -> tuple[bool, int, bool]:
        names = _cells(header, separator)
        return not isinstance(columns.among(names, ""), Skipped), len(names), separator == usual

    return max(dict.fromkeys([usual, *_SEPARATORS]), key=fits)


def _cells(header: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=separator), [])
    except csv.Error:
        return []


def _malformed(error: Exception, first: int, last: int) -> str:
    if isinstance(error, _TooLongError):
        return str(error)
    extent = f", which reaches to line {last:,}" if last > first else ""
    return f"malformed row{extent} ({error}); check its quotes"


def _csv_row(header: list[str], cells: list[str], place: str, number: int) -> Row | Skipped:
    if len(cells) != len(header):
        hint = "quote fields that hold the separator"
        return Skipped(place, f"has {len(cells)} fields, but the header has {len(header)}; {hint}")
    return Row(place, number, dict(zip(header, cells, strict=True)))
