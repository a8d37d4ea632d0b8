"""Outcomes of votes, against a table of all cases of three reviewers."""

from __future__ import annotations

from itertools import product

import pytest

from udt.records.database.curation_models import ReviewRole
from udt.records.review.adjudication import ReviewOutcome, outcome
from udt.records.review.votes import Vote


def vote(answer: tuple[bool, bool] | None, role: ReviewRole = ReviewRole.REVIEW) -> Vote:
    alignment, consistency = answer or (None, None)
    return Vote(1, 1, "Ann", role, alignment, consistency)


ANSWERS = [None, (True, True), (True, False), (False, True), (False, False)]


@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=3)), ids=str)
def test_two_of_three_doubts_go_to_adjudication(answers: tuple[tuple[bool, bool] | None, ...]) -> None:
    problems = [answer for answer in answers if answer not in (None, (True, True))]
    expected = (
        ReviewOutcome.DISPUTED
        if len(problems) >= 2
        else ReviewOutcome.OPEN
        if None in answers
        else ReviewOutcome.ACCEPTED
    )
    assert outcome([vote(answer) for answer in answers]) is expected


@pytest.mark.parametrize(
    ("adjudicated", "corrected", "expected"),
    [
        (None, False, ReviewOutcome.DISPUTED),
        ((True, True), False, ReviewOutcome.ACCEPTED),
        ((True, True), True, ReviewOutcome.CORRECTED),
        ((True, False), True, ReviewOutcome.REJECTED),
        ((False, True), False, ReviewOutcome.REJECTED),
    ],
    ids=["open", "accepted", "corrected", "labels wrong", "caption wrong"],
)
def test_the_adjudicated_result_wins(
    adjudicated: tuple[bool, bool] | None, corrected: bool, expected: ReviewOutcome
) -> None:
    votes = [vote((False, False)), vote((False, True)), vote((True, True)), vote(adjudicated, ReviewRole.ADJUDICATION)]
    assert outcome(votes, corrected=corrected) is expected


def test_fewer_reviewers() -> None:
    """The only reviewer decides; of two, both have to see a problem."""
    assert outcome([vote((False, True))]) is ReviewOutcome.DISPUTED
    assert outcome([vote((False, True)), vote((True, True))]) is ReviewOutcome.ACCEPTED
    assert outcome([vote((False, True)), vote((True, False))]) is ReviewOutcome.DISPUTED
