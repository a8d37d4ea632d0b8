"""Writes reports, one small module a format. Each has `writer(settings)`, which gives a `ReportWriter`."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, BinaryIO

from udt.core.errors import DataError
from udt.core.report import Report
from udt.io.writers.base import ReportWriter, Settings

FORMATS = ("table", "json", "jsonl", "csv", "parquet", "ttl", "fhir")


def writer(format: str, settings: Settings | None = None) -> ReportWriter[Any]:
    """The writer of one format; its module is imported only now.

    :raises DataError: where there is no such format.
    :raises TaxonomyError: where `ttl` or `fhir` need the taxonomy and an extension of it is faulty.
    """
    if format not in FORMATS:
        raise DataError(f"'{format}' is no output format; allowed: {', '.join(FORMATS)}")
    made: ReportWriter[Any] = import_module(f"udt.io.writers.{format}").writer(settings or Settings())
    return made


def write_reports(reports: Iterable[Report], handle: BinaryIO, format: str, settings: Settings | None = None) -> int:
    """Stream `reports` to `handle`; return how many there were.

    :raises DataError: where there is no such format.
    """
    chosen = writer(format, settings)
    return chosen.write(map(chosen.encode, reports), handle)
