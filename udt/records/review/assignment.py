"""Assign samples to reviewers, and disputed samples to adjudicators. Nobody sees the assignment of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from udt.core.errors import DataError
from udt.core.tally import Tally
from udt.records.database.bulk import insert_new
from udt.records.database.curation_models import Review, ReviewRole
from udt.records.database.database import Database
from udt.records.review.adjudication import ReviewOutcome, outcomes
from udt.records.review.balance import assign_balanced
from udt.records.review.candidates import Candidate, candidates, in_random_order
from udt.records.review.votes import by_sample, read_votes

_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class Assignment:
    """Counts of an assignment.

    :ivar samples: samples found, assigned now, and left out.
    :ivar loads: number of samples that each reviewer got now.
    """

    samples: Tally = field(default_factory=Tally)
    loads: Counter[str] = field(default_factory=Counter)


def assign_reviews(
    database: Database,
    reviewers: Sequence[str],
    *,
    per_sample: int = 3,
    count: int | None = None,
    flagged_first: bool = False,
    seed: int = 0,
) -> Assignment:
    """Assign samples to `per_sample` of the reviewers each.

    A sample that has reviews, or whose review came with the import, is not assigned again, so that the same call twice
    assigns nothing more.

    :param count: size of the random sample to assign; by default all samples.
    :param flagged_first: whether the samples with a flag come before the random ones, within `count`.
    :param seed: of the random sample and of the assignment.
    :raises DataError: if a name is not valid, or there are too few reviewers or no samples.
    """
    _check_names(reviewers)
    made = Assignment()
    with database.writing() as connection:
        order = in_random_order(candidates(connection, made.samples), seed)
        if not order:
            raise DataError("no sample has both an image and a caption; fill the database with 'udt data import'")
        if flagged_first:
            order.sort(key=lambda one: not one.flagged)
        chosen = _unassigned(order, len(order) if count is None else count, made.samples)
        _store(connection, made, [one.id for one in chosen], reviewers, per_sample, seed)
    return made


def assign_adjudications(database: Database, adjudicators: Sequence[str], *, seed: int = 0) -> Assignment:
    """Assign each disputed sample without an adjudicator to one of `adjudicators` who has not reviewed it.

    :raises DataError: if a name is not valid.
    """
    _check_names(adjudicators)
    made = Assignment()
    with database.writing() as connection:
        free = _disputed(connection, adjudicators, made.samples)
        for names, samples in sorted(free.items()):
            _store(connection, made, samples, names, 1, seed, ReviewRole.ADJUDICATION)
    return made


def _unassigned(order: Iterable[Candidate], count: int, tally: Tally) -> list[Candidate]:
    found = []
    for i, one in enumerate(order):
        if i >= count:
            tally.leave_out("not drawn")
        elif one.assigned or one.settled:
            tally.leave_out("assigned or reviewed before")
        else:
            found.append(one)
    return found


def _disputed(connection: Connection, adjudicators: Sequence[str], tally: Tally) -> Mapping[tuple[str, ...], list[int]]:
    """Return the disputed samples without an adjudicator, by those of `adjudicators` who may decide on them."""
    votes = by_sample(read_votes(connection))
    free: dict[tuple[str, ...], list[int]] = {}
    for sample, result in outcomes(connection).items():
        if result is not ReviewOutcome.DISPUTED:
            tally.leave_out("not disputed")
        elif any(vote.role is ReviewRole.ADJUDICATION for vote in votes[sample]):
            tally.leave_out("assigned before")
        elif names := tuple(one for one in adjudicators if one not in {vote.reviewer for vote in votes[sample]}):
            free.setdefault(names, []).append(sample)
        else:
            tally.leave_out("reviewed by each adjudicator")
    return free


def _store(
    connection: Connection,
    made: Assignment,
    samples: Sequence[int],
    reviewers: Sequence[str],
    per_sample: int,
    seed: int,
    role: ReviewRole = ReviewRole.REVIEW,
) -> None:
    """Assign samples among reviewers, and write the rows of their reviews."""
    assigned = assign_balanced(len(samples), reviewers, per_sample, seed)
    pairs = [(sample, name) for sample, names in zip(samples, assigned, strict=True) for name in names]
    insert_new(connection, Review, [{"sample_id": id, "reviewer": name, "role": role.value} for id, name in pairs])
    made.samples.read += len(samples)
    made.loads.update(dict.fromkeys(reviewers, 0) | Counter(name for _, name in pairs))


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if name != name.strip() or not name.isprintable() or not 0 < len(name) <= _NAME:
            raise DataError(f"'{name[:_NAME]!a}' is no name of a reviewer; give 1 to {_NAME} printable characters")
