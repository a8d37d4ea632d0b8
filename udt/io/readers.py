"""Read texts one at a time from files, folders and standard input.

Tables, JSON Lines, HL7 messages and folders are streamed: their number of texts takes no memory.

An unreadable text is a value, `Skipped`, until it reaches the caller's `on_error`: `stop` raises it, `skipped.append`
collects it and continues. A reason never quotes a text.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from udt.core.errors import DataError
from udt.core.strict_json import StrictJsonError, parse_json
from udt.core.texts import LONGEST_TEXT, fault_of_name, fault_of_text
from udt.io.encodings import Detected, EncodingError, Utf8Reader, decoded, known_encoding
from udt.io.folder import LeftOut, Listing, shown_suffix, suffix_of, without_suffix
from udt.io.formats.errors import LARGEST_DOCUMENT, UnreadableError
from udt.io.formats.fhir import fhir_texts, is_fhir, no_report
from udt.io.formats.hl7 import hl7_texts
from udt.io.formats.media import SIGNATURE_BYTES, SUFFIXES, document_text, kind_of_bytes
from udt.io.items import TextItem
from udt.io.parquet_rows import parquet_rows
from udt.io.rows import Columns, Row, Skipped, csv_rows, json_rows, stripped_lines

__all__ = ["STDIN", "TextItem", "read_texts", "stop"]

OnError = Callable[[Skipped], None]
OnLeftOut = Callable[[LeftOut], None]
OnDetected = Callable[[Detected], None]
Found = Iterator["TextItem | Skipped | LeftOut"]

STDIN = "-"
_STDIN_NAME = "standard input"
_LONGEST_FILE = 4 * LONGEST_TEXT
_LOT = 10_000  # resources of FHIR that may refer to one another in a file of lines


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
    """The options of a source.

    :ivar encoding: of its texts; None to detect it.
    """

    place: str
    columns: Columns
    lines: bool
    encoding: str | None = None
    on_detected: OnDetected | None = None
    keep_columns: bool = False

    def detected(self, encoding: str) -> None:
        """Report an encoding that was detected."""
        if self.on_detected is not None:
            self.on_detected(Detected(self.place, encoding))

    def utf8(self, stream: BinaryIO) -> BinaryIO:
        """Return a stream of text as UTF-8."""
        return Utf8Reader(stream, self.encoding, self.detected)


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
    encoding: str | None = None,
    keep_columns: bool = False,
    on_error: OnError = stop,
    on_left_out: OnLeftOut | None = None,
    on_detected: OnDetected | None = None,
) -> Iterator[TextItem]:
    """Yield the texts of one source.

    A document (`.txt`, `.md`, `.html`, `.rtf`, `.docx`, `.pdf`) is one text, named by its stem. CSV, TSV, JSON Lines
    and Parquet give one text a row, HL7 v2 (`.hl7`) and FHIR (`.json`, `.ndjson`) one a report. A folder gives the
    documents and messages below it that are not hidden, sorted, named by their paths without suffix; `-` is standard
    input. Any of them but Parquet may be gzipped (`.gz`). The case of suffixes does not matter. A file that begins as
    RTF, PDF, DOCX, HTML, HL7 or FHIR is read as such if its suffix is `.txt`, or of no format.

    :param text_column: column that holds the text; by default the one of `text`, `report`, `caption` and `findings`
        that exists.
    :param id_column: column that names the text; by default `id` or a similar one, else the row's number from 1.
    :param lines: take each line of a `.txt` file or of standard input as a text, named by its number.
    :param encoding: encoding of texts, tables and messages; by default UTF-8, or UTF-16, cp1252 or GB18030 if it is
        detected.
    :param keep_columns: yield a `RowItem` with all cells of the row for each text of a table.
    :param on_error: called with every fault and its place; `stop` raises it as a DataError.
    :param on_left_out: called with the number of files of each folder that are read, and that are not.
    :param on_detected: called with each file whose encoding was detected and is not UTF-8.
    :raises DataError: if there is no such encoding; from `stop`, if a file, a row or its encoding is faulty, or there
        is no text.
    """
    try:
        encoding = None if encoding is None else known_encoding(encoding)
    except EncodingError as error:
        raise DataError(str(error)) from error
    place = _STDIN_NAME if source == STDIN else str(source)
    request = _Request(place, Columns(text_column, id_column), lines, encoding, on_detected, keep_columns)
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
        return _document(sys.stdin.buffer, "stdin", request)
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
    if any(c.isspace() for c in str(path)) and suffix_of(path) not in _KINDS:
        hint = "it has blanks, so it may be a text; pipe it: echo '…' | udt normalize -"
        return Skipped(f"an argument of {len(str(path))} characters", f"no such file or folder; {hint}")
    return Skipped(str(path), "no such file or folder; check the path")


def _folder(path: Path, request: _Request) -> Found:
    listing = Listing.of(path, _kind_in_folder)
    left_out = LeftOut(request.place, listing.counts, listing.read)
    yield left_out
    yield from listing.faults
    if not listing.texts:
        holds = f" (it holds {left_out.listed})" if listing.counts else ""
        hint = "give the file itself, or a folder of such files"
        yield Skipped(request.place, f"the folder holds no file of {', '.join(_IN_FOLDERS)}{holds}; {hint}")
    for file, name in zip(listing.texts, listing.names(path), strict=True):
        one = replace(request, place=str(file))
        yield from _guarded(_opened(file, _reader(suffix_of(file)), name, one), one.place)


def _kind_in_folder(path: Path) -> tuple[bool, str]:
    """Return whether a file of a folder is read, and the kind under which it is counted."""
    suffix = suffix_of(path)
    if suffix in _IN_FOLDERS:
        return True, suffix
    if suffix in (".json", ".ndjson"):
        return (True, suffix) if _begins_as(path, "fhir") else (False, f"{suffix} (no FHIR)")
    if suffix in _KINDS or suffix == ".parquet":
        return False, f"{suffix} (table)"
    return suffix not in _OTHER_FORMATS and _begins_as(path, "hl7"), shown_suffix(path)


def _begins_as(path: Path, kind: str) -> bool:
    try:
        with path.open("rb") as raw:
            stream = gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
            return kind_of_bytes(stream.read(SIGNATURE_BYTES)) == kind
    except (OSError, EOFError, zlib.error):
        return False


def _file(path: Path, request: _Request) -> Found:
    """Read a regular file by its suffix, and a pipe or device, which has none, as text."""
    suffix = suffix_of(path) if path.is_file() else ".txt"
    if suffix == path.suffix.lower() == ".parquet":
        columns = None if request.keep_columns else request.columns
        return _rows(parquet_rows(path, request.place, columns), request)
    name = without_suffix(path) if suffix in _KINDS else path.name
    return _opened(path, _reader(suffix), name, request)


def _reader(suffix: str) -> _Reader:
    return _KINDS.get(suffix, partial(_unknown, suffix))


def _unknown(suffix: str, stream: BinaryIO, name: str, request: _Request) -> Found:
    """Read a file whose suffix belongs to no format, if its beginning shows the format."""
    kind = kind_of_bytes(stream.read(SIGNATURE_BYTES))
    if kind is not None and not (kind == "docx" and suffix in _OTHER_FORMATS and suffix != ".doc"):
        stream.seek(0)
        if kind == "hl7":
            yield from _hl7(stream, name, request)
        else:
            yield from _content(stream.read(LARGEST_DOCUMENT + 1), "text", name, request)
        return
    got = f"the suffix '{suffix}'" if suffix else "no suffix"
    allowed = f"{', '.join(_KINDS)}, each also with .gz, and .parquet"
    hint = _OTHER_FORMATS.get(suffix, "if it is a text, pipe it: udt normalize - < FILE")
    yield Skipped(request.place, f"has {got} and does not begin as a known format; allowed: {allowed}; {hint}")


def _opened(path: Path, read: _Reader, name: str, request: _Request) -> Found:
    with path.open("rb") as raw:
        if path.suffix.lower() != ".gz":
            yield from read(raw, name, request)
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield from read(io.BufferedReader(unpacked), name, request)


def _document(stream: BinaryIO, name: str, request: _Request, kind: str = "text") -> Found:
    if request.lines and kind == "text":
        yield from _lines(request.utf8(stream), request)
        return
    longest = _LONGEST_FILE if kind == "text" else LARGEST_DOCUMENT
    data = stream.read(longest + 1)
    if len(data) > longest:
        yield Skipped(request.place, f"has more than {longest:,} bytes, too many for one text; split it")
    else:
        yield from _content(data, kind, name, request)


def _content(data: bytes, kind: str, name: str, request: _Request) -> Found:
    """Read a document; the signature of another format at its beginning has precedence over its suffix."""
    kind = kind_of_bytes(data[:SIGNATURE_BYTES]) or kind
    if kind == "hl7":
        yield from _hl7(io.BytesIO(data), name, request)
    elif kind == "fhir":
        yield from _json(io.BytesIO(data), name, request)
    else:
        try:
            text = document_text(kind, data, request.encoding, request.detected)
        except (UnreadableError, EncodingError) as error:
            yield Skipped(request.place, str(error))
        else:
            yield _named(name, text, request.place)


def _hl7(stream: BinaryIO, name: str, request: _Request) -> Found:
    return hl7_texts(stream, request.place, request.encoding, request.detected)


def _json(stream: BinaryIO, name: str, request: _Request) -> Found:
    """Read a file of JSON: FHIR, rows as a list of objects or one, or JSON Lines."""
    data = stream.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        yield Skipped(request.place, f"has more than {LARGEST_DOCUMENT:,} bytes; split it, or give JSON Lines")
        return
    try:
        value = parse_json(decoded(data, request.encoding, request.detected))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            yield from _json_lines(io.BytesIO(data), name, replace(request, on_detected=None))
            return
        at = f"line {error.lineno}, column {error.colno}"
        yield Skipped(request.place, f"not valid JSON at {at} ({error.msg}); write it again")
        return
    except (StrictJsonError, EncodingError) as error:
        yield Skipped(request.place, f"{'' if isinstance(error, EncodingError) else 'not valid JSON: '}{error}")
        return
    values = value if isinstance(value, list) else [value]
    one = not isinstance(value, list)
    rows = (_value_row(v, request.place if one else f"{request.place}:{n}", n) for n, v in enumerate(values, 1))
    yield from _objects(rows, request)


def _value_row(value: object, place: str, number: int) -> Row | Skipped:
    if isinstance(value, dict):
        return Row(place, number, value)
    return Skipped(place, "is no JSON object; allowed: resources of FHIR, or objects with a text and an id")


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


def _table(stream: BinaryIO, name: str, request: _Request, separator: str) -> Found:
    return _rows(csv_rows(request.utf8(stream), request.place, separator, request.columns), request)


def _json_lines(stream: BinaryIO, name: str, request: _Request) -> Found:
    return _objects(json_rows(request.utf8(stream), request.place), request)


def _objects(rows: Iterator[Row | Skipped], request: _Request) -> Found:
    """Read rows of JSON as FHIR if the first one is a resource, whose `text` is an object."""
    for row in rows:
        if isinstance(row, Row):
            named = request.columns.among(list(row.cells), row.place)
            has_text = not isinstance(named, Skipped) and isinstance(row.cells[named[0]], str)
            read = _fhir if is_fhir(row.cells) and not has_text else _rows
            yield from read(chain([row], rows), request)
            return
        yield row
    yield Skipped(request.place, "is empty; give at least one row of data")


def _fhir(rows: Iterator[Row | Skipped], request: _Request) -> Found:
    """Read resources, in lots that may refer to one another."""
    found = False
    first: list[dict[str, object]] = []
    while lot := list(islice(rows, _LOT)):
        resources = []
        for row in lot:
            if isinstance(row, Skipped):
                yield row
            elif not is_fhir(row.cells):
                yield Skipped(row.place, "is no resource of FHIR, unlike those before; give it in a file of its own")
            else:
                resources.append((row.place, row.cells))
        first = first or [dict(cells) for _, cells in resources[:8]]
        for item in fhir_texts(resources):
            found = True
            yield item
    if not found:
        yield no_report(request.place, first)


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
    **{suffix: partial(_document, kind=kind) for suffix, kind in SUFFIXES.items()},
    ".hl7": _hl7,
    ".json": _json,
    ".csv": partial(_table, separator=","),
    ".tsv": partial(_table, separator="\t"),
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}
_IN_FOLDERS = (*SUFFIXES, ".hl7")
_OTHER_FORMATS = {
    **dict.fromkeys((".doc", ".odt", ".wpd", ".pages"), "save it as DOCX, PDF or text"),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save the sheet as CSV"),
    **dict.fromkeys((".xml", ".cda"), "CDA and other XML are not read; export HL7 v2, FHIR in JSON, or text"),
    **dict.fromkeys((".dcm", ".sr"), "DICOM is not read; export the text of the report"),
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff"), "it is an image; recognise its text first"),
    ".zip": "unpack it, and give the folder",
}
