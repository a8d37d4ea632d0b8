"""The result of normalising one text: typed, immutable, and convertible to the `udt-report/2` JSON form.

Spans are half-open code-point offsets into the original text: `text[start:end]` is the matched text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from operator import attrgetter
from typing import Any, Literal, NamedTuple

SCHEMA = "udt-report/2"
FIRST_SCHEMA = "udt-report/1"
"""The version before, which is still read."""
_SPAN = attrgetter("start", "end")
_NOTEBOOK = "udt.reporting.notebook"
"""Module that is imported when a notebook shows a report, and not before."""

Certainty = Literal["present", "possible", "absent", "unknown"]
"""Whether the text affirms, hedges or denies; `unknown` in a language without known words of denial."""
Kind = Literal["lesion", "state", "organ"]
"""The kind of a finding: something focal; a disease, sign or state; a structure that is only named or measured."""
Time = Literal["current", "previous", "planned"]
Experiencer = Literal["patient", "other"]
Change = Literal["new", "increased", "stable", "decreased", "resolved"]
Laterality = Literal["left", "right", "bilateral", "midline"]
Sex = Literal["female", "male"]
LanguageSupport = Literal["full", "terms", "none"]
"""Whether the taxonomy has the words of denial of a language, names of findings only, or nothing."""
Quantity = Literal[
    "size",
    "length",
    "thickness",
    "diameter",
    "area",
    "volume",
    "angle",
    "velocity",
    "acceleration",
    "time",
    "flow",
    "index",
    "pressure",
    "stiffness",
    "fraction",
    "count",
    "distance",
    "depth",
]
Role = Literal["current", "previous", "reference", "planned"]
Comparator = Literal["<", ">", "<=", ">=", "~"]
LabelSets = Mapping[str, tuple[str, ...]]

CONCEPT, SITE, LATERALITY = "concept", "site", "laterality"
EVIDENCE_KEYS = frozenset({CONCEPT, SITE, LATERALITY})
"""Keys of the evidence for the concept, the sites and the side of a finding, beside the keys of dimensions."""


class NamedConcept(NamedTuple):
    """A concept of the taxonomy.

    :ivar concept: its CURIE, e.g. `finding:cholelithiasis`.
    :ivar label: its preferred English label.
    :ivar codes: CURIEs of the concepts of other terminologies with the same meaning, e.g. `MONDO:0005300`.
    """

    concept: str
    label: str
    codes: tuple[str, ...] = ()


class Interpretation(NamedTuple):
    """A diagnosis that the text offers for a finding.

    :ivar cue: the words that hedge or deny it, or None.
    """

    concept: NamedConcept
    certainty: Certainty
    cue: str | None
    start: int
    end: int
    text: str


class Evidence(NamedTuple):
    """A span of text that supports one label or, with certainty `absent`, denies it.

    :ivar dimension: key of the dimension, e.g. `echogenicity`; `concept`, `site` or `laterality` for that field of the
        finding.
    :ivar label: exact label, e.g. `hypoechoic`.
    :ivar concept: CURIE of the label's concept, e.g. `udaf:echogenicity.hypoechoic`.
    :ivar cue: the words that hedge or negate it, or None.
    :ivar reason: the implication or rule by which the text means the label, or None if its words name the label.
    """

    dimension: str
    label: str
    concept: str
    start: int
    end: int
    text: str
    certainty: Certainty
    cue: str | None = None
    reason: str | None = None


class Measurement(NamedTuple):
    """One quantity as written and in canonical units: one to three numbers, or the two ends of a range.

    :ivar values: the numbers in `unit`, in the order of the text.
    :ivar unit: the unit as written, in small letters; `1` for a bare number (an index).
    :ivar canonical: the same numbers in `canonical_unit`.
    :ivar canonical_unit: a UCUM unit: `mm`, `mm2`, `mL`, `cm/s`, `cm/s2`, `s`, `mL/min`, `deg`, `kPa`, `mm[Hg]`, `%`
        or `1`.
    :ivar role: `previous` for an earlier examination, `reference` for a normal value or a threshold.
    :ivar comparator: `<`, `>`, `<=`, `>=` or `~`, or None.
    :ivar range: the ends in `unit` where the text gives a range or a bound; an open end is None.
    :ivar name: what is measured, where the text names it: `PSV`, `alpha angle`, or None.
    :ivar examination: the date or examination of a previous value as written, or None.
    """

    values: tuple[float, ...]
    unit: str
    canonical: tuple[float, ...]
    start: int
    end: int
    canonical_unit: str = "mm"
    quantity: Quantity = "size"
    role: Role = "current"
    comparator: Comparator | None = None
    range: tuple[float | None, float | None] | None = None
    name: str | None = None
    examination: str | None = None

    @property
    def values_mm(self) -> tuple[float, ...]:
        """The numbers in millimetres; empty if it is no length."""
        return self.canonical if self.canonical_unit == "mm" else ()


class Section(NamedTuple):
    """A section of the report, from the start of its heading to the start of the next one.

    :ivar modality: the modality that it reports, e.g. `mammography`; None for ultrasound or if not stated.
    """

    label: str
    start: int
    end: int
    modality: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One lesion, disease, sign, measured structure or state of a structure.

    :ivar id: `f1`, `f2` … in the order of the text.
    :ivar section: label of its section, or None.
    :ivar organ: label of the organ, else of the body system if no organ class covers it, or None.
    :ivar laterality: `left`, `right`, `bilateral`, `midline` or None.
    :ivar labels: dimension key to labels, with the keys of all classification tasks, in the order of the taxonomy.
    :ivar attributes: the same for the dimensions without a task, e.g. `severity`: only those that have a label.
    :ivar concept: the most specific finding that the text names, or None for a bare attribute, size or organ.
    :ivar interpretations: diagnoses that the text offers for it.
    :ivar sites: the structures that the text names for it, the most specific first.
    :ivar location: key to words, e.g. `clock` to `3`: where in the organ it lies.
    :ivar count: how many there are: a number, `multiple`, `few`, `several`, or None.
    :ivar same_as: id of the earlier finding that it takes up again, or None.
    """

    id: str
    certainty: Certainty
    section: str | None
    organ: str | None
    laterality: str | None
    labels: LabelSets
    measurements: tuple[Measurement, ...]
    evidence: tuple[Evidence, ...]
    start: int
    end: int
    attributes: LabelSets = field(default_factory=dict)
    kind: Kind = "lesion"
    concept: NamedConcept | None = None
    interpretations: tuple[Interpretation, ...] = ()
    experiencer: Experiencer = "patient"
    time: Time = "current"
    sites: tuple[NamedConcept, ...] = ()
    location: Mapping[str, str] = field(default_factory=dict)
    count: int | str | None = None
    change: Change | None = None
    same_as: str | None = None

    @property
    def label_evidence(self) -> tuple[Evidence, ...]:
        """The evidence of labels and attributes, without that of concept, sites and side."""
        return tuple(e for e in self.evidence if e.dimension not in EVIDENCE_KEYS)

    @property
    def all_labels(self) -> LabelSets:
        """The labels and the attributes in one: dimension key to labels."""
        return {**self.labels, **self.attributes}

    def _repr_html_(self) -> str:
        """Return the finding as a table, for notebooks."""
        return str(import_module(_NOTEBOOK).finding_html(self))


class PatientInfo(NamedTuple):
    """The patient, as far as the text speaks of them.

    :ivar age_years: age in years, or None.
    :ivar sex: `female`, `male` or None.
    """

    age_years: float | None = None
    sex: Sex | None = None


NOT_STATED = PatientInfo()


class Excluded(NamedTuple):
    """A mention that gives no label, and the reason (`legend`, `landmark`, `comparison`, `history` …)."""

    concept: str
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """The labels and findings of one text.

    :ivar labels: dimension key to the labels that are present or possible, with the keys of all classification tasks.
    :ivar possible: the `labels` whose mentions are all hedged; the same keys.
    :ivar absent: labels that the text denies and does not affirm; the same keys.
    :ivar attributes: labels of the dimensions without a task that are present or possible: only dimensions that have
        one.
    :ivar taxonomy_digest: SHA-256 over all loaded files of the taxonomy, extensions included; empty if unknown.
    :ivar excluded: mentions that give no label, with the reason.
    :ivar language_support: how far the taxonomy knows the language.
    :ivar patient: age and sex as far as the text speaks of the patient.
    :ivar private: whether all words of the text are left out, as by `without_text`.
    """

    id: str
    text: str
    language: str
    text_sha256: str
    labels: LabelSets
    possible: LabelSets
    absent: LabelSets
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    taxonomy_version: str
    tool_version: str
    taxonomy_digest: str = ""
    excluded: tuple[Excluded, ...] = field(default=(), compare=False)
    private: bool = False
    attributes: LabelSets = field(default_factory=dict)
    language_support: LanguageSupport = "full"
    patient: PatientInfo = NOT_STATED

    @property
    def all_labels(self) -> LabelSets:
        """The labels and the attributes in one: dimension key to labels."""
        return {**self.labels, **self.attributes}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence of all findings, in text order."""
        return tuple(sorted([e for f in self.findings for e in f.evidence], key=_SPAN))

    @property
    def label_evidence(self) -> tuple[Evidence, ...]:
        """The evidence of labels and attributes, without that of concepts, sites and sides, in text order."""
        return tuple(e for e in self.evidence if e.dimension not in EVIDENCE_KEYS)

    def _repr_html_(self) -> str:
        """Return the text with its evidence marked and a table of the findings, for notebooks."""
        return str(import_module(_NOTEBOOK).report_html(self))

    def without_text(self) -> Report:
        """Return the report without words of the text: labels, offsets, sizes and hash stay, and so does the id."""
        return replace(
            self,
            text="",
            findings=tuple(map(_finding_without_words, self.findings)),
            excluded=tuple(one._replace(text="") for one in self.excluded),
            private=True,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the `udt-report/2` object, ready for `json.dumps`. It does not contain the text.

        The object of a private report has `"private": true`, and no `text`, `cue` and `examination`, which are words
        of the text.
        """
        return {
            "schema": SCHEMA,
            **({"private": True} if self.private else {}),
            "id": self.id,
            "language": self.language,
            "language_support": self.language_support,
            "text_sha256": self.text_sha256,
            "patient": {"age_years": self.patient.age_years, "sex": self.patient.sex},
            "labels": _lists(self.labels),
            "possible": _lists(self.possible),
            "absent": _lists(self.absent),
            "attributes": _lists(self.attributes),
            "sections": [s._asdict() for s in self.sections],
            "findings": [_finding(f, self.private) for f in self.findings],
            "excluded": [_without_text(e._asdict(), self.private) for e in self.excluded],
            "provenance": {
                "tool": "udt",
                "version": self.tool_version,
                "taxonomy": self.taxonomy_version,
                **({"taxonomy_sha256": self.taxonomy_digest} if self.taxonomy_digest else {}),
            },
        }


_WORDS = ("text", "cue", "examination")


def _lists(labels: LabelSets) -> dict[str, list[str]]:
    return {dimension: list(values) for dimension, values in labels.items()}


def _without_text(data: dict[str, Any], private: bool) -> dict[str, Any]:
    """Return the fields of a part, without the words of the text if it is private."""
    return {name: value for name, value in data.items() if name not in _WORDS} if private else data


def _finding_without_words(finding: Finding) -> Finding:
    return replace(
        finding,
        evidence=tuple(e._replace(text="", cue=None) for e in finding.evidence),
        interpretations=tuple(i._replace(text="", cue=None) for i in finding.interpretations),
        measurements=tuple(m._replace(examination=None) for m in finding.measurements),
    )


def _finding(finding: Finding, private: bool) -> dict[str, Any]:
    return {
        "id": finding.id,
        "kind": finding.kind,
        "concept": _concept(finding.concept) if finding.concept is not None else None,
        "interpretations": [
            _without_text({**i._asdict(), "concept": _concept(i.concept)}, private) for i in finding.interpretations
        ],
        "certainty": finding.certainty,
        "experiencer": finding.experiencer,
        "time": finding.time,
        "section": finding.section,
        "organ": finding.organ,
        "site": [_concept(site) for site in finding.sites],
        "laterality": finding.laterality,
        "location": dict(finding.location),
        "count": finding.count,
        "labels": _lists(finding.labels),
        "attributes": _lists(finding.attributes),
        "measurements": [_measurement(m, private) for m in finding.measurements],
        "change": finding.change,
        "same_as": finding.same_as,
        "evidence": [_without_text(e._asdict(), private) for e in finding.evidence],
        "start": finding.start,
        "end": finding.end,
    }


def _concept(concept: NamedConcept) -> dict[str, Any]:
    return {"concept": concept.concept, "label": concept.label, "codes": list(concept.codes)}


def _measurement(measurement: Measurement, private: bool) -> dict[str, Any]:
    data = {
        "quantity": measurement.quantity,
        "name": measurement.name,
        "values": list(measurement.values),
        "unit": measurement.unit,
        "canonical": {"values": list(measurement.canonical), "unit": measurement.canonical_unit},
        "role": measurement.role,
        "comparator": measurement.comparator,
        "range": list(measurement.range) if measurement.range is not None else None,
        "examination": measurement.examination,
        "start": measurement.start,
        "end": measurement.end,
    }
    return _without_text(data, private)
