"""Output formats of reports by name; another package adds one by an entry point of the group `udt.writers`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from udt.core.errors import DataError
from udt.core.registry import Registry
from udt.core.report import Report
from udt.io.items import TextSource
from udt.io.writers.base import ReportFormat, ReportWriter, Settings

T = TypeVar("T")

FORMATS: Registry[ReportFormat] = Registry(
    "output format",
    "udt.writers",
    {
        name: f"udt.io.writers.{name}:FORMAT"
        for name in ("table", "explain", "json", "jsonl", "csv", "xlsx", "parquet", "ttl", "jsonld", "fhir")
    },
    expected=ReportFormat,
)


def writer(format: str, settings: Settings | None = None) -> ReportWriter[Any]:
    """Return the writer of one format; its module is imported only now.

    With `settings.private`, it is given private reports alone, so that no format can write words of a text.

    :raises DataError: if there is no such format, it has no private form, or no rows of findings.
    :raises TaxonomyError: if `ttl`, `jsonld` or `fhir` need the taxonomy and an extension of it is faulty.
    """
    chosen, settings = FORMATS.load(format), settings or Settings()
    if settings.rows != "reports" and not chosen.tabular:
        raise DataError(f"the format '{format}' has no rows of {settings.rows}; allowed: {', '.join(tables())}")
    made = chosen.writer(settings)
    if not settings.private:
        return made
    if chosen.shows_text:
        raise DataError(f"the format '{format}' shows the text itself, so it has no private form; choose another")
    return replace(made, encode=partial(_encode_private, made.encode))


def tables() -> tuple[str, ...]:
    """Return the names of the formats that have rows and columns.

    :raises DataError: if a format of another package cannot be imported.
    """
    return tuple(name for name in FORMATS.names() if FORMATS.load(name).tabular)


def _encode_private(encode: Callable[..., T], report: Report, *given: TextSource | None) -> T:
    return encode(report.without_text(), *given)


def format_of(path: Path) -> str | None:
    """Return the name of the format that the suffix of `path` belongs to, or None if it belongs to none.

    A longer suffix (`.fhir.json`) precedes a shorter one (`.json`), and a built-in format one of another package.

    :raises DataError: if a format of another package has to be looked at and cannot be imported.
    """
    parts = path.suffixes
    for start in range(len(parts)):
        suffix = "".join(parts[start:]).lower()
        for name in FORMATS.names():
            if suffix in FORMATS.load(name).suffixes:
                return name
    return None


def write_reports(reports: Iterable[Report], handle: BinaryIO, format: str, settings: Settings | None = None) -> int:
    """Stream `reports` to `handle`; return how many there were.

    :raises DataError: if there is no such format.
    """
    chosen = writer(format, settings)
    return chosen.write(map(chosen.encode, reports), handle)
