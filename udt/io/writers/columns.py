"""Rows and columns of reports and of findings, for CSV and spreadsheets.

Lists in a cell are separated by `;` between labels and by `; ` elsewhere. The numbers of a measurement are `32x28`, the
ends of a range `3..8`, a bound `<=20`. The other forms are:

- `codes`, `sites` and the like: as many entries as concepts, in the same order.
- `location` and `attributes`: `clock=3; quadrant=upper outer`.
- `measurements`: `ROLE QUANTITY [NAME] NUMBERS UNIT (EXAMINATION)` in canonical units: `previous size 25 mm (March
  2023); current velocity [PSV] >120 cm/s`. `size_mm` and `previous_size_mm` are the numbers alone, of sizes, lengths,
  diameters and thicknesses.
- `interpretations`: `endometrioma (possible)`.
- `evidence`: `DIMENSION=LABEL[START:END] CERTAINTY`; of a measurement `QUANTITY[START:END]`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

from udt.core.errors import DataError
from udt.core.report import Finding, LabelSets, Measurement, Report
from udt.core.texts import brief
from udt.io.writers.base import RowsOf, Settings
from udt.io.writers.vocabulary import DimensionKeys, of_one_taxonomy
from udt.reporting.findings import both_ends, comparator, sizes, summary

Cell = str | int | float | None
R = TypeVar("R")

_REPORT: Mapping[str, Callable[[Report], Cell]] = {
    "attributes": lambda report: _pairs(report.attributes),
    "language": lambda report: report.language,
    "language_support": lambda report: report.language_support,
    "age_years": lambda report: _plain(report.patient.age_years),
    "sex": lambda report: report.patient.sex,
    "findings": lambda report: "; ".join(f"{one.id}: {summary(one)}" for one in report.findings),
}
"""Columns of a report behind its label sets."""

_BEFORE: Mapping[str, Callable[[Finding], Cell]] = {
    "finding_id": lambda finding: finding.id,
    "kind": lambda finding: finding.kind,
    "concept": lambda finding: finding.concept.concept if finding.concept else None,
    "concept_label": lambda finding: finding.concept.label if finding.concept else None,
    "codes": lambda finding: "; ".join(finding.concept.codes) if finding.concept else None,
    "certainty": lambda finding: finding.certainty,
    "experiencer": lambda finding: finding.experiencer,
    "time": lambda finding: finding.time,
    "section": lambda finding: finding.section,
    "organ": lambda finding: finding.organ,
    "sites": lambda finding: "; ".join(site.label for site in finding.sites),
    "site_concepts": lambda finding: "; ".join(site.concept for site in finding.sites),
    "laterality": lambda finding: finding.laterality,
    "location": lambda finding: "; ".join(f"{key}={value}" for key, value in finding.location.items()),
    "count": lambda finding: finding.count,
}
"""Columns of a finding before its labels."""

_BEHIND: Mapping[str, Callable[[Finding], Cell]] = {
    "attributes": lambda finding: _pairs(finding.attributes),
    "size_mm": lambda finding: _extents(finding, "current"),
    "largest_mm": lambda finding: _largest(finding),
    "previous_size_mm": lambda finding: _extents(finding, "previous"),
    "measurements": lambda finding: "; ".join(map(_measured, finding.measurements)),
    "change": lambda finding: finding.change,
    "same_as": lambda finding: finding.same_as,
    "interpretations": lambda finding: "; ".join(
        f"{one.concept.label} ({one.certainty})" for one in finding.interpretations
    ),
    "interpretation_concepts": lambda finding: "; ".join(one.concept.concept for one in finding.interpretations),
    "evidence": lambda finding: "; ".join(_spans(finding)),
    "evidence_text": lambda finding: " | ".join(one.text for one in finding.evidence if one.text),
    "cues": lambda finding: "; ".join(dict.fromkeys(one.cue for one in finding.evidence if one.cue)),
    "start": lambda finding: finding.start,
    "end": lambda finding: finding.end,
}
"""Columns of a finding behind its labels."""

_FINDING_FIELDS = frozenset({"report_id", *_BEFORE, *_BEHIND})


class ReportRows(NamedTuple, Generic[R]):
    """The rows of one report.

    :ivar keys: the dimensions with a classification task, which are columns.
    :ivar rows: the rows in the form of the format.
    :ivar kept: columns of the row of the input.
    """

    keys: tuple[str, ...]
    rows: tuple[R, ...]
    kept: Mapping[str, str | None]


def column_names(rows: RowsOf, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns.

    A dimension of findings that has the name of another column ends in `_labels`.

    :param keys: the dimensions with a classification task.
    """
    if rows == "reports":
        return ("id", *(f"{prefix}{key}" for prefix in ("", "possible_", "absent_") for key in keys), *_REPORT)
    labels = (f"{key}_labels" if key in _FINDING_FIELDS else key for key in keys)
    return ("report_id", *_BEFORE, *labels, *_BEHIND)


def cells_of(rows: RowsOf, report: Report) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a report, in the order of `column_names`."""
    if rows == "reports":
        return (_report_cells(report),)
    return tuple(_finding_cells(report, finding) for finding in report.findings)


def _report_cells(report: Report) -> tuple[Cell, ...]:
    sets = (report.labels, report.possible, report.absent)
    labels = (";".join(labels.get(key, ())) for labels in sets for key in report.labels)
    return (report.id, *labels, *(cell(report) for cell in _REPORT.values()))


def _finding_cells(report: Report, finding: Finding) -> tuple[Cell, ...]:
    before, behind = ([cell(finding) for cell in cells.values()] for cells in (_BEFORE, _BEHIND))
    labels = (";".join(finding.labels.get(key, ())) for key in report.labels)
    return (report.id, *before, *labels, *behind)


def _pairs(attributes: LabelSets) -> str:
    return "; ".join(f"{key}={label}" for key, labels in attributes.items() for label in labels)


def _extents(finding: Finding, role: str) -> str:
    return "; ".join(_values(one) for one in sizes(finding.measurements, role))


def _largest(finding: Finding) -> Cell:
    return _plain(max((value for one in sizes(finding.measurements) for value in one.values_mm), default=None))


def _values(one: Measurement) -> str:
    """Return the numbers in canonical units with their comparator: `32x28`, `<=20`, `3..8`."""
    ends = both_ends(one)
    numbers = (str(_plain(value)) for value in ends or one.canonical)
    return (comparator(one) or "") + (".." if ends else "x").join(numbers)


def _plain(value: float | None) -> int | float | None:
    """Return a number without the noise of conversions, and a whole one without a decimal point."""
    if value is None:
        return None
    found = round(value, 6)
    return int(found) if found.is_integer() else found


def _measured(one: Measurement) -> str:
    name = f" [{_one_entry(one.name)}]" if one.name else ""
    when = f" ({_one_entry(one.examination)})" if one.examination else ""
    return f"{one.role} {one.quantity}{name} {_values(one)} {one.canonical_unit}{when}"


def _one_entry(text: str) -> str:
    """Replace what separates the entries of a list."""
    return " ".join(text.replace(";", ",").split())


def _spans(finding: Finding) -> list[str]:
    evidence = [f"{one.dimension}={one.label}[{one.start}:{one.end}] {one.certainty}" for one in finding.evidence]
    return evidence + [f"{one.quantity}[{one.start}:{one.end}]" for one in finding.measurements]


def kept(part: ReportRows[R], cells: Mapping[str, object]) -> ReportRows[R]:
    """Return a part with the columns of its input: texts and numbers as they are, lists and objects as JSON."""
    return part._replace(kept={name: _kept(value) for name, value in cells.items()})


def _kept(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def kept_names(names: Iterable[str], own: Sequence[str]) -> tuple[str, ...]:
    """Return the names of kept columns; one that is a column of the output has `input_` before it.

    >>> kept_names(["id", "ward"], ["id", "organ"])
    ('input_id', 'ward')
    """
    found = dict.fromkeys(own)
    for name in names:
        while name in found:
            name = f"input_{name}"
        found[name] = None
    return tuple(found)[len(own) :]


class ReportTable(Generic[R]):
    """The rows of reports as one table, whose columns are those of the first report, else those of the taxonomy.

    :ivar keys: the dimensions with a classification task.
    :ivar count: number of the reports whose rows were taken so far.
    """

    def __init__(self, settings: Settings, parts: Iterable[ReportRows[R]]) -> None:
        source = one_table(parts)
        first = next(source, None)
        self.keys = DimensionKeys.load(settings.extensions).tasks if first is None else first[0].keys
        self.count = 0
        self._kept = () if first is None else tuple(first[0].kept)
        self._parts = source if first is None else chain([first], source)

    def kept_names(self, own: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the kept columns, which come before the `own` ones."""
        return kept_names(self._kept, own)

    def header(self, rows: RowsOf) -> list[str]:
        """Return the names of all columns of a table of cells."""
        own = column_names(rows, self.keys)
        return [*self.kept_names(own), *own]

    def parts(self) -> Iterator[tuple[tuple[str | None, ...], tuple[R, ...]]]:
        """Yield the cells of the kept columns of each report, with its rows."""
        for part, cells in self._parts:
            self.count += 1
            yield cells, part.rows


def one_table(parts: Iterable[ReportRows[R]]) -> Iterator[tuple[ReportRows[R], tuple[str | None, ...]]]:
    """Yield parts that fit the columns of the first one, with their cells of its kept columns; missing ones are None.

    :raises DataError: if a part has other dimensions, or a kept column that the first one lacks.
    """
    names: tuple[str, ...] | None = None
    for number, (_, part) in enumerate(of_one_taxonomy((part.keys, part) for part in parts), 1):
        names = tuple(part.kept) if names is None else names
        further = [name for name in part.kept if name not in names]
        if further:
            raise DataError(
                f"the row of text {number} has the column '{brief(further[0])}', which that of the first one lacks; "
                "give all rows the same columns, or leave out --keep-columns"
            )
        yield part, tuple(part.kept.get(name) for name in names)
