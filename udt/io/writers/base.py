"""The parts of a writer: reports are encoded one by one, in any process, and the encoded reports are then joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Generic, Literal, TypeVar

T = TypeVar("T")

RowsOf = Literal["reports", "findings"]
"""Whether a row of a table is a report or a finding."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a writer.

    :ivar extensions: Turtle files that extend the taxonomy.
    :ivar color: whether the output may use the colours of a terminal.
    :ivar width: columns of the terminal, for the formats that are meant to be read.
    :ivar private: whether all words of the texts are left out, as by `Report.without_text`.
    :ivar formulas: whether cells that a spreadsheet program would run keep their first character as it is.
    :ivar rows: whether a row of a table is a report or a finding.
    :ivar bom: whether CSV begins with a byte-order mark, by which spreadsheet programs know UTF-8.
    :ivar base_iri: base of the IRIs of reports in RDF; empty for `urn:uuid:`.
    """

    extensions: tuple[Path, ...] = ()
    color: bool = False
    width: int = 100
    private: bool = False
    formulas: bool = False
    rows: RowsOf = "reports"
    bom: bool = False
    base_iri: str = ""


@dataclass(frozen=True, slots=True)
class ReportWriter(Generic[T]):
    """How reports become a file.

    :ivar encode: turns one report into its part of the file; it can be pickled, and so can the part. See
        `ReportFormat.sourced`.
    :ivar write: streams parts to a binary handle and returns how many there were.
    :ivar keep: returns a part with the columns of the row that the text comes from; None if the format has no columns.
    """

    encode: Callable[..., T]
    write: Callable[[Iterable[T], BinaryIO], int]
    keep: Callable[[T, Mapping[str, object]], T] | None = None


@dataclass(frozen=True, slots=True)
class ReportFormat:
    """An output format, as its module declares it.

    :ivar writer: makes the writer for some settings.
    :ivar suffixes: lower-case suffixes of file names that mean this format, e.g. `.fhir.json`.
    :ivar binary: whether it is not meant for a terminal.
    :ivar shows_text: whether it shows the text itself, so that it has no private form.
    :ivar tabular: whether it has rows and columns, of reports or of findings.
    :ivar sourced: whether `encode` of its writer takes the `TextSource` of the report, or None, as a second argument.
    """

    writer: Callable[[Settings], ReportWriter[Any]]
    suffixes: tuple[str, ...] = ()
    binary: bool = False
    shows_text: bool = False
    tabular: bool = False
    sourced: bool = False


def text_writer(
    encode: Callable[..., str], *, head: str = "", between: str = "", tail: str = "", empty: str | None = None
) -> ReportWriter[str]:
    """Make a writer of UTF-8 text: `head`, the parts with `between` them, `tail`.

    :param empty: the whole file if there is no report; by default `head` and `tail`.
    """
    whole = head + tail if empty is None else empty
    return ReportWriter(encode, partial(_write_text, head=head, between=between, tail=tail, empty=whole))


def _write_text(parts: Iterable[str], handle: BinaryIO, *, head: str, between: str, tail: str, empty: str) -> int:
    count = 0
    for count, part in enumerate(parts, 1):
        handle.write(((head if count == 1 else between) + part).encode("utf-8"))
    handle.write((tail if count else empty).encode("utf-8"))
    return count
