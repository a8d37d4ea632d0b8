"""Reports from the rows of the tables of findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from udt.core.report import (
    Evidence,
    Excluded,
    Finding,
    Interpretation,
    LabelSets,
    Measurement,
    NamedConcept,
    PatientInfo,
    Report,
    Section,
)
from udt.core.vocabulary import Vocabulary
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
    TermCode,
    TermRow,
)
from udt.records.database.models import Caption, Certainty, ConceptRow, Provenance, Sample, SampleLabel

Query = Select[*tuple[Any, ...]]
Parts = Mapping[int, list[Any]]

_NO_SPAN = 0, 0


class StoredReading(NamedTuple):
    """A reading as it is in the database.

    :ivar report: its id is that of the sample. Without a text that was read, its hash and language are empty, and the
        spans of its findings are 0 to 0.
    """

    sample: int
    provenance: int
    report: Report


class _Label(NamedTuple):
    dimension: str
    label: str
    task: int | None
    position: int | None


class ReadingReader:
    """Reads the readings of ranges of samples.

    :param vocabulary: gives the keys of the label sets and their order.
    """

    def __init__(self, connection: Connection, vocabulary: Vocabulary) -> None:
        self._connection = connection
        self._tasks = tuple(d.key for d in vocabulary.dimensions if d.task is not None)
        self._order = {key: n for n, key in enumerate(vocabulary.keys)}
        columns = ConceptRow.id, ConceptRow.dimension, ConceptRow.label, ConceptRow.task, ConceptRow.position
        rows: Iterable[Any] = connection.execute(select(*columns))
        self._labels = {id: _Label(*rest) for id, *rest in rows}
        self._terms = _terms(connection)

    def read(self, first: int, last: int) -> list[StoredReading]:
        """Return the readings of the samples with ids from `first` to `last`, by sample and provenance."""
        query = (
            select(
                Reading.id,
                Reading.sample_id,
                Reading.provenance_id,
                Reading.text_sha256,
                Reading.language,
                Reading.language_support,
                Reading.patient_age_years,
                Reading.patient_sex,
                Caption.text,
                Provenance.version,
                Provenance.taxonomy,
                Provenance.taxonomy_sha256,
            )
            .join(Sample, Reading.sample_id == Sample.id)
            .join(Provenance, Reading.provenance_id == Provenance.id)
            .join(Caption, Sample.caption_id == Caption.id, isouter=True)
            .where(Reading.sample_id.between(first, last))
            .order_by(Reading.sample_id, Reading.provenance_id)
        )
        readings: Sequence[Any] = self._connection.execute(query).all()
        if not readings:
            return []
        findings = self._findings(first, last)
        labels = self._sample_labels(first, last)
        sections, excluded = (self._of_readings(table, first, last) for table in (SectionRow, ExcludedRow))
        return [
            StoredReading(
                sample,
                provenance,
                Report(
                    id=str(sample),
                    text=text or "" if sha256 else "",
                    language=language or "",
                    text_sha256=sha256 or "",
                    **labels.get((sample, provenance), _Sets(self._tasks)).fields(self._sorted),
                    sections=tuple(
                        Section(label, start, end, modality) for label, start, end, modality in sections[id]
                    ),
                    findings=tuple(findings[id]),
                    taxonomy_version=taxonomy or "",
                    tool_version=version or "",
                    taxonomy_digest=digest or "",
                    excluded=tuple(Excluded(*row) for row in excluded[id]),
                    language_support=support or "full",
                    patient=PatientInfo(age, sex),
                ),
            )
            for id, sample, provenance, sha256, language, support, age, sex, text, version, taxonomy, digest in readings
        ]

    def _findings(self, first: int, last: int) -> Mapping[int, list[Finding]]:
        """Return the findings by reading."""
        parts = {name: self._of_findings(columns, first, last) for name, columns in _PARTS.items()}
        values: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
        for id, rows in self._of_findings(_VALUES, first, last).items():
            for number, value, canonical in rows:
                values[id, number].append((value, canonical))
        columns = (*_FINDING, FindingRow.reading_id)
        query = _within(select(*columns).join(Reading), first, last).order_by(FindingRow.id)
        found: dict[int, list[Finding]] = defaultdict(list)
        for id, *row, reading in self._connection.execute(query):
            found[reading].append(self._finding(id, row, parts, values))
        return found

    def _finding(
        self,
        id: int,
        row: Sequence[Any],
        parts: Mapping[str, Parts],
        values: Mapping[tuple[int, int], list[tuple[float, float]]],
    ) -> Finding:
        key, kind, term, name, certainty, experiencer, time, organ, side, count, change, section, same_as, *span = row
        labels = _Sets(self._tasks)
        for (concept,) in parts["labels"].get(id, ()):
            labels.add(self._labels[concept], Certainty.PRESENT)
        sets = labels.fields(self._sorted)
        start, end = span if span[0] is not None else _NO_SPAN
        return Finding(
            id=key,
            kind=kind,
            concept=self._named(term, name) if term is not None else None,
            certainty=certainty,
            experiencer=experiencer,
            time=time,
            section=section,
            organ=self._labels[organ].label if organ is not None else None,
            laterality=side,
            labels=sets["labels"],
            attributes=sets["attributes"],
            count=int(count) if count is not None and count.isdecimal() else count,
            change=change,
            same_as=same_as,
            sites=tuple(self._named(*one) for one in parts["sites"].get(id, ())),
            location=dict(map(tuple, parts["locations"].get(id, ()))),
            interpretations=tuple(
                Interpretation(self._named(term, name), certainty, cue, *_span(start, end), text)
                for term, name, certainty, cue, start, end, text in parts["interpretations"].get(id, ())
            ),
            measurements=tuple(_measurement(row, values[id, row[0]]) for row in parts["measurements"].get(id, ())),
            evidence=tuple(Evidence(*row) for row in parts["evidence"].get(id, ())),
            start=start,
            end=end,
        )

    def _named(self, term: int, name: str) -> NamedConcept:
        return self._terms[term]._replace(label=name)

    def _of_findings(self, columns: Sequence[Any], first: int, last: int) -> Parts:
        """Return the rows of a table by finding: the columns after the id of the finding."""
        owner, *rest = columns
        query = select(owner, *rest).join(FindingRow, owner == FindingRow.id).join(Reading)
        order = [column for column in owner.table.primary_key if column.name != owner.name]
        return _grouped(self._connection.execute(_within(query, first, last).order_by(owner, *order)))

    def _of_readings(self, table: type[SectionRow] | type[ExcludedRow], first: int, last: int) -> Parts:
        columns = _SECTION if table is SectionRow else _EXCLUDED
        query = _within(select(table.reading_id, *columns).join(Reading), first, last)
        return _grouped(self._connection.execute(query.order_by(table.reading_id, table.number)))

    def _sample_labels(self, first: int, last: int) -> Mapping[tuple[int, int], _Sets]:
        """Return the label sets of samples by sample and provenance."""
        columns = SampleLabel.sample_id, SampleLabel.provenance_id, SampleLabel.concept_id, SampleLabel.certainty
        query = select(*columns).where(SampleLabel.sample_id.between(first, last))
        found: dict[tuple[int, int], _Sets] = {}
        for sample, provenance, concept, certainty in self._connection.execute(query):
            sets = found.setdefault((sample, provenance), _Sets(self._tasks))
            sets.add(self._labels[concept], certainty)
        return found

    def _sorted(self, labels: Iterable[_Label]) -> dict[str, tuple[str, ...]]:
        """Return labels by dimension, both in the order of the taxonomy."""
        far = len(self._order)
        found: dict[str, list[str]] = defaultdict(list)
        for one in sorted(labels, key=lambda one: (self._order.get(one.dimension, far), one.position or 0, one.label)):
            found[one.dimension].append(one.label)
        return {key: tuple(values) for key, values in found.items()}


class _Sets:
    """Labels of a report or a finding, by certainty."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self._empty: LabelSets = dict.fromkeys(tasks, ())
        self._by_certainty: dict[Certainty, list[_Label]] = {certainty: [] for certainty in Certainty}

    def add(self, label: _Label, certainty: Certainty) -> None:
        """Add a label."""
        self._by_certainty[certainty].append(label)

    def fields(self, ordered: Any) -> dict[str, Any]:
        """Return the fields of a report: `labels`, `possible`, `absent` and `attributes`."""
        possible, absent = (self._by_certainty[one] for one in (Certainty.POSSIBLE, Certainty.ABSENT))
        affirmed = [*self._by_certainty[Certainty.PRESENT], *possible]
        return {
            "labels": self._empty | ordered(one for one in affirmed if one.task is not None),
            "possible": self._empty | ordered(one for one in possible if one.task is not None),
            "absent": self._empty | ordered(one for one in absent if one.task is not None),
            "attributes": ordered(one for one in affirmed if one.task is None),
        }


_FINDING = (
    FindingRow.id,
    FindingRow.key,
    FindingRow.kind,
    FindingRow.term_id,
    FindingRow.name,
    FindingRow.certainty,
    FindingRow.experiencer,
    FindingRow.time,
    FindingRow.organ_id,
    FindingRow.laterality,
    FindingRow.count,
    FindingRow.change,
    FindingRow.section,
    FindingRow.same_as,
    FindingRow.span_start,
    FindingRow.span_end,
)
_SECTION = SectionRow.label, SectionRow.span_start, SectionRow.span_end, SectionRow.modality
_EXCLUDED = (
    ExcludedRow.concept,
    ExcludedRow.span_start,
    ExcludedRow.span_end,
    ExcludedRow.text,
    ExcludedRow.reason,
)
_VALUES = (
    MeasurementValue.finding_id,
    MeasurementValue.number,
    MeasurementValue.value,
    MeasurementValue.canonical,
)
_PARTS: Mapping[str, Sequence[Any]] = {
    "labels": (FindingLabel.finding_id, FindingLabel.concept_id),
    "sites": (FindingSite.finding_id, FindingSite.term_id, FindingSite.name),
    "locations": (FindingLocation.finding_id, FindingLocation.key, FindingLocation.value),
    "interpretations": (
        InterpretationRow.finding_id,
        InterpretationRow.term_id,
        InterpretationRow.name,
        InterpretationRow.certainty,
        InterpretationRow.cue,
        InterpretationRow.span_start,
        InterpretationRow.span_end,
        InterpretationRow.text,
    ),
    "measurements": (
        MeasurementRow.finding_id,
        MeasurementRow.number,
        MeasurementRow.quantity,
        MeasurementRow.name,
        MeasurementRow.unit,
        MeasurementRow.canonical_unit,
        MeasurementRow.role,
        MeasurementRow.comparator,
        MeasurementRow.low,
        MeasurementRow.high,
        MeasurementRow.examination,
        MeasurementRow.span_start,
        MeasurementRow.span_end,
    ),
    "evidence": (
        EvidenceRow.finding_id,
        EvidenceRow.dimension,
        EvidenceRow.label,
        EvidenceRow.concept,
        EvidenceRow.span_start,
        EvidenceRow.span_end,
        EvidenceRow.text,
        EvidenceRow.certainty,
        EvidenceRow.cue,
        EvidenceRow.reason,
    ),
}
"""The columns of the parts of a finding, after the id of the finding."""


def _terms(connection: Connection) -> dict[int, NamedConcept]:
    codes: dict[int, list[str]] = defaultdict(list)
    for term, code in connection.execute(
        select(TermCode.term_id, TermCode.code).order_by(TermCode.term_id, TermCode.number)
    ):
        codes[term].append(code)
    rows = connection.execute(select(TermRow.id, TermRow.concept, TermRow.label))
    return {id: NamedConcept(concept, label, tuple(codes[id])) for id, concept, label in rows}


def _within(query: Query, first: int, last: int) -> Query:
    return query.where(Reading.sample_id.between(first, last))


def _grouped(rows: Iterable[Any]) -> Parts:
    found: dict[int, list[Any]] = defaultdict(list)
    for owner, *rest in rows:
        found[owner].append(rest)
    return found


def _span(start: int | None, end: int | None) -> tuple[int, int]:
    return _NO_SPAN if start is None or end is None else (start, end)


def _measurement(row: Sequence[Any], values: Sequence[tuple[float, float]]) -> Measurement:
    _, quantity, name, unit, canonical_unit, role, comparator, low, high, examination, start, end = row
    start, end = _span(start, end)
    return Measurement(
        values=tuple(value for value, _ in values),
        unit=unit,
        canonical=tuple(canonical for _, canonical in values),
        start=start,
        end=end,
        canonical_unit=canonical_unit,
        quantity=quantity,
        role=role,
        comparator=comparator,
        range=None if low is None and high is None else (low, high),
        name=name,
        examination=examination,
    )
