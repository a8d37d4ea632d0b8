"""Decisions in the database: the rule from end to end, refusals, and a second import."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from tests.records.conftest import dump
from tests.records.review.conftest import TIME, answered, decided, digests, document
from udt.core.errors import DataError
from udt.records.database.curation_models import Confidence, Review, ReviewRole
from udt.records.database.database import Database
from udt.records.database.effective_labels import label_sets
from udt.records.database.models import Provenance, ReviewState, Sample
from udt.records.review.adjudication import ReviewOutcome
from udt.records.review.assignment import assign_adjudications, assign_reviews
from udt.records.review.decisions import decision_file
from udt.records.review.specialties import Specialty, specialties
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy

TRIO = ("Ann", "Bo", "Cy")


@pytest.fixture
def every(taxonomy: Taxonomy) -> tuple[Specialty, ...]:
    return specialties(taxonomy)


@pytest.fixture
def assigned(reviewable: Database) -> Database:
    assign_reviews(reviewable, TRIO)
    return reviewable


def states(database: Database) -> list[ReviewState]:
    with database.reading() as connection:
        return list(connection.scalars(select(Sample.review).order_by(Sample.id)))


def test_from_votes_to_adjudicated_samples(
    assigned: Database, every: tuple[Specialty, ...], taxonomy: Taxonomy
) -> None:
    """Ann and Bo doubt the last six of twelve samples, Cy the first; the adjudicator mends one and rejects four."""
    files = [answered(assigned, name, lambda i: i < 6) for name in ("Ann", "Bo")]
    files.append(answered(assigned, "Cy", lambda i: i > 0))
    stored = store_decisions(assigned, files, every)
    assert stored.outcomes == Counter({ReviewOutcome.ACCEPTED: 6, ReviewOutcome.DISPUTED: 6})
    assert states(assigned) == [ReviewState.ACCEPTED] * 6 + [ReviewState.UNREVIEWED] * 6
    assign_adjudications(assigned, ["Ward"])
    disputed = digests(assigned, "Ward", ReviewRole.ADJUDICATION)
    oval = taxonomy["oval"].iri
    decisions = [decided(disputed[0], denied=[oval]), *(decided(one, False) for one in disputed[1:5])]
    senior = document("Ward", [*decisions, decided(disputed[5])], role="adjudication")
    store_decisions(assigned, [decision_file(senior, "w.json")], every)
    assert states(assigned)[6:] == [ReviewState.CORRECTED, *[ReviewState.REJECTED] * 4, ReviewState.ACCEPTED]
    vocabulary = taxonomy.vocabulary
    with assigned.reading() as connection:
        labels = [one.named(vocabulary)["shape"] for _, one in label_sets(connection, vocabulary)]
        makers = list(connection.scalars(select(Provenance.detail).where(Provenance.detail.like("adjudication%"))))
    assert labels == [("oval",)] * 6 + [()] + [("oval",)] * 5
    assert makers == ["adjudication by Ward"]
    assert store_decisions(assigned, [decision_file(senior, "w.json")], every).known == 6
    senior["decisions"][0].pop("denied")
    with pytest.raises(DataError, match="was decided otherwise before"):
        store_decisions(assigned, [decision_file(senior, "w.json")], every)


def test_confidence_is_stored_for_the_specialties_of_a_sample(assigned: Database, every: tuple[Specialty, ...]) -> None:
    file = answered(assigned, "Ann", lambda _: True, confidence={"liver": 4, "knee": 2})
    store_decisions(assigned, [file], every)
    with assigned.reading() as connection:
        rows = connection.execute(select(Confidence.specialty, Confidence.confidence)).all()
        times = set(connection.scalars(select(Review.decided).where(Review.reviewer == "Ann")))
    assert rows == [("liver", 4)] * 12 and times == {TIME}


def test_a_second_import_changes_nothing_and_a_longer_file_adds(
    assigned: Database, every: tuple[Specialty, ...]
) -> None:
    own = digests(assigned, "Ann")
    first = decision_file(document("Ann", [decided(one, comment=" fine ") for one in own[:5]]), "a.json")
    longer = decision_file(document("Ann", [decided(one, comment="fine") for one in own]), "a.json")
    assert (store_decisions(assigned, [first], every).new, dump(assigned)) == (5, dump(assigned))
    before = dump(assigned)
    again = store_decisions(assigned, [first], every)
    assert (again.new, again.known, dump(assigned)) == (0, 5, before)
    more = store_decisions(assigned, [longer], every)
    assert (more.new, more.known) == (7, 5)


def change(**fields: Any) -> Any:
    """Return what a test changes in the first decision."""
    return lambda value: value["decisions"][0].update(fields)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda value: value.update(schema="udt-review-decisions/2"), "the schema 'udt-review-decisions/2'; allowed:"),
        (lambda value: value.pop("schema"), "has no 'schema'; allowed: udt-review-decisions/1"),
        (lambda value: value.update(role="judge"), "'role' breaks the rule enum"),
        (lambda value: value.update(extra=1), "it has the unknown field 'extra'"),
        (lambda value: value.update(confidence={"liver": 6}), "'confidence.liver' breaks the rule maximum: 5"),
        (lambda value: value.update(confidence={"heart": 3}), "the specialty 'heart' is not known; allowed: liver"),
        (change(alignment="yes"), r"'decisions\[0\].alignment' has to be of the type boolean"),
        (change(alignment=None), "has to be of the type boolean"),
        (change(decided="yesterday"), "breaks the rule pattern"),
        (change(sample="x"), "breaks the rule pattern"),
        (change(sample="0" * 64), "the sample 000000000000 is not in this database"),
        (change(comment="\x00"), "the comment on"),
        (change(denied=["https://w3id.org/udt/uhat/liver"]), "only an adjudicator can deny labels"),
        (lambda value: value["decisions"].append(value["decisions"][0]), "is decided 2 times"),
        (lambda value: value.update(reviewer="Bo"), "is assigned to others, not to 'Bo' for review"),
        (lambda value: value.update(role="adjudication"), "not to 'Ann' for adjudication"),
    ],
)  # fmt: skip
def test_refusals(reviewable: Database, every: tuple[Specialty, ...], spoil: Any, message: str) -> None:
    assign_reviews(reviewable, ["Ann"], per_sample=1)
    before = dump(reviewable)
    value = document("Ann", [decided(one) for one in digests(reviewable, "Ann")])
    value["decisions"] = [dict(one) for one in value["decisions"]]
    spoil(value)
    with pytest.raises(DataError, match=message):
        store_decisions(reviewable, [decision_file(value, "a.json")], every)
    assert dump(reviewable) == before


def test_another_answer_to_a_decided_sample_is_refused(assigned: Database, every: tuple[Specialty, ...]) -> None:
    store_decisions(assigned, [answered(assigned, "Ann", lambda _: True)], every)
    before = dump(assigned)
    good, bad = answered(assigned, "Bo", lambda _: True), answered(assigned, "Ann", lambda i: i > 0)
    with pytest.raises(DataError, match="was decided otherwise before") as refused:
        store_decisions(assigned, [good, bad], every)
    assert "1 more" not in str(refused.value) and dump(assigned) == before


def test_only_labels_of_the_sample_can_be_denied(assigned: Database, every: tuple[Specialty, ...]) -> None:
    for name in TRIO:
        store_decisions(assigned, [answered(assigned, name, lambda _: False)], every)
    assign_adjudications(assigned, ["Ward"])
    (first, *_) = digests(assigned, "Ward", ReviewRole.ADJUDICATION)
    value = document("Ward", [decided(first, denied=["https://w3id.org/udt/uhat/spleen"])], role="adjudication")
    with pytest.raises(DataError, match=r"has no label https://w3id\.org/udt/uhat/spleen to deny"):
        store_decisions(assigned, [decision_file(value, "w.json")], every)
