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
    :param vocabulary: of all dimensions, also those without a task.
    :raises udt.core.errors.DataError: if it cannot be opened.
    :raises UnknownConceptError: if it has no such sample, or the sample has a label that the vocabulary does not have.
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
    labels, attributes = _labels(stated, vocabulary)
    finding = Finding(
        id="f1",
        certainty="present",
        section=None,
        organ=_organ(labels, vocabulary),
        laterality=None,
        labels=labels,
        measurements=(),
        evidence=stored,
        start=min((e.start for e in stored if e.text), default=0),
        end=max((e.end for e in stored), default=0),
        attributes=attributes,
    )
    return Report(
        id=f"{sample.case} · sample {number}",
        text=sample.caption,
        language="und",
        text_sha256=sample.sha256,
        labels=labels,
        possible=_labels(stated - sure, vocabulary)[0],
        absent=_labels({(e.dimension, e.label) for e in stored} - stated, vocabulary)[0],
        sections=(),
        findings=(finding,),
        taxonomy_version=vocabulary.version,
        tool_version=__version__,
        attributes=attributes,
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
        .order_by(ConceptRow.task.is_(None), ConceptRow.task, ConceptRow.dimension, ConceptRow.position, Provenance.id)
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


def _labels(pairs: Set[_Label], vocabulary: Vocabulary) -> tuple[LabelSets, LabelSets]:
    """Return the labels of all classification tasks, and those of the other dimensions that have any, in order."""
    by_key: dict[str, list[str]] = {}
    for key, label in sorted(pairs):
        by_key.setdefault(key, []).append(label)
    named = LabelSet.of(by_key, vocabulary).named(vocabulary)
    tasks = {d.key for d in vocabulary.dimensions if d.task is not None}
    others = {key: labels for key, labels in named.items() if key not in tasks and labels}
    return {key: labels for key, labels in named.items() if key in tasks}, others


def _organ(labels: LabelSets, vocabulary: Vocabulary) -> str | None:
    """Return the organ of a sample, if it is the only one."""
    organs = labels[vocabulary.nested_places[1]]
    return organs[0] if len(organs) == 1 else None
