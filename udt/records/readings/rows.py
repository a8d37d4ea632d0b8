"""Rows of the tables of findings from reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import DeclarativeBase

from udt.core.report import Evidence, Finding, Measurement, NamedConcept, Report
from udt.records.database.finding_models import (
    EvidenceRow,
    ExcludedRow,
    FindingLabel,
    FindingLocation,
    FindingRow,
    FindingSite,
    InterpretationRow,
    MeasurementRow,
    MeasurementValue,
    Reading,
    SectionRow,
)

Row = dict[str, Any]
Rows = dict[type[DeclarativeBase], list[Row]]

TABLES: tuple[type[DeclarativeBase], ...] = (
    Reading,
    SectionRow,
    ExcludedRow,
    FindingRow,
    FindingLabel,
    FindingSite,
    FindingLocation,
    InterpretationRow,
    MeasurementRow,
    MeasurementValue,
    EvidenceRow,
)
"""In an order in which rows can be inserted."""


class ReadReport(NamedTuple):
    """A report of a sample.

    :ivar text_read: whether it was read in a text; the spans of a report that was not are left out.
    """

    sample: int
    report: Report
    text_read: bool = True


class Ids(NamedTuple):
    """Ids that rows refer to.

    :ivar concepts: (dimension key, label) to concept id.
    :ivar places: label of an organ or a body system to concept id; an organ goes before a system.
    :ivar terms: CURIE to term id.
    :ivar reading: the first free id of a reading.
    :ivar finding: the first free id of a finding.
    """

    provenance: int
    concepts: Mapping[tuple[str, str], int]
    places: Mapping[str, int]
    terms: Mapping[str, int]
    reading: int
    finding: int


def rows_of(reports: Iterable[ReadReport], ids: Ids) -> Rows:
    """Return the rows of reports, by table."""
    rows: Rows = {table: [] for table in TABLES}
    finding_id = ids.finding
    for reading_id, one in enumerate(reports, ids.reading):
        _add_reading(rows, reading_id, one, ids)
        for finding in one.report.findings:
            _add_finding(rows, finding_id, reading_id, finding, one.text_read, ids)
            finding_id += 1
    return rows


def concepts_of(report: Report) -> Iterator[NamedConcept]:
    """Yield the concepts that the findings of a report refer to."""
    for finding in report.findings:
        if finding.concept is not None:
            yield finding.concept
        yield from finding.sites
        for interpretation in finding.interpretations:
            yield interpretation.concept


def _add_reading(rows: Rows, id: int, one: ReadReport, ids: Ids) -> None:
    report = one.report
    rows[Reading].append(
        {
            "id": id,
            "sample_id": one.sample,
            "provenance_id": ids.provenance,
            "text_sha256": report.text_sha256 if one.text_read else None,
            "language": report.language if one.text_read else None,
            "language_support": report.language_support if one.text_read else None,
            "patient_age_years": report.patient.age_years,
            "patient_sex": report.patient.sex,
        }
    )
    for number, section in enumerate(report.sections, 1):
        rows[SectionRow].append(
            {
                "reading_id": id,
                "number": number,
                "label": section.label,
                **_span(section.start, section.end),
                "modality": section.modality,
            }
        )
    for number, excluded in enumerate(report.excluded, 1):
        rows[ExcludedRow].append(
            {
                "reading_id": id,
                "number": number,
                "concept": excluded.concept,
                **_span(excluded.start, excluded.end),
                "text": excluded.text,
                "reason": excluded.reason,
            }
        )


def _add_finding(rows: Rows, id: int, reading: int, finding: Finding, text_read: bool, ids: Ids) -> None:
    rows[FindingRow].append(
        {
            "id": id,
            "reading_id": reading,
            "key": finding.id,
            "kind": finding.kind,
            "term_id": ids.terms[finding.concept.concept] if finding.concept is not None else None,
            "name": finding.concept.label if finding.concept is not None else None,
            "certainty": finding.certainty,
            "experiencer": finding.experiencer,
            "time": finding.time,
            "organ_id": ids.places[finding.organ] if finding.organ is not None else None,
            "laterality": finding.laterality,
            "count": str(finding.count) if finding.count is not None else None,
            "change": finding.change,
            "section": finding.section,
            "same_as": finding.same_as,
            **_span(finding.start, finding.end, text_read),
        }
    )
    own = {"finding_id": id}
    labels = [(key, label) for key, values in finding.all_labels.items() for label in values]
    rows[FindingLabel] += [{**own, "concept_id": ids.concepts[label]} for label in labels]
    for number, site in enumerate(finding.sites, 1):
        term = ids.terms[site.concept]
        rows[FindingSite].append({**own, "number": number, "term_id": term, "name": site.label})
    for number, (key, value) in enumerate(finding.location.items(), 1):
        rows[FindingLocation].append({**own, "key": key, "number": number, "value": value})
    for number, one in enumerate(finding.interpretations, 1):
        rows[InterpretationRow].append(
            {
                **own,
                "number": number,
                "term_id": ids.terms[one.concept.concept],
                "name": one.concept.label,
                "certainty": one.certainty,
                "cue": one.cue,
                **_span(one.start, one.end, text_read),
                "text": one.text,
            }
        )
    for number, measurement in enumerate(finding.measurements, 1):
        rows[MeasurementRow].append(_measurement(id, number, measurement, text_read))
        rows[MeasurementValue] += _values(id, number, measurement)
    if text_read:
        rows[EvidenceRow] += [_evidence(id, number, one) for number, one in enumerate(finding.evidence, 1)]


def _measurement(finding: int, number: int, one: Measurement, text_read: bool) -> Row:
    low, high = one.range if one.range is not None else (None, None)
    return {
        "finding_id": finding,
        "number": number,
        "quantity": one.quantity,
        "name": one.name,
        "unit": one.unit,
        "canonical_unit": one.canonical_unit,
        "role": one.role,
        "comparator": one.comparator,
        "low": low,
        "high": high,
        "examination": one.examination,
        **_span(one.start, one.end, text_read),
    }


def _values(finding: int, number: int, one: Measurement) -> Iterator[Row]:
    for axis, (value, canonical) in enumerate(zip(one.values, one.canonical, strict=True), 1):
        yield {"finding_id": finding, "number": number, "axis": axis, "value": value, "canonical": canonical}


def _evidence(finding: int, number: int, one: Evidence) -> Row:
    return {
        "finding_id": finding,
        "number": number,
        "dimension": one.dimension,
        "label": one.label,
        "concept": one.concept,
        "certainty": one.certainty,
        **_span(one.start, one.end),
        "text": one.text,
        "cue": one.cue,
        "reason": one.reason,
    }


def _span(start: int, end: int, text_read: bool = True) -> Row:
    return {"span_start": start if text_read else None, "span_end": end if text_read else None}
