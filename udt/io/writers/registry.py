"""Output formats of reports by name; another package adds one by an entry point of the group `udt.writers`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from udt.core.registry import Registry
from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings

FORMATS: Registry[ReportFormat] = Registry(
    "output format",
    "udt.writers",
    {
        name: f"udt.io.writers.{name}:FORMAT"
        for name in ("table", "explain", "json", "jsonl", "csv", "parquet", "ttl", "fhir")
    },
    expected=ReportFormat,
)


def writer(format: str, settings: Settings | None = None) -> ReportWriter[Any]:
    """Return the writer of one format; its module is imported only now.

    :raises DataError: if there is no such format.
    :raises TaxonomyError: if `ttl` or `fhir` need the taxonomy and an extension of it is faulty.
    """
    return FORMATS.load(format).writer(settings or Settings())


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
