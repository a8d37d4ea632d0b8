"""The result of normalising one text: typed, immutable, and convertible to the `udt-report/1` JSON form.

Spans are half-open code-point offsets into the original text: `text[start:end]` is the matched text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Literal, NamedTuple

SCHEMA = "udt-report/1"
_SPAN = attrgetter("start", "end")

Certainty = Literal["present", "possible", "absent"]
LabelSets = Mapping[str, tuple[str, ...]]


class Evidence(NamedTuple):
    """A span of text that supports one label or, with certainty `absent`, denies it.

    :ivar dimension: key of the dimension, e.g. `echogenicity`.
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
    """One to three lengths, as written and in millimetres.

    :ivar values: the numbers in `unit`, in the order of the text.
    :ivar values_mm: the same numbers in millimetres.
    """

    values: tuple[float, ...]
    unit: str
    values_mm: tuple[float, ...]
    start: int
    end: int


class Section(NamedTuple):
    """A section of the report, from the start of its heading to the start of the next one."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One lesion or observation with the attributes that the text gives it.

    :ivar section: label of its section, or None.
    :ivar organ: label of the organ, else of the body system if no organ class covers it, or None.
    :ivar laterality: `left`, `right`, `bilateral`, `midline` or None.
    :ivar labels: dimension key to labels, with the keys of all classification tasks, in the order of the taxonomy.
    :ivar attributes: the same for the dimensions without a task, e.g. `severity`: only those that have a label.
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

    @property
    def all_labels(self) -> LabelSets:
        """The labels and the attributes in one: dimension key to labels."""
        return {**self.labels, **self.attributes}


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
    :ivar excluded: mentions that give no label, for `--explain`; not part of the JSON form.
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

    @property
    def all_labels(self) -> LabelSets:
        """The labels and the attributes in one: dimension key to labels."""
        return {**self.labels, **self.attributes}

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence of all findings, in text order."""
        return tuple(sorted([e for f in self.findings for e in f.evidence], key=_SPAN))

    def without_text(self) -> Report:
        """Return the report without words of the text: labels, offsets, sizes and hash stay, and so does the id."""
        findings = tuple(replace(f, evidence=tuple(map(_without_words, f.evidence))) for f in self.findings)
        return replace(self, text="", findings=findings, excluded=(), private=True)

    def to_dict(self) -> dict[str, Any]:
        """Return the `udt-report/1` object, ready for `json.dumps`. It does not contain the text.

        The object of a private report has `"private": true`, and its evidence no `text` and no `cue`.
        """
        return {
            "schema": SCHEMA,
            **({"private": True} if self.private else {}),
            "id": self.id,
            "language": self.language,
            "text_sha256": self.text_sha256,
            "labels": _lists(self.labels),
            "possible": _lists(self.possible),
            "absent": _lists(self.absent),
            "attributes": _lists(self.attributes),
            "sections": [{"label": s.label, "start": s.start, "end": s.end} for s in self.sections],
            "findings": [_finding(f, self.private) for f in self.findings],
            "provenance": {
                "tool": "udt",
                "version": self.tool_version,
                "taxonomy": self.taxonomy_version,
                **({"taxonomy_sha256": self.taxonomy_digest} if self.taxonomy_digest else {}),
            },
        }


def _lists(labels: LabelSets) -> dict[str, list[str]]:
    return {dimension: list(values) for dimension, values in labels.items()}


def _without_words(evidence: Evidence) -> Evidence:
    return evidence._replace(text="", cue=None)


def _finding(finding: Finding, private: bool) -> dict[str, Any]:
    return {
        "id": finding.id,
        "certainty": finding.certainty,
        "section": finding.section,
        "organ": finding.organ,
        "laterality": finding.laterality,
        "labels": _lists(finding.labels),
        "attributes": _lists(finding.attributes),
        "measurements": [
            {
                "values": list(m.values),
                "unit": m.unit,
                "values_mm": list(m.values_mm),
                "start": m.start,
                "end": m.end,
            }
            for m in finding.measurements
        ],
        "evidence": [
            {
                "dimension": e.dimension,
                "label": e.label,
                "concept": e.concept,
                "start": e.start,
                "end": e.end,
                **({} if private else {"text": e.text}),
                "certainty": e.certainty,
                **({} if private else {"cue": e.cue}),
                "reason": e.reason,
            }
            for e in finding.evidence
        ],
        "start": finding.start,
        "end": finding.end,
    }
