"""Read reports: from texts, which are normalised, and back from their JSON objects."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from udt.core.errors import DataError, UnknownConceptError
from udt.core.report import FIRST_SCHEMA, SCHEMA, Report
from udt.core.report_reading import report_from_dict
from udt.core.report_schema import report_faults
from udt.core.strict_json import DECODER, check_levels, worded
from udt.core.texts import brief
from udt.io.encodings import Detected
from udt.io.readers import STDIN, TextItem, read_texts


class Named(Protocol):
    """An object with an id: a report, or a text."""

    @property
    def id(self) -> str:
        """Its name."""


T = TypeVar("T", bound=Named)

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")

_HINT = "give a report as 'udt normalize --format json' writes it, or the text itself"
_MOST_NAMES = 10
_MOST_FAULTS = 5


def read_report(
    source: str,
    id: str | None = None,
    extensions: Sequence[Path] = (),
    on_detected: Callable[[Detected], None] | None = None,
) -> Report:
    """Read one report from a source: `-` for standard input, a file of its JSON objects, or one of texts.

    :param id: id of the report, if there are several.
    :param extensions: Turtle files that extend the taxonomy, for a text.
    :param on_detected: called if the encoding of a text was detected and is not UTF-8.
    :raises DataError: if the source cannot be read, or has several reports and no id is given.
    :raises UnknownConceptError: if it has no report of that id.
    """
    from udt.normalize.normalizer import Normalizer

    place = "standard input" if source == STDIN else source
    content = _content(source, place)
    if content is not None and (source != STDIN or content.lstrip()[:1] in ("{", "[")):
        return pick(reports_in(content, place), id, place)
    texts = [TextItem("stdin", content)] if content is not None else read_texts(source, on_detected=on_detected)
    chosen = pick(texts, id, place)
    return Normalizer(extensions).normalize(chosen.text, chosen.id)


def _content(source: str, place: str) -> str | None:
    """Read standard input or a file of JSON; None for other files, which hold texts."""
    if source != STDIN and Path(source).suffix.lower() not in JSON_SUFFIXES:
        return None
    try:
        data = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if not content.strip():
        raise DataError(f"{place}: is empty; give a report")
    return content


def reports_in(content: str, place: str) -> Iterator[Report]:
    """Yield the reports in JSON: one object, several in sequence (JSON Lines), or a list of them.

    Their text is not in that form, so `Report.text` is empty.

    :param place: name of the source in an error.
    :raises DataError: if it is not JSON, or not of reports.
    """
    for number, value in enumerate(_values(content, place), 1):
        yield report_of(value, f"{place}, report {number}")


def report_of(data: object, place: str) -> Report:
    """Build the report of a JSON object, of `udt-report/2` or `udt-report/1`, without its text.

    :raises DataError: if it is of another kind, or incomplete.
    """
    if not isinstance(data, Mapping) or data.get("schema") not in (SCHEMA, FIRST_SCHEMA):
        schema = data.get("schema") if isinstance(data, Mapping) else None
        got = f"is an object of '{brief(schema)}'" if isinstance(schema, str) else "is something else"
        raise DataError(f"{place}: {got}; expected an object of '{SCHEMA}'; {_HINT}")
    if faults := list(islice(report_faults(data), _MOST_FAULTS)):
        raise DataError(f"{place}: is no valid '{data['schema']}': {'; '.join(faults)}; {_HINT}")
    return report_from_dict(data)


def pick(reports: Iterable[T], id: str | None, place: str) -> T:
    """Return the only report or text, or the one with the id.

    :raises UnknownConceptError: if none has the id.
    :raises DataError: if there is none, or there are several and no id is given.
    """
    found = list(reports)
    chosen = [report for report in found if id is None or report.id == id]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(brief(report.id) or "(no id)" for report in (chosen or found)[:_MOST_NAMES])
    more = " …" if len(chosen or found) > _MOST_NAMES else ""
    if chosen:
        raise DataError(f"{place}: holds {len(chosen)} reports to choose from: {names}{more}; name one with --id")
    if id is None:
        raise DataError(f"{place}: holds no report; {_HINT}")
    raise UnknownConceptError(str(id), f"{place}: has no report '{brief(id)}'; it has {names or 'none at all'}{more}")


def _values(content: str, place: str) -> Iterator[Any]:
    position, content = 0, content.strip()
    while position < len(content):
        try:
            value, end = DECODER.raw_decode(content, position)
            check_levels(content[position:end], value)
        except RecursionError as error:
            raise DataError(f"{place}: is nested too deep; {_HINT}") from error
        except ValueError as error:
            raise DataError(f"{place}: is not valid JSON ({worded(error)}); {_HINT}") from error
        position = end
        yield from value if isinstance(value, list) else [value]
        while position < len(content) and content[position].isspace():
            position += 1
