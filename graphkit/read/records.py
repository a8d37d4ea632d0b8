"""A sample of a database of records as a report, so that it can be drawn like one."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

from sqlalchemy import Connection, select

from udt.core.errors import UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.report import Certainty, Evidence, Finding, LabelSets, Report
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary
from udt.records.database.database import Database
from udt.records.database.models import Caption, Case, ConceptRow, Maker, Provenance, Sample, SampleLabel
from udt.records.database.models import Certainty as Stored
from udt.taxonomy.model.namespaces import compress

_Label = tuple[str, str]
_CERTAINTIES: Mapping[Stored, Certainty] = {
    Stored.PRESENT: "present",
    Stored.POSSIBLE: "possible",
    Stored.ABSENT: "absent",
}


class _Sample(NamedTuple):
    case: str
    caption: str
    sha256: str


def report_of_sample(place: str, number: int, vocabulary: Vocabulary) -> Report:
    """Read a sample as a report with all its labels in one finding; the evidence of each names its maker.

    :param place: file or URL of the database.
    :raises udt.core.errors.DataError: if it cannot be opened.
    :raises UnknownConceptError: if it has no such sample.
    """
    with Database.open(place) as database, database.reading() as connection:
        sample = _sample(connection, number)
        if sample is None:
            raise UnknownConceptError(
                str(number), f"{place}: has no sample {number}; 'udt data stats' counts its samples"
            )
        evidence = _evidence(connection, number)
    retracted = {(e.dimension, e.label) for e, maker in evidence if e.certainty == "absent" and maker == Maker.HUMAN}
    stored = tuple(e for e, _ in evidence)
    stated = {(e.dimension, e.label) for e in stored if e.certainty != "absent"} - retracted
    sure = {(e.dimension, e.label) for e in stored if e.certainty == "present"}
    labels = _labels(stated, vocabulary)
    finding = _finding(labels, stored)
    return Report(
        id=f"{sample.case} · sample {number}",
        text=sample.caption,
        language="und",
        text_sha256=sample.sha256,
        labels=labels,
        possible=_labels(stated - sure, vocabulary),
        absent=_labels({(e.dimension, e.label) for e in stored} - stated, vocabulary),
        sections=(),
        findings=(finding,),
        taxonomy_version=vocabulary.version,
        tool_version=__version__,
        taxonomy_digest=vocabulary.digest,
    )


def _sample(connection: Connection, number: int) -> _Sample | None:
    query = (
        select(Case.key, Caption.text, Caption.sha256)
        .select_from(Sample)
        .join(Case, Case.id == Sample.case_id)
        .join(Caption, Caption.id == Sample.caption_id, isouter=True)
        .where(Sample.id == number)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _Sample(row[0], row[1] or "", row[2] or "")


def _evidence(connection: Connection, number: int) -> list[tuple[Evidence, Maker]]:
    """Return every label with its maker; one without words in the caption has an empty span at its start."""
    query = (
        select(
            *(ConceptRow.dimension, ConceptRow.label, ConceptRow.iri, Provenance.maker, Provenance.detail),
            *(SampleLabel.evidence_start, SampleLabel.evidence_end, SampleLabel.evidence_text),
            *(SampleLabel.certainty, SampleLabel.cue),
        )
        .join(ConceptRow, ConceptRow.id == SampleLabel.concept_id)
        .join(Provenance, Provenance.id == SampleLabel.provenance_id)
        .where(SampleLabel.sample_id == number)
        .order_by(ConceptRow.task, ConceptRow.position, Provenance.id)
    )
    return [
        (
            Evidence(
                row.dimension,
                row.label,
                compress(row.iri),
                row.evidence_start or 0,
                row.evidence_end or 0,
                row.evidence_text or "",
                _CERTAINTIES[row.certainty],
                row.cue,
                f"{row.maker.value}: {row.detail}",
            ),
            row.maker,
        )
        for row in connection.execute(query)
    ]


def _labels(pairs: Set[_Label], vocabulary: Vocabulary) -> LabelSets:
    """Return the labels of each dimension, in the order of the vocabulary."""
    by_key = {d.key: [label for key, label in pairs if key == d.key] for d in vocabulary.dimensions}
    return LabelSet.of(by_key, vocabulary).named(vocabulary)


def _finding(labels: LabelSets, evidence: tuple[Evidence, ...]) -> Finding:
    organs = labels["organ"]
    return Finding(
        id="f1",
        certainty="present",
        section=None,
        organ=organs[0] if len(organs) == 1 else None,
        laterality=None,
        labels=labels,
        measurements=(),
        evidence=evidence,
        start=min((e.start for e in evidence if e.text), default=0),
        end=max((e.end for e in evidence), default=0),
    )
