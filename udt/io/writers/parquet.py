"""Parquet: one row a report or a finding, with the columns and nesting of `udt-report/2`, in row groups of a thousand.

Three parts differ from JSON, since a column has one type: `attributes` and `location` are maps, and the `count` of a
finding is a text. A row a finding has the columns `report_id` and `finding_id` in place of `id`. Kept columns of the
input are texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, RowsOf, Settings
from udt.io.writers.columns import ReportRows, ReportTable, kept

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 1000
_OF_REPORT = ("language", "text_sha256")
"""Columns of the report in the row of a finding."""

_Row = dict[str, Any]
_Rows = ReportRows[_Row]
_Field = tuple[str, Any]


def writer(settings: Settings) -> ReportWriter[_Rows]:
    """Make a writer of Parquet; the handle need not be seekable.

    The dimensions are those of the first report. A file without reports has those of the taxonomy.
    """
    return ReportWriter(partial(_encode, settings.rows), partial(_write, settings), kept)


def _encode(rows: RowsOf, report: Report) -> _Rows:
    found = report.to_dict()
    findings = [_with_pairs(finding) for finding in found["findings"]]
    if rows == "reports":
        whole: tuple[_Row, ...] = ({**_pairs(found, "attributes"), "findings": findings},)
    else:
        shared = {name: found[name] for name in (*_OF_REPORT, "private") if name in found}
        whole = tuple({"report_id": report.id, "finding_id": one.pop("id"), **shared, **one} for one in findings)
    return ReportRows(tuple(report.labels), whole, {})


def _with_pairs(finding: Mapping[str, Any]) -> _Row:
    """Return the object of a finding in the form of its columns."""
    count = finding["count"]
    return {**_pairs(finding, "attributes", "location"), "count": None if count is None else str(count)}


def _pairs(value: Mapping[str, Any], *names: str) -> _Row:
    """Return an object with some of its objects as pairs, the form of a map in Arrow."""
    return {**value, **{name: list(value[name].items()) for name in names}}


def _write(settings: Settings, parts: Iterable[_Rows], handle: BinaryIO) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = ReportTable(settings, parts)
    schema = arrow_schema(table.keys, settings.private, settings.rows)
    names = table.kept_names(schema.names)
    whole = pa.schema([*((name, pa.string()) for name in names), *schema])
    with pq.ParquetWriter(handle, whole) as file:
        for group in _groups(_rows(table, names)):
            file.write_table(pa.Table.from_pylist(group, schema=whole))
    return table.count


def _rows(table: ReportTable[_Row], names: Sequence[str]) -> Iterator[_Row]:
    """Yield the rows with the kept columns under `names`."""
    for cells, rows in table.parts():
        before = dict(zip(names, cells, strict=True))
        yield from ({**before, **row} for row in rows)


def _groups(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while group := list(islice(rows, _ROW_GROUP)):
        yield group


def arrow_schema(tasks: Sequence[str], private: bool = False, rows: RowsOf = "reports") -> pa.Schema:
    """Return the Arrow schema of `udt-report/2`, or that of its findings.

    :param tasks: keys of the dimensions with a classification task.
    :param private: whether it is that of private reports, whose parts have no words.
    """
    import pyarrow as pa

    text = pa.string()
    flag = [("private", pa.bool_())] if private else []
    finding = _finding_fields(tasks, private)
    if rows == "findings":
        shared = [(name, text) for name in _OF_REPORT]
        return pa.schema([("report_id", text), ("finding_id", text), *shared, *flag, *finding])
    labels, attributes = _label_types(tasks)
    excluded = [("concept", text), *_span(), *_words(private, "text"), ("reason", text)]
    section = [("label", text), *_span(), ("modality", text)]
    return pa.schema(
        [
            ("schema", text),
            *flag,
            *((name, text) for name in ("id", "language", "language_support", "text_sha256")),
            ("patient", pa.struct([("age_years", pa.float64()), ("sex", text)])),
            *((name, labels) for name in ("labels", "possible", "absent")),
            ("attributes", attributes),
            ("sections", pa.list_(pa.struct(section))),
            ("findings", pa.list_(pa.struct([("id", text), *finding]))),
            ("excluded", pa.list_(pa.struct(excluded))),
            ("provenance", pa.struct([(name, text) for name in ("tool", "version", "taxonomy", "taxonomy_sha256")])),
        ]
    )


def _finding_fields(tasks: Sequence[str], private: bool) -> list[_Field]:
    """Return the fields of a finding except its id."""
    import pyarrow as pa

    text = pa.string()
    labels, attributes = _label_types(tasks)
    concept = pa.struct([("concept", text), ("label", text), ("codes", pa.list_(text))])
    interpretation = [("concept", concept), ("certainty", text), *_words(private, "cue"), *_span()]
    interpretation += _words(private, "text")
    evidence = [("dimension", text), ("label", text), ("concept", text), *_span(), *_words(private, "text")]
    evidence += [("certainty", text), *_words(private, "cue"), ("reason", text)]
    return [
        ("kind", text),
        ("concept", concept),
        ("interpretations", pa.list_(pa.struct(interpretation))),
        *((name, text) for name in ("certainty", "experiencer", "time", "section", "organ")),
        ("site", pa.list_(concept)),
        ("laterality", text),
        ("location", pa.map_(text, text)),
        ("count", text),
        ("labels", labels),
        ("attributes", attributes),
        ("measurements", pa.list_(_measurement_type(private))),
        ("change", text),
        ("same_as", text),
        ("evidence", pa.list_(pa.struct(evidence))),
        *_span(),
    ]


def _measurement_type(private: bool) -> pa.DataType:
    import pyarrow as pa

    text, numbers = pa.string(), pa.list_(pa.float64())
    return pa.struct(
        [
            ("quantity", text),
            ("name", text),
            ("values", numbers),
            ("unit", text),
            ("canonical", pa.struct([("values", numbers), ("unit", text)])),
            ("role", text),
            ("comparator", text),
            ("range", numbers),
            *_words(private, "examination"),
            *_span(),
        ]
    )


def _label_types(tasks: Sequence[str]) -> tuple[pa.DataType, pa.DataType]:
    """Return the types of label sets and of attributes."""
    import pyarrow as pa

    labels = pa.list_(pa.string())
    return pa.struct([(key, labels) for key in tasks]), pa.map_(pa.string(), labels)


def _span() -> list[_Field]:
    import pyarrow as pa

    return [("start", pa.int64()), ("end", pa.int64())]


def _words(private: bool, name: str) -> list[_Field]:
    """Return a field of words of the text, which a private report lacks."""
    import pyarrow as pa

    return [] if private else [(name, pa.string())]


FORMAT = ReportFormat(writer, suffixes=(".parquet",), binary=True, tabular=True)
