"""Store decisions in the database: all of the files given, or none of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, select

from udt.core.batches import batches
from udt.core.errors import DataError
from udt.records.database.bulk import insert_new, table
from udt.records.database.curation_models import Confidence, Review, ReviewRole
from udt.records.database.database import Database
from udt.records.database.effective_labels import effective_labels
from udt.records.database.models import Certainty, ConceptRow, Maker, Provenance, Sample, SampleLabel
from udt.records.database.provenance import provenance_id
from udt.records.review.adjudication import ReviewOutcome, adjudicator_detail, settle
from udt.records.review.decisions import Decision, DecisionFile, listed
from udt.records.review.specialties import Specialty, covering

_CHUNK = 500


@dataclass(slots=True)
class StoredDecisions:
    """Counts of an import of decisions.

    :ivar new: decisions that were stored.
    :ivar known: decisions that had been stored before.
    :ivar outcomes: samples of the files by their outcome now.
    """

    new: int = 0
    known: int = 0
    outcomes: Counter[ReviewOutcome] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A review in the database.

    :ivar answer: alignment and consistency, or None until decided.
    :ivar denied: IRIs of the labels that the reviewer denied.
    """

    review: int
    sample: int
    answer: tuple[bool, bool] | None
    comment: str | None
    denied: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Change:
    """The rows that a file adds or changes, and its faults."""

    reviews: list[dict[str, Any]] = field(default_factory=list)
    confidences: list[dict[str, Any]] = field(default_factory=list)
    denials: list[tuple[int, str]] = field(default_factory=list)
    samples: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    known: int = 0


def store_decisions(
    database: Database, files: Sequence[DecisionFile], specialties: Sequence[Specialty]
) -> StoredDecisions:
    """Store the decisions of all files and the outcomes of their samples; a file that was stored changes nothing.

    :raises DataError: if a sample is unknown or not assigned to the reviewer, was decided otherwise before, a specialty
        is unknown, or an adjudicator denies a label that the sample does not have. Then nothing is stored.
    """
    return database.transact(partial(_store, files=files, specialties=specialties))


def _store(connection: Connection, files: Sequence[DecisionFile], specialties: Sequence[Specialty]) -> StoredDecisions:
    stored, touched = StoredDecisions(), set[int]()
    faults: list[str] = []
    for file in files:
        change = _change(connection, file, specialties)
        faults += [f"{file.name}: {fault}" for fault in change.faults]
        if not faults:
            _write(connection, file, change)
        stored.new += len(change.reviews)
        stored.known += change.known
        touched |= change.samples
    if faults:
        raise DataError(f"nothing was imported: {listed(faults)}")
    stored.outcomes.update(settle(connection, touched).values())
    return stored


def _change(connection: Connection, file: DecisionFile, specialties: Sequence[Specialty]) -> _Change:
    change, reviews = _Change(), _reviews(connection, file)
    unknown = sorted(set(file.confidence) - {one.key for one in specialties})
    if unknown:
        allowed = ", ".join(one.key for one in specialties)
        change.faults.append(f"the specialty '{unknown[0]}' is not known; allowed: {allowed}")
    labels = _labels(connection, [one.sample for one in reviews.values()])
    for decision in file.decisions:
        review = reviews.get(decision.sample)
        if review is None:
            change.faults.append(_unassigned(connection, file, decision.sample))
        elif fault := _fault(decision, review, labels.get(review.sample, set())):
            change.faults.append(fault)
        else:
            _add(change, file, decision, review, covering(specialties, labels.get(review.sample, set())))
    return change


def _add(
    change: _Change, file: DecisionFile, decision: Decision, review: _Stored, of_sample: Iterable[Specialty]
) -> None:
    change.samples.add(review.sample)
    if review.answer is not None:
        change.known += 1
        return
    change.reviews.append(
        {
            "key": review.review,
            "alignment": decision.alignment,
            "consistency": decision.consistency,
            "comment": decision.comment,
            "decided": decision.decided,
        }
    )
    change.confidences += [
        {"review_id": review.review, "specialty": one.key, "confidence": file.confidence[one.key]}
        for one in of_sample
        if one.key in file.confidence
    ]
    change.denials += [(review.sample, iri) for iri in decision.denied]


def _fault(decision: Decision, review: _Stored, labels: Collection[str]) -> str | None:
    """Return why a decision cannot be stored, or None."""
    shown = decision.sample[:12]
    if review.answer is not None:
        before = (*review.answer, review.comment, review.denied)
        if before == (decision.alignment, decision.consistency, decision.comment, frozenset(decision.denied)):
            return None
        hint = "a decision is final; remove it from the file"
        return f"the sample {shown} was decided otherwise before ({_answer(*review.answer)}); {hint}"
    for iri in decision.denied:
        if iri not in labels:
            return f"the sample {shown} has no label {iri} to deny"
    return None


def _answer(alignment: bool, consistency: bool) -> str:
    words = {True: "yes", False: "no"}
    return f"alignment {words[alignment]}, consistency {words[consistency]}, or with another comment or other labels"


def _unassigned(connection: Connection, file: DecisionFile, digest: str) -> str:
    """Return why there is no review of a sample by the reviewer of a file."""
    query = select(Review.reviewer).join(Sample, Review.sample_id == Sample.id).where(Sample.digest == digest)
    known = connection.scalar(select(Sample.id).where(Sample.digest == digest)) is not None
    if not known:
        return f"the sample {digest[:12]} is not in this database; give the database that the sheet was made from"
    assigned = "is assigned to others" if list(connection.scalars(query)) else "is assigned to nobody"
    return f"the sample {digest[:12]} {assigned}, not to '{file.reviewer}' for {file.role.value}"


def _reviews(connection: Connection, file: DecisionFile) -> dict[str, _Stored]:
    """Return the reviews of the reviewer of a file by the digest of their sample."""
    columns = (Sample.digest, Review.id, Review.sample_id, Review.alignment, Review.consistency, Review.comment)
    query = select(*columns).join(Sample, Review.sample_id == Sample.id)
    rows = connection.execute(query.where(Review.reviewer == file.reviewer, Review.role == file.role)).all()
    denied = _denied(connection, file)
    return {
        digest: _Stored(
            id,
            sample,
            None if alignment is None else (alignment, bool(consistency)),
            comment,
            frozenset(denied.get(sample, ())),
        )
        for digest, id, sample, alignment, consistency, comment in rows
    }


def _denied(connection: Connection, file: DecisionFile) -> dict[int, set[str]]:
    """Return the labels that the adjudicator of a file has denied, by sample; empty for reviewers."""
    found: dict[int, set[str]] = {}
    if file.role is ReviewRole.ADJUDICATION:
        query = select(SampleLabel.sample_id, ConceptRow.iri).join(ConceptRow).join(Provenance)
        detail = adjudicator_detail(file.reviewer)
        for sample, iri in connection.execute(query.where(Provenance.detail == detail)):
            found.setdefault(sample, set()).add(iri)
    return found


def _labels(connection: Connection, samples: Sequence[int]) -> dict[int, set[str]]:
    """Return the IRIs of the effective labels of samples."""
    found: dict[int, set[str]] = {}
    for chunk in batches(samples, _CHUNK):
        own = effective_labels().where(SampleLabel.sample_id.in_(chunk)).subquery()
        query = select(own.c.sample_id, ConceptRow.iri).join(ConceptRow, ConceptRow.id == own.c.concept_id)
        for sample, iri in connection.execute(query):
            found.setdefault(sample, set()).add(iri)
    return found


def _write(connection: Connection, file: DecisionFile, change: _Change) -> None:
    if change.reviews:
        connection.execute(table(Review).update().where(Review.id == bindparam("key")), change.reviews)
    insert_new(connection, Confidence, change.confidences)
    if change.denials and file.role is ReviewRole.ADJUDICATION:
        insert_new(connection, SampleLabel, list(_denials(connection, file.reviewer, change.denials)))


def _denials(connection: Connection, name: str, denials: Iterable[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of denied labels, of a provenance that names the person."""
    provenance = provenance_id(connection, Maker.HUMAN, adjudicator_detail(name))
    concepts = dict(connection.execute(select(ConceptRow.iri, ConceptRow.id)).all())
    for sample, iri in denials:
        row = {"sample_id": sample, "concept_id": concepts[iri], "provenance_id": provenance}
        yield {**row, "certainty": Certainty.ABSENT.value}
