"""Parquet: one row a report, with the columns and nesting of `udt-report/1`, in row groups of a thousand.

`attributes` is a map from the key of a dimension to its labels, since a report has only those with labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings
from udt.io.writers.vocabulary import DimensionKeys, of_one_taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 1000

_Row = dict[str, Any]


def writer(settings: Settings) -> ReportWriter[_Row]:
    """Make a writer of Parquet; the handle need not be seekable.

    The dimensions are those of the first report. A file without reports has those of the taxonomy.
    """
    write = partial(_write, private=settings.private, extensions=settings.extensions)
    return ReportWriter(_row, write)


def _row(report: Report) -> _Row:
    """Return the object of a report with its attributes as pairs, the form of a map in Arrow."""
    found = report.to_dict()
    findings = [{**finding, "attributes": list(finding["attributes"].items())} for finding in found["findings"]]
    return {**found, "attributes": list(found["attributes"].items()), "findings": findings}


def _write(rows: Iterable[_Row], handle: BinaryIO, *, private: bool, extensions: Sequence[Path]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = of_one_taxonomy((tuple(row["labels"]), row) for row in rows)
    first = next(source, None)
    tasks = DimensionKeys.load(extensions).tasks if first is None else first[0]
    schema = arrow_schema(tasks, private)
    groups = _groups(source if first is None else chain([first], source))
    count = 0
    with pq.ParquetWriter(handle, schema) as file:
        for group in groups:
            file.write_table(pa.Table.from_pylist(group, schema=schema))
            count += len(group)
    return count


def _groups(rows: Iterator[tuple[tuple[str, ...], _Row]]) -> Iterator[list[_Row]]:
    while group := [row for _, row in islice(rows, _ROW_GROUP)]:
        yield group


def arrow_schema(tasks: Sequence[str], private: bool = False) -> pa.Schema:
    """Return the Arrow schema of `udt-report/1`.

    :param tasks: keys of the dimensions with a classification task.
    :param private: whether it is that of private reports, whose evidence has no words.
    """
    import pyarrow as pa

    text, place = pa.string(), [("start", pa.int64()), ("end", pa.int64())]
    labels = pa.struct([(key, pa.list_(text)) for key in tasks])
    attributes = pa.map_(text, pa.list_(text))
    lengths = pa.list_(pa.float64())
    measurement = pa.struct([("values", lengths), ("unit", text), ("values_mm", lengths), *place])
    words, cues = ([], []) if private else ([("text", text)], [("cue", text)])
    evidence = [("dimension", text), ("label", text), ("concept", text), *place, *words]
    evidence += [("certainty", text), *cues, ("reason", text)]
    finding = [("id", text), ("certainty", text), ("section", text), ("organ", text), ("laterality", text)]
    finding += [("labels", labels), ("attributes", attributes), ("measurements", pa.list_(measurement))]
    finding += [("evidence", pa.list_(pa.struct(evidence))), *place]
    return pa.schema(
        [
            ("schema", text),
            *([("private", pa.bool_())] if private else []),
            *((name, text) for name in ("id", "language", "text_sha256")),
            *((name, labels) for name in ("labels", "possible", "absent")),
            ("attributes", attributes),
            ("sections", pa.list_(pa.struct([("label", text), *place]))),
            ("findings", pa.list_(pa.struct(finding))),
            ("provenance", pa.struct([("tool", text), ("version", text), ("taxonomy", text)])),
        ]
    )


FORMAT = ReportFormat(writer, suffixes=(".parquet",), binary=True)
