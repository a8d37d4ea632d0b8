"""Assignment in the database: whom, how many, and what is left out."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from tests.records.conftest import Load, add_curation, sample
from tests.records.review.conftest import REVIEWERS, answered, digests
from udt.core.errors import DataError
from udt.records.database.curation_models import Flag, FlagKind, Review, ReviewRole
from udt.records.database.database import Database
from udt.records.database.models import Provenance, ReviewState, Sample
from udt.records.review.assignment import assign_adjudications, assign_reviews
from udt.records.review.specialties import specialties
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy


def test_every_sample_gets_its_reviewers(reviewable: Database) -> None:
    made = assign_reviews(reviewable, REVIEWERS)
    assert (made.samples.found, made.samples.read, made.loads) == (12, 12, Counter(dict.fromkeys(REVIEWERS, 9)))
    with reviewable.reading() as connection:
        per_sample = Counter(connection.scalars(select(Review.sample_id)))
    assert set(per_sample.values()) == {3}


def test_the_same_again_assigns_nothing_and_more_assigns_the_rest(reviewable: Database) -> None:
    assign_reviews(reviewable, REVIEWERS, count=5, seed=4)
    first = {name: set(digests(reviewable, name)) for name in REVIEWERS}
    again = assign_reviews(reviewable, REVIEWERS, count=5, seed=4)
    assert again.samples.read == 0
    assert dict(again.samples.left_out) == {"assigned or reviewed before": 5, "not drawn": 7}
    more = assign_reviews(reviewable, REVIEWERS, count=8, seed=4)
    assert more.samples.read == 3
    assert all(first[name] <= set(digests(reviewable, name)) for name in REVIEWERS)


def test_another_seed_draws_other_samples(reviewable: Database) -> None:
    drawn = []
    for seed in (0, 1):
        assign_reviews(reviewable, ["Ann"], per_sample=1, count=4, seed=seed)
        drawn.append(set(digests(reviewable, "Ann")))
        with reviewable.writing() as connection:
            connection.execute(Review.__table__.delete())
    assert drawn[0] != drawn[1]


def test_flagged_samples_come_first(reviewable: Database) -> None:
    with reviewable.session() as session:
        made = session.scalars(select(Provenance)).first()
        assert made is not None
        flags = [Flag(sample_id=id, kind=FlagKind.PAIRING, detail="doubt", provenance_id=made.id) for id in (3, 9)]
        session.add_all(flags)
        expected = set(session.scalars(select(Sample.digest).where(Sample.id.in_([3, 9]))))
    assign_reviews(reviewable, ["Ann"], per_sample=1, count=2, flagged_first=True)
    assert set(digests(reviewable, "Ann")) == expected


def test_samples_that_cannot_be_reviewed_are_left_out(load: Load, database: Database) -> None:
    rows = [sample(0, 0, shape=["oval"]), {"case": "1", "image": "1.png"}, {"case": "2", "caption": "A cyst."}]
    load(rows)
    with database.session() as session:
        session.get_one(Sample, 1).review = ReviewState.ACCEPTED
    made = assign_reviews(database, ["Ann"], per_sample=1)
    assert dict(made.samples.left_out) == {"without image or caption": 2, "assigned or reviewed before": 1}


def test_a_composite_is_left_out_for_its_parts(load: Load, database: Database) -> None:
    load([sample(0, 0, shape=["oval"])])
    with database.session() as session:
        add_curation(session, session.get_one(Sample, 1))
    with pytest.raises(DataError, match="no sample has both an image and a caption"):
        assign_reviews(database, ["Ann"], per_sample=1)


@pytest.mark.parametrize("name", ["", " Ann", "A\nB", "A" * 101], ids=["empty", "blank", "line", "long"])
def test_names_are_checked(reviewable: Database, name: str) -> None:
    with pytest.raises(DataError, match="is no name of a reviewer"):
        assign_reviews(reviewable, [name], per_sample=1)


def test_disputed_samples_go_to_an_adjudicator_who_has_not_reviewed_them(
    reviewable: Database, taxonomy: Taxonomy
) -> None:
    assign_reviews(reviewable, ["Ann", "Bo", "Cy"])
    for name, right in (("Ann", 4), ("Bo", 6), ("Cy", 12)):
        file = answered(reviewable, name, lambda i, right=right: i < right)  # type: ignore[misc]
        store_decisions(reviewable, [file], specialties(taxonomy))
    none = assign_adjudications(reviewable, ["Ann"])
    assert (none.samples.read, dict(none.samples.left_out)) == (
        0,
        {"not disputed": 6, "reviewed by each adjudicator": 6},
    )
    made = assign_adjudications(reviewable, ["Ann", "Ward", "Wong"])
    assert (made.samples.read, dict(made.loads)) == (6, {"Ward": 3, "Wong": 3})
    assert not set(digests(reviewable, "Ward", ReviewRole.ADJUDICATION)) & set(
        digests(reviewable, "Wong", ReviewRole.ADJUDICATION)
    )
    assert assign_adjudications(reviewable, ["Ward"]).samples.left_out["assigned before"] == 6
