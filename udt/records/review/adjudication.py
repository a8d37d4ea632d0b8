"""Outcome of the votes on a sample: doubts go to adjudication, and the adjudicated result wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, select, update

from udt.records.database.curation_models import ReviewRole
from udt.records.database.models import Certainty, Maker, Provenance, ReviewState, Sample, SampleLabel
from udt.records.review.votes import Vote, by_sample, read_votes

DOUBTS = 2
"""Number of reviewers who have to see a problem in a sample, so that it goes to adjudication."""

_DETAIL = "adjudication by "


class ReviewOutcome(StrEnum):
    """Outcome of the votes on a sample; `open` and `disputed` wait for a reviewer or an adjudicator."""

    OPEN = "open"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


_STATES = {
    ReviewOutcome.ACCEPTED: ReviewState.ACCEPTED,
    ReviewOutcome.CORRECTED: ReviewState.CORRECTED,
    ReviewOutcome.REJECTED: ReviewState.REJECTED,
}


def outcome(votes: Sequence[Vote], *, corrected: bool = False) -> ReviewOutcome:
    """Return the outcome of all votes on one sample.

    An adjudication wins. Without one, a sample is disputed if `DOUBTS` reviewers, or its only one, see a problem; it is
    accepted once all have decided and fewer do. A single doubt of several reviewers is outvoted.

    :param corrected: whether the adjudicator changed its labels.
    """
    reviews = [vote for vote in votes if vote.role is ReviewRole.REVIEW]
    decided = [vote for vote in votes if vote.role is ReviewRole.ADJUDICATION and vote.decided]
    if decided:
        if any(vote.problem for vote in decided):
            return ReviewOutcome.REJECTED
        return ReviewOutcome.CORRECTED if corrected else ReviewOutcome.ACCEPTED
    if sum(vote.problem for vote in reviews) >= min(DOUBTS, max(len(reviews), 1)):
        return ReviewOutcome.DISPUTED
    return ReviewOutcome.ACCEPTED if reviews and all(vote.decided for vote in reviews) else ReviewOutcome.OPEN


def outcomes(connection: Connection) -> Mapping[int, ReviewOutcome]:
    """Return the outcome of each sample that has reviews, by its id."""
    corrected = _corrected(connection)
    votes = by_sample(read_votes(connection))
    return {sample: outcome(cast, corrected=sample in corrected) for sample, cast in votes.items()}


def settle(connection: Connection, samples: Collection[int]) -> Mapping[int, ReviewOutcome]:
    """Write the outcomes of samples as the state of their review, and return them.

    A sample without a final outcome is unreviewed.
    """
    wanted = frozenset(samples)
    found = {sample: result for sample, result in outcomes(connection).items() if sample in wanted}
    rows = [{"key": sample, "state": _STATES.get(result, ReviewState.UNREVIEWED)} for sample, result in found.items()]
    if rows:
        connection.execute(update(Sample).where(Sample.id == bindparam("key")).values(review=bindparam("state")), rows)
    return found


def adjudicator_detail(name: str) -> str:
    """Return the detail of the provenance of label changes by an adjudicator."""
    return f"{_DETAIL}{name}"


def _corrected(connection: Connection) -> set[int]:
    """Return the ids of the samples of which an adjudicator denied labels."""
    query = select(SampleLabel.sample_id).join(Provenance).distinct()
    by_adjudicator = func.substr(Provenance.detail, 1, len(_DETAIL)) == _DETAIL
    denied = (Provenance.maker == Maker.HUMAN, by_adjudicator, SampleLabel.certainty == Certainty.ABSENT)
    return set(connection.scalars(query.where(*denied)))
