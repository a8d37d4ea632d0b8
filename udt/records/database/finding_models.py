"""The tables of findings: the readings of samples, with everything that `udt-report/2` knows.

A reading is what one maker found in one sample; it has sections and findings, and a finding has its labels, sites,
location, measurements, interpretations and evidence. `udt.records.readings` writes and reads them.
"""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from udt.core import report
from udt.records.database.base import HASH, Base

_CODES = {"sqlite_with_rowid": False}
_FINDING = "findings.id"


def _one_of(column: str, kind: Any) -> CheckConstraint:
    """Return a rule that a column has one of the values of a `typing.Literal`, or none."""
    values = ", ".join(f"'{value}'" for value in get_args(kind))
    return CheckConstraint(f"{column} IN ({values})", name=column)


def _span() -> CheckConstraint:
    """Return a rule that a span has both ends or none, and is not empty."""
    return CheckConstraint(
        "(span_start IS NULL AND span_end IS NULL)"
        " OR (span_start IS NOT NULL AND span_end IS NOT NULL AND span_start >= 0 AND span_end > span_start)",
        name="span",
    )


class TermRow(Base):
    """A concept that findings refer to: a finding, a part of the body, or a value of a dimension.

    :ivar concept: its CURIE, e.g. `finding:cholelithiasis`.
    :ivar label: its preferred English label.
    """

    __tablename__ = "terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str] = mapped_column(Text, unique=True)
    label: Mapped[str] = mapped_column(Text, index=True)


class TermCode(Base):
    """A concept of another terminology with the meaning of a term.

    :ivar number: its place among the codes of the term, from 1.
    :ivar code: its CURIE, e.g. `MONDO:0005300`.
    """

    __tablename__ = "term_codes"
    __table_args__ = (_CODES,)

    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, index=True)


class Reading(Base):
    """The findings of one maker in one sample.

    :ivar text_sha256: SHA-256 of the text that was read, hexadecimal; None if no text was read, but a row of a table.
    :ivar language: tag of its language, or None.
    """

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("sample_id", "provenance_id"),
        CheckConstraint("length(text_sha256) = 64", name="text_sha256"),
        CheckConstraint("patient_age_years >= 0", name="patient_age_years"),
        _one_of("language_support", report.LanguageSupport),
        _one_of("patient_sex", report.Sex),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"))
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"), index=True)
    text_sha256: Mapped[str | None] = mapped_column(HASH)
    language: Mapped[str | None] = mapped_column(Text)
    language_support: Mapped[str | None] = mapped_column(Text)
    patient_age_years: Mapped[float | None] = mapped_column(Float)
    patient_sex: Mapped[str | None] = mapped_column(Text)


class SectionRow(Base):
    """A section of the text of a reading.

    :ivar number: its place in the text, from 1.
    :ivar modality: the modality that it reports, or None for ultrasound or if not stated.
    """

    __tablename__ = "sections"
    __table_args__ = (_span(), _CODES)

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    span_start: Mapped[int]
    span_end: Mapped[int]
    modality: Mapped[str | None] = mapped_column(Text)


class ExcludedRow(Base):
    """A mention in a text that gives no label, with the reason.

    :ivar concept: CURIE of what is mentioned.
    """

    __tablename__ = "excluded_mentions"
    __table_args__ = (_span(), _CODES)

    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str] = mapped_column(Text)
    span_start: Mapped[int]
    span_end: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class FindingRow(Base):
    """One lesion, disease, sign, measured structure or state of a structure.

    :ivar key: its id in its reading, `f1`, `f2` …
    :ivar term_id: what it is, or None for a bare attribute, size or organ.
    :ivar name: its name as the text makes it of the term, e.g. `mid right lobe nodule`, or None without a term.
    :ivar organ_id: the organ, or the body system if no organ class covers it, among the concepts; or None.
    :ivar count: how many there are: a number, `multiple`, `few` or `several`, or None.
    :ivar section: label of its section, or None.
    :ivar same_as: key of the earlier finding of the reading that it takes up again, or None.
    :ivar span_start: start of its span, a code-point offset in the text; None if it was not read in a text.
    """

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("reading_id", "key"),
        CheckConstraint("key <> ''", name="key"),
        _one_of("kind", report.Kind),
        _one_of("certainty", report.Certainty),
        _one_of("experiencer", report.Experiencer),
        _one_of("time", report.Time),
        _one_of("laterality", report.Laterality),
        _one_of("change", report.Change),
        _span(),
        Index(None, "term_id", "certainty"),
        Index(None, "organ_id", "certainty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    term_id: Mapped[int | None] = mapped_column(ForeignKey("terms.id"))
    name: Mapped[str | None] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    experiencer: Mapped[str] = mapped_column(Text)
    time: Mapped[str] = mapped_column(Text)
    organ_id: Mapped[int | None] = mapped_column(ForeignKey("concepts.id"))
    laterality: Mapped[str | None] = mapped_column(Text)
    count: Mapped[str | None] = mapped_column(Text)
    change: Mapped[str | None] = mapped_column(Text)
    section: Mapped[str | None] = mapped_column(Text)
    same_as: Mapped[str | None] = mapped_column(Text)
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]


class FindingLabel(Base):
    """A label of a finding in one dimension."""

    __tablename__ = "finding_labels"
    __table_args__ = (Index(None, "concept_id", "finding_id"), _CODES)

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concepts.id"), primary_key=True)


class FindingSite(Base):
    """A structure that a finding is in.

    :ivar number: 1 for the most specific one.
    :ivar name: its name as the text makes it of the term, e.g. `lateral wall of bladder`.
    """

    __tablename__ = "finding_sites"
    __table_args__ = (Index(None, "term_id", "finding_id"), _CODES)

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    name: Mapped[str] = mapped_column(Text)


class FindingLocation(Base):
    """Where in its organ a finding lies.

    :ivar key: `clock`, `quadrant`, `segment` …
    :ivar number: its place among the keys of the finding, from 1.
    """

    __tablename__ = "finding_locations"
    __table_args__ = (_CODES,)

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int]
    value: Mapped[str] = mapped_column(Text)


class InterpretationRow(Base):
    """A diagnosis that a text offers for a finding.

    :ivar cue: the words that hedge or deny it, or None.
    """

    __tablename__ = "interpretations"
    __table_args__ = (_one_of("certainty", report.Certainty), _span(), _CODES)

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    cue: Mapped[str | None] = mapped_column(Text)
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)


class MeasurementRow(Base):
    """A quantity of a finding; its numbers are in `measurement_values`.

    :ivar unit: as written, in small letters.
    :ivar canonical_unit: the UCUM unit of the canonical numbers, e.g. `mm`.
    :ivar low: lower end in `unit` of a range or bound, or None.
    :ivar high: its upper end, or None.
    :ivar examination: the date or examination of a previous value as written, or None.
    """

    __tablename__ = "measurements"
    __table_args__ = (
        _one_of("quantity", report.Quantity),
        _one_of("role", report.Role),
        _one_of("comparator", report.Comparator),
        _span(),
        _CODES,
    )

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    quantity: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    canonical_unit: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    comparator: Mapped[str | None] = mapped_column(Text)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    examination: Mapped[str | None] = mapped_column(Text)
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]


class MeasurementValue(Base):
    """One number of a measurement.

    :ivar axis: its place in the text, from 1.
    :ivar value: in the unit as written.
    :ivar canonical: in the canonical unit.
    """

    __tablename__ = "measurement_values"
    __table_args__ = (
        CheckConstraint("axis >= 1", name="axis"),
        Index(None, "canonical"),
        _CODES,
    )

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    axis: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    canonical: Mapped[float] = mapped_column(Float)


class EvidenceRow(Base):
    """A span of text that supports or denies one statement of a finding.

    :ivar dimension: key of the dimension; `concept`, `site` or `laterality` for that field of the finding.
    :ivar concept: CURIE of the concept of the label, or an empty text if it has none.
    :ivar cue: the words that hedge or deny it, or None.
    :ivar reason: why the text means the label, or None if its words name it.
    """

    __tablename__ = "evidence"
    __table_args__ = (_one_of("certainty", report.Certainty), _span(), _CODES)

    finding_id: Mapped[int] = mapped_column(ForeignKey(_FINDING, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    concept: Mapped[str] = mapped_column(Text)
    certainty: Mapped[str] = mapped_column(Text)
    span_start: Mapped[int]
    span_end: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    cue: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
