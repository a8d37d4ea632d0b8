"""Outcomes of votes, against a table of all cases of three reviewers."""

from __future__ import annotations

from itertools import product

import pytest

from udt.records.database.curation_models import ReviewRole
from udt.records.review.adjudication import Outcome, outcome
from udt.records.review.votes import Vote


def vote(answer: tuple[bool, bool] | None, role: ReviewRole = ReviewRole.REVIEW) -> Vote:
    alignment, consistency = answer or (None, None)
    return Vote(1, 1, "Ann", role, alignment, consistency)


ANSWERS = [None, (True, True), (True, False), (False, True), (False, False)]


@pytest.mark.parametrize("answers", list(product(ANSWERS, repeat=3)), ids=str)
def test_two_of_three_doubts_go_to_adjudication(answers: tuple[tuple[bool, bool] | None, ...]) -> None:
    problems = [answer for answer in answers if answer not in (None, (True, True))]
    expected = Outcome.DISPUTED if len(problems) >= 2 else Outcome.OPEN if None in answers else Outcome.ACCEPTED
    assert outcome([vote(answer) for answer in answers]) is expected


@pytest.mark.parametrize(
    ("adjudicated", "corrected", "expected"),
    [
        (None, False, Outcome.DISPUTED),
        ((True, True), False, Outcome.ACCEPTED),
        ((True, True), True, Outcome.CORRECTED),
        ((True, False), True, Outcome.REJECTED),
        ((False, True), False, Outcome.REJECTED),
    ],
    ids=["open", "accepted", "corrected", "labels wrong", "caption wrong"],
)
def test_the_adjudicated_result_wins(adjudicated: tuple[bool, bool] | None, corrected: bool, expected: Outcome) -> None:
    votes = [vote((False, False)), vote((False, True)), vote((True, True)), vote(adjudicated, ReviewRole.ADJUDICATION)]
    assert outcome(votes, corrected=corrected) is expected


def test_fewer_reviewers() -> None:
    """The only reviewer decides; of two, both have to see a problem."""
    assert outcome([vote((False, True))]) is Outcome.DISPUTED
    assert outcome([vote((False, True)), vote((True, True))]) is Outcome.ACCEPTED
    assert outcome([vote((False, True)), vote((True, False))]) is Outcome.DISPUTED
