"""Read texts one at a time from files, folders and standard input, in memory that does not depend on their number.

An unreadable text is a value, `Skipped`, until it reaches the caller's `on_error`: `stop` raises it, `skipped.append`
collects it and continues. A reason never quotes a text.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from udt.core.errors import DataError
from udt.core.texts import LONGEST_TEXT, fault_of_name, fault_of_text
from udt.io.folder import LeftOut, Listing
from udt.io.parquet_rows import parquet_rows
from udt.io.rows import Columns, Row, Skipped, csv_rows, decoded, json_rows, stripped_lines

OnError = Callable[[Skipped], None]
OnLeftOut = Callable[[LeftOut], None]
Found = Iterator["TextItem | Skipped | LeftOut"]

STDIN = "-"
_STDIN_NAME = "standard input"
_LONGEST_FILE = 4 * LONGEST_TEXT


class TextItem(NamedTuple):
    """One text and its name."""

    id: str
    text: str


class RowItem(TextItem):
    """A text of a table, its name, and all cells of its row.

    :ivar cells: the cells by column, that of the text included.
    """

    cells: Mapping[str, object]

    @classmethod
    def of(cls, item: TextItem, cells: Mapping[str, object]) -> RowItem:
        """Return a text with the cells of its row."""
        made = cls(*item)
        made.cells = cells
        return made


@dataclass(frozen=True, slots=True)
class _Request:
    place: str
    columns: Columns
    lines: bool
    keep_columns: bool = False


_Reader = Callable[[BinaryIO, str, _Request], Found]


def stop(fault: Skipped) -> None:
    """Raise a fault: the strict `on_error`.

    :raises DataError: always, with the place and the reason.
    """
    raise DataError(str(fault))


def read_texts(
    source: str | Path,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    lines: bool = False,
    keep_columns: bool = False,
    on_error: OnError = stop,
    on_left_out: OnLeftOut | None = None,
) -> Iterator[TextItem]:
    """Yield the texts of one source.

    A `.txt` file is one text, named by its stem; a folder gives every `.txt` file below it that is not hidden, sorted,
    named by its path without suffix; `-` is standard input. CSV, TSV, JSON Lines and Parquet give one text a row. Any
    of them but Parquet may be gzipped (`.gz`).

    :param text_column: column that holds the text; by default the one of `text`, `report`, `caption` and `findings`
        that exists.
    :param id_column: column that names the text; by default `id` or a similar one, else the row's number from 1.
    :param lines: take each line of a `.txt` file or of standard input as a text, named by its number.
    :param keep_columns: yield a `RowItem` with all cells of the row for each text of a table.
    :param on_error: called with every fault and its place; `stop` raises it as a DataError.
    :param on_left_out: called with the number of files of a folder that are not read, if there are any.
    :raises DataError: from `stop`, if a file, a row or its encoding is faulty, or there is no text.
    """
    place = _STDIN_NAME if source == STDIN else str(source)
    request = _Request(place, Columns(text_column, id_column), lines, keep_columns)
    for found in _guarded(_find(source, request), request.place):
        if isinstance(found, Skipped):
            on_error(found)
        elif isinstance(found, TextItem):
            yield found
        elif on_left_out is not None:
            on_left_out(found)


def _guarded(found: Found, place: str) -> Found:
    """Yield `found`; an error of the operating system or of gzip becomes a last `Skipped`."""
    try:
        yield from found
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "damaged, or cut short"
        yield Skipped(place, f"cannot be read ({reason}); check the file and its permissions")


def _find(source: str | Path, request: _Request) -> Found:
    if source == STDIN:
        return _text(sys.stdin.buffer, "stdin", request)
    path = Path(source)
    if not _exists(path):
        return iter([_missing(path)])
    return _folder(path, request) if path.is_dir() else _file(path, request)


def _exists(path: Path) -> bool:
    """Return whether a path exists; False for strings that are no path, e.g. a whole text, or a name with NUL."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _missing(path: Path) -> Skipped:
    if any(c.isspace() for c in str(path)) and _suffix(path) not in _KINDS:
        hint = "it has blanks, so it may be a text; pipe it: echo '…' | udt normalize -"
        return Skipped(f"an argument of {len(str(path))} characters", f"no such file or folder; {hint}")
    return Skipped(str(path), "no such file or folder; check the path")


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _folder(path: Path, request: _Request) -> Found:
    listing = Listing.of(path)
    left_out = LeftOut(request.place, listing.counts)
    if listing.counts:
        yield left_out
    yield from listing.faults
    if not listing.texts:
        holds = f" (it holds {left_out.listed})" if listing.counts else ""
        hint = "give the file itself, or a folder of .txt files"
        yield Skipped(request.place, f"the folder holds no .txt file{holds}; {hint}")
    for file, name in zip(listing.texts, listing.names(path), strict=True):
        one = _Request(str(file), request.columns, request.lines)
        yield from _guarded(_opened(file, _text, name, one), one.place)


def _file(path: Path, request: _Request) -> Found:
    """Read a regular file by its suffix, and a pipe or device, which has none, as text."""
    suffix = _suffix(path) if path.is_file() else ".txt"
    if suffix == path.suffix.lower() == ".parquet":
        columns = None if request.keep_columns else request.columns
        return _rows(parquet_rows(path, request.place, columns), request)
    if suffix in _KINDS:
        return _opened(path, _KINDS[suffix], Path(path.name.removesuffix(".gz")).stem, request)
    got = f"the suffix '{suffix}'" if suffix else "no suffix"
    allowed = f"{', '.join(_KINDS)}, each also with .gz, and .parquet"
    return iter([Skipped(request.place, f"has {got}; allowed: {allowed}; rename it, or pipe it to 'udt normalize -'")])


def _opened(path: Path, read: _Reader, name: str, request: _Request) -> Found:
    with path.open("rb") as raw:
        if path.suffix.lower() != ".gz":
            yield from read(raw, name, request)
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield from read(io.BufferedReader(unpacked), name, request)


def _text(stream: BinaryIO, name: str, request: _Request) -> Found:
    if request.lines:
        yield from _lines(stream, request)
        return
    data = stream.read(_LONGEST_FILE + 1)
    if len(data) > _LONGEST_FILE:
        yield Skipped(request.place, f"has more than {_LONGEST_FILE:,} bytes, too many for one text; split it")
    else:
        text = decoded(data, request.place)
        yield text if isinstance(text, Skipped) else _named(name, text, request.place)


def _named(name: str, text: str, place: str) -> TextItem | Skipped:
    """Return a text with its name; a fault if one of them cannot be kept."""
    if not text.strip():
        return Skipped(place, "is empty; give a text of at least one word")
    if fault := fault_of_text(text):
        return Skipped(place, f"the text {fault}")
    fault = fault_of_name(name)
    return Skipped(place, f"the name of the file {fault}") if fault else TextItem(name, text)


def _lines(stream: BinaryIO, request: _Request) -> Found:
    found = False
    for number, text in stripped_lines(stream, request.place):
        found = True
        place = f"{request.place}:{number}"
        yield text if isinstance(text, Skipped) else _named(str(number), text, place)
    if not found:
        yield Skipped(request.place, "is empty; give one text a line")


def _csv(stream: BinaryIO, name: str, request: _Request) -> Found:
    return _rows(csv_rows(stream, request.place, ","), request)


def _tsv(stream: BinaryIO, name: str, request: _Request) -> Found:
    return _rows(csv_rows(stream, request.place, "\t"), request)


def _json_lines(stream: BinaryIO, name: str, request: _Request) -> Found:
    return _rows(json_rows(stream, request.place), request)


def _rows(rows: Iterator[Row | Skipped], request: _Request) -> Found:
    chosen: tuple[str, str | None] | None = None
    found = False
    for row in rows:
        found = True
        if isinstance(row, Skipped):
            yield row
            continue
        if chosen is None:
            named = request.columns.among(list(row.cells), request.place)
            if isinstance(named, Skipped):
                yield named
                return
            chosen = named
        item = _item(row, *chosen)
        yield RowItem.of(item, row.cells) if request.keep_columns and isinstance(item, TextItem) else item
    if not found:
        yield Skipped(request.place, "is empty; give at least one row of data")


def _item(row: Row, text_column: str, id_column: str | None) -> TextItem | Skipped:
    text = row.text(text_column)
    if isinstance(text, Skipped):
        return text
    name = str(row.number) if id_column is None else row.name(id_column)
    return name if isinstance(name, Skipped) else TextItem(name, text)


_KINDS: dict[str, _Reader] = {
    ".txt": _text,
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
