"""The reviews in the database as votes: open ones, and those that are decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from udt.records.database.curation_models import Review, ReviewRole
from udt.records.database.models import Sample


@dataclass(frozen=True, slots=True)
class Vote:
    """The review of one sample by one person.

    :ivar sample: id of the sample.
    :ivar case: id of its case.
    :ivar alignment: whether the caption fits the image; None until decided.
    :ivar consistency: whether the labels fit caption and image; None until decided.
    """

    sample: int
    case: int
    reviewer: str
    role: ReviewRole
    alignment: bool | None
    consistency: bool | None

    @property
    def decided(self) -> bool:
        """Whether the reviewer has answered."""
        return self.alignment is not None

    @property
    def problem(self) -> bool:
        """Whether the reviewer sees a problem, in alignment or in consistency."""
        return self.decided and not (self.alignment and self.consistency)


def read_votes(connection: Connection) -> list[Vote]:
    """Return all reviews, by sample and reviewer."""
    columns = (Review.sample_id, Sample.case_id, Review.reviewer, Review.role, Review.alignment, Review.consistency)
    query = select(*columns).join(Sample, Review.sample_id == Sample.id).order_by(Review.sample_id, Review.reviewer)
    return [Vote(*row) for row in connection.execute(query)]


def by_sample(votes: Iterable[Vote]) -> Mapping[int, list[Vote]]:
    """Group votes by the id of their sample."""
    found: dict[int, list[Vote]] = defaultdict(list)
    for vote in votes:
        found[vote.sample].append(vote)
    return found
