"""Parquet: one row a report, with the columns and nesting of `udt-report/1`, in row groups of a thousand."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from udt.core.report import Report
from udt.core.report_schema import dimension_keys
from udt.io.writers.base import ReportFormat, ReportWriter, Settings

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 1000


def writer(settings: Settings) -> ReportWriter[dict[str, Any]]:
    """Make a writer of Parquet; the handle need not be seekable."""
    return ReportWriter(Report.to_dict, partial(_write, private=settings.private))


def _write(rows: Iterable[dict[str, Any]], handle: BinaryIO, *, private: bool) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(private)
    source = iter(rows)
    count = 0
    with pq.ParquetWriter(handle, schema) as file:
        while group := list(islice(source, _ROW_GROUP)):
            file.write_table(pa.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def arrow_schema(private: bool = False) -> pa.Schema:
    """Return the Arrow schema of `udt-report/1`.

    :param private: whether it is that of private reports, whose evidence has no words.
    """
    import pyarrow as pa

    text, place = pa.string(), [("start", pa.int64()), ("end", pa.int64())]
    labels = pa.struct([(key, pa.list_(text)) for key in dimension_keys()])
    lengths = pa.list_(pa.float64())
    measurement = pa.struct([("values", lengths), ("unit", text), ("values_mm", lengths), *place])
    words, cues = ([], []) if private else ([("text", text)], [("cue", text)])
    evidence = [("dimension", text), ("label", text), ("concept", text), *place, *words]
    evidence += [("certainty", text), *cues, ("reason", text)]
    finding = [("id", text), ("certainty", text), ("section", text), ("organ", text), ("laterality", text)]
    finding += [("labels", labels), ("measurements", pa.list_(measurement))]
    finding += [("evidence", pa.list_(pa.struct(evidence))), *place]
    return pa.schema(
        [
            ("schema", text),
            *([("private", pa.bool_())] if private else []),
            *((name, text) for name in ("id", "language", "text_sha256")),
            *((name, labels) for name in ("labels", "possible", "absent")),
            ("sections", pa.list_(pa.struct([("label", text), *place]))),
            ("findings", pa.list_(pa.struct(finding))),
            ("provenance", pa.struct([("tool", text), ("version", text), ("taxonomy", text)])),
        ]
    )


FORMAT = ReportFormat(writer, suffixes=(".parquet",), binary=True)
