"""The samples that can be reviewed, and random samples of them that can be drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from udt.core.hashing import parts_sha256
from udt.core.tally import Tally
from udt.records.database.composites import has_parts
from udt.records.database.curation_models import Flag, Review
from udt.records.database.models import ReviewState, Sample


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sample with image and caption.

    :ivar flagged: whether a step asks a person to look at it.
    :ivar assigned: whether it has reviews.
    :ivar settled: whether its review is known without reviews here, as from an import.
    """

    id: int
    digest: str
    flagged: bool
    assigned: bool
    settled: bool


def candidates(connection: Connection, tally: Tally) -> list[Candidate]:
    """Return the samples that have an image and a caption, and are no composite with parts, by id.

    :param tally: counts the others.
    """
    assigned = exists().where(Review.sample_id == Sample.id)
    flagged = exists().where(Flag.sample_id == Sample.id)
    columns = (Sample.id, Sample.digest, Sample.image_id, Sample.caption_id, Sample.review)
    query = select(*columns, has_parts(), flagged, assigned).order_by(Sample.id)
    found = []
    for id, digest, image, caption, review, composite, has_flag, has_review in connection.execute(query):
        if composite or image is None or caption is None:
            tally.leave_out("composite, its parts are reviewed" if composite else "without image or caption")
        else:
            settled = review is not ReviewState.UNREVIEWED and not has_review
            found.append(Candidate(id, digest, has_flag, has_review, settled))
    return found


def in_random_order(found: Sequence[Candidate], seed: int) -> list[Candidate]:
    """Return candidates in an order that depends on the seed and their digests alone.

    The first n are a random sample, the same one whatever has been reviewed in between.
    """
    return sorted(found, key=lambda one: parts_sha256(str(seed), one.digest))
