"""Progress and the effective rate; the interval against SciPy."""

from __future__ import annotations

import pytest

from tests.records.review.conftest import answered, digests
from udt.core.errors import DataError
from udt.records.database.curation_models import ReviewRole
from udt.records.database.database import Database
from udt.records.review.adjudication import ReviewOutcome
from udt.records.review.assignment import assign_adjudications, assign_reviews
from udt.records.review.specialties import specialties
from udt.records.review.status import effective_rate, review_status, wilson_interval
from udt.records.review.storing import store_decisions
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.mark.parametrize(("successes", "count"), [(0, 1), (1, 1), (0, 40), (40, 40), (93, 100), (4660, 5000), (7, 13)])
def test_wilson(successes: int, count: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    expected = stats.binomtest(successes, count).proportion_ci(0.95, method="wilson")
    assert wilson_interval(successes, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_only_pairs_accepted_as_they_are_are_effective() -> None:
    found = dict(
        enumerate(
            [ReviewOutcome.ACCEPTED] * 6
            + [ReviewOutcome.CORRECTED, ReviewOutcome.REJECTED, ReviewOutcome.OPEN, ReviewOutcome.DISPUTED]
        )
    )
    rate = effective_rate(range(12), found)
    assert (rate.drawn, rate.final, rate.accepted, rate.rate) == (12, 8, 6, 0.75)
    assert (rate.low, rate.high) == wilson_interval(6, 8)
    assert effective_rate([8, 9], found).rate is None


def test_progress_and_the_rate_of_the_random_sample(reviewable: Database, taxonomy: Taxonomy) -> None:
    """Of a random sample of five, all are accepted; the others, which were assigned later, are disputed."""
    trio, every = ("Ann", "Bo", "Cy"), specialties(taxonomy)
    assign_reviews(reviewable, trio, count=5, seed=7)
    store_decisions(reviewable, [answered(reviewable, name, lambda _: True) for name in trio], every)
    drawn = set(digests(reviewable, "Ann"))
    assign_reviews(reviewable, trio, seed=8)
    own = digests(reviewable, "Ann")
    for name in trio[:2]:
        store_decisions(reviewable, [answered(reviewable, name, lambda i: own[i] in drawn)], every)
    assign_adjudications(reviewable, ["Ward"])
    wrong = answered(reviewable, "Ward", lambda _: False, role=ReviewRole.ADJUDICATION.value)
    store_decisions(reviewable, [wrong], every)
    with reviewable.reading() as connection:
        random, everything = review_status(connection, count=5, seed=7), review_status(connection)
    assert (random.effective.drawn, random.effective.rate) == (5, 1.0)
    assert (everything.effective.drawn, everything.effective.rate) == (12, 5 / 12)
    loads = [(one.reviewer, one.role, one.assigned, one.decided, one.doubts) for one in random.loads]
    assert loads == [
        ("Ann", "review", 12, 12, 7), ("Bo", "review", 12, 12, 7), ("Cy", "review", 12, 5, 0),
        ("Ward", "adjudication", 7, 7, 7),
    ]  # fmt: skip
    assert dict(random.outcomes) == {"open": 0, "disputed": 0, "accepted": 5, "corrected": 0, "rejected": 7}


def test_nothing_assigned(reviewable: Database) -> None:
    with reviewable.reading() as connection, pytest.raises(DataError, match="nothing is assigned yet"):
        review_status(connection)
