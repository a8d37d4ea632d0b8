"""Rows of tabular files (CSV, JSON Lines, Parquet), each with its place.

An unreadable row is replaced by a `Skipped`. Reasons name columns and positions, never contents.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

TEXT_COLUMNS = ("text", "report", "caption", "findings")
ID_COLUMNS = ("id", "case_id", "record_id", "report_id", "study_id", "image_id")

_BATCH = 256
_LONGEST_NAME = 40
_MOST_NAMES = 12
_LONGEST_FIELD = 2**31 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row that could not be read.

    :ivar place: the file, with the line or row if there is one: `reports.csv:12`.
    :ivar reason: what is wrong with it and what to do.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        """Return the place and the reason."""
        return f"{self.place}: {self.reason}"


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
            return Skipped(self.place, f"has no '{column}'; it has {_listed(list(self.cells))}")
        value = self.cells[column]
        if not isinstance(value, str):
            return Skipped(self.place, f"'{column}' is {_kind(value)}; it has to be a text")
        if not value.isascii() and _SURROGATE.search(value):
            return Skipped(self.place, f"'{column}' holds half of a surrogate pair, which is no character; repair it")
        return value

    def name(self, column: str) -> str | Skipped:
        """Return the identifier in `column`, a text or a number."""
        value = self.cells.get(column)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        return Skipped(self.place, f"'{column}' is {_kind(value)}; it has to be a text or a number")


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
                return Skipped(place, f"has {got} called '{name}'; it has {_listed(names)}; change {option}")
        texts = [self.text] if self.text else [name for name in names if name.lower() in TEXT_COLUMNS]
        if len(texts) != 1:
            got = f"several columns that may hold the text ({_listed(texts)})" if texts else "no column of texts"
            usual = ", ".join(TEXT_COLUMNS)
            hint = f"looked for {usual}; it has {_listed(names)}; name one with text_column (--text-column)"
            return Skipped(place, f"has {got}; {hint}")
        return texts[0], self.id or _usual_id(names)


def _usual_id(names: Sequence[str]) -> str | None:
    by_lower = {name.lower(): name for name in reversed(names)}
    return next((by_lower[usual] for usual in ID_COLUMNS if usual in by_lower), None)


def _listed(names: Sequence[str]) -> str:
    """List column names for a message; a long one may be a text in place of a header, so it is not quoted."""
    shown = [n if len(n) <= _LONGEST_NAME else f"(a name of {len(n)} characters)" for n in names[:_MOST_NAMES]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return (", ".join(shown) or "none") + more


def _kind(value: object) -> str:
    kinds = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "a text"}
    return kinds.get(type(value), "a list" if isinstance(value, list) else "an object")


def decoded(data: bytes, place: str) -> str | Skipped:
    """Decode UTF-8 without a byte-order mark."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return _not_utf8(place, error.start)


def _not_utf8(place: str, byte: int) -> Skipped:
    return Skipped(place, f"not UTF-8 at byte {byte} of the file; save the file as UTF-8")


class _Lines:
    """Lines of a stream as text, with their ends.

    :ivar bad_byte: offset of the first byte that is not UTF-8 since the caller last set it to None.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.bad_byte: int | None = None

    def __iter__(self) -> Iterator[str]:
        offset = 0
        for raw in self._stream:
            data = raw.removeprefix(codecs.BOM_UTF8) if offset == 0 else raw
            try:
                line = data.decode("utf-8")
            except UnicodeDecodeError as error:
                if self.bad_byte is None:
                    self.bad_byte = offset + len(raw) - len(data) + error.start
                line = data.decode("utf-8", "replace")
            offset += len(raw)
            yield line

    def fault(self, place: str) -> Skipped | None:
        """Return the fault of the lines read since the last call."""
        byte, self.bad_byte = self.bad_byte, None
        return None if byte is None else _not_utf8(place, byte)


def stripped_lines(stream: BinaryIO, place: str) -> Iterator[tuple[int, str | Skipped]]:
    """Yield the number (from 1) and the text of each line that is not blank, without its line end."""
    lines = _Lines(stream)
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, lines.fault(f"{place}:{number}") or line.removesuffix("\n").removesuffix("\r")


def json_rows(stream: BinaryIO, place: str) -> Iterator[Row | Skipped]:
    """Yield the objects of a JSON Lines stream; blank lines are left out. Places are `file:line`."""
    for count, (number, line) in enumerate(stripped_lines(stream, place), 1):
        where = f"{place}:{number}"
        yield line if isinstance(line, Skipped) else _json_row(line, where, count)


def _json_row(line: str, place: str, number: int) -> Row | Skipped:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        return Skipped(place, f"not valid JSON at column {error.colno} ({error.msg}); put one JSON object on each line")
    except (RecursionError, ValueError):
        return Skipped(place, "JSON nested too deep or with too long a number; put one flat object on each line")
    if not isinstance(value, dict):
        return Skipped(place, f"is {_kind(value)}; put one JSON object on each line")
    return Row(place, number, value)


def csv_rows(stream: BinaryIO, place: str, delimiter: str) -> Iterator[Row | Skipped]:
    """Yield the rows of a CSV stream with a header. Places are `file:line`, the line that the row begins on."""
    records = _csv_records(stream, place, delimiter)
    header = next(records, (0, []))[1]
    if isinstance(header, Skipped):
        yield header
    elif len(set(header)) != len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        yield Skipped(place, f"the header has columns of the same name: {_listed(twice)}; rename them")
    else:
        for number, (line, cells) in enumerate(records, 1):
            where = f"{place}:{line}"
            yield cells if isinstance(cells, Skipped) else _csv_row(header, cells, where, number)


def _csv_records(stream: BinaryIO, place: str, delimiter: str) -> Iterator[tuple[int, list[str] | Skipped]]:
    """Yield the line that each record begins on, and its cells."""
    csv.field_size_limit(_LONGEST_FIELD)  # a report may be longer than the 128 KiB that the csv module allows
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        where = f"{place}:{line}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, lines.fault(where) or Skipped(where, f"malformed row ({error}); check its quotes")
            continue
        if cells is None:
            return
        if cells:
            yield line, lines.fault(where) or cells


def _csv_row(header: list[str], cells: list[str], place: str, number: int) -> Row | Skipped:
    if len(cells) != len(header):
        hint = "quote fields that hold the separator"
        return Skipped(place, f"has {len(cells)} fields, but the header has {len(header)}; {hint}")
    return Row(place, number, dict(zip(header, cells, strict=True)))


def parquet_rows(path: Path, columns: Columns, place: str) -> Iterator[Row | Skipped]:
    """Yield the rows of a Parquet file with the columns of `columns`, a batch in memory. Places are `file:row`."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            chosen = columns.among(file.schema_arrow.names, place)
            if isinstance(chosen, Skipped):
                yield chosen
                return
            names = list(dict.fromkeys(name for name in chosen if name))
            number = 0
            for batch in file.iter_batches(batch_size=_BATCH, columns=names):
                for cells in batch.to_pylist():
                    number += 1
                    yield Row(f"{place}:{number}", number, cells)
    except pyarrow.ArrowException as error:
        kind = type(error).__name__
        yield Skipped(place, f"not a readable Parquet file ({kind}); write it again, or give another format")
