"""Reasons against a release: everything that has to be settled before, all of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Select, func, select

from udt.core.batches import batches
from udt.core.errors import DataError
from udt.core.images import ImageError, Refusal
from udt.core.tally import Tally
from udt.records.database.curation_models import Flag, Media, MediaState
from udt.records.database.effective_labels import effective_labels
from udt.records.database.models import Caption, ConceptRow, Image, ReviewState, Sample, Source, UnmappedLabel
from udt.records.quality.leakage import find_leaks
from udt.records.release.content import ReleasedSample, released_query
from udt.records.review.adjudication import ReviewOutcome, outcomes
from udt.records.stored_images import record_image

_THREADS = 8
_BATCH = 256
_MOST_EXAMPLES = 3


class Allowance(StrEnum):
    """A reason against a release that a person can allow. Leaks and faulty images cannot be allowed."""

    OPEN_REVIEWS = "open-reviews"
    FLAGS = "flags"
    DOUBTFUL_MEDIA = "doubtful-media"
    UNMAPPED_LABELS = "unmapped-labels"
    NO_LICENCE = "no-licence"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason against a release.

    :ivar kind: a few words.
    :ivar detail: further numbers and examples.
    :ivar hint: the next step.
    :ivar allowance: the one with which it is allowed, or None.
    """

    kind: str
    count: int
    detail: str
    hint: str
    allowance: Allowance | None = None

    def __str__(self) -> str:
        """Return one line of text, with the next step."""
        allow = f" (or --allow {self.allowance.value})" if self.allowance else ""
        return f"{self.fact}; {self.hint}{allow}"

    @property
    def fact(self) -> str:
        """The reason without the next step."""
        return f"{self.kind}: {self.count:,} {self.detail}"


def obstacles(connection: Connection) -> list[Obstacle]:
    """Return the reasons against a release that are in the database."""
    checks = (_leaks, _unread, _open_reviews, _flags, _doubtful_media, _unmapped, _outside, _without_licence)
    return [found for check in checks for found in check(connection)]


def image_obstacles(samples: Iterable[ReleasedSample], on_progress: Callable[[str, int], None]) -> list[Obstacle]:
    """Read the image files of a release, and return those that are missing, not readable or changed."""
    tally = Tally()
    with ThreadPoolExecutor(_THREADS) as threads:
        for batch in batches(samples, _BATCH):
            for error in threads.map(_image_fault, batch):
                if error is None:
                    tally.read += 1
                else:
                    tally.leave_out(error.refusal, str(error))
            on_progress("images checked", tally.found)
    hint = "restore the files, or import the data set again with its images (--images DIR)"
    return [
        Obstacle(f"images {reason}", count, f"of {tally.found:,}, e.g. {'; '.join(tally.examples[reason])}", hint)
        for reason, count in tally.left_out.most_common()
    ]


def refuse_obstacles(found: Collection[Obstacle], allowed: Collection[Allowance]) -> list[Obstacle]:
    """Return the obstacles that are allowed.

    :raises DataError: with all others, if there are any.
    """
    against = [one for one in found if one.allowance is None or one.allowance not in allowed]
    if against:
        shown = "\n".join(f"  {one}" for one in against)
        number = "1 reason" if len(against) == 1 else f"{len(against)} reasons"
        raise DataError(f"the data set cannot be released for {number}:\n{shown}")
    return list(found)


def _image_fault(sample: ReleasedSample) -> ImageError | None:
    try:
        record_image(sample.root, sample.path, sample.sha256)
    except ImageError as error:
        return error
    return None


def _ids() -> Select[int]:
    """Select the ids of the samples of the release."""
    query: Select[int] = released_query(Sample.id).order_by(None)
    return query


def _leaks(connection: Connection) -> Iterator[Obstacle]:
    if leaks := find_leaks(connection):
        shown = "; ".join(map(str, leaks[:_MOST_EXAMPLES]))
        hint = "divide the samples again: udt data split --copies"
        yield Obstacle("leaks between the splits", len(leaks), f"in all, e.g. {shown}", hint)
    unsplit = connection.scalar(select(func.count()).where(Sample.id.in_(_ids()), Sample.split.is_(None))) or 0
    if unsplit:
        yield Obstacle("samples without a split", unsplit, "samples", "run 'udt data split --copies'")


def _unread(connection: Connection) -> Iterator[Obstacle]:
    query = select(func.count()).select_from(Sample).join(Image, Sample.image_id == Image.id)
    count = connection.scalar(query.where(Sample.id.in_(_ids()), Image.sha256.is_(None))) or 0
    if count:
        hint = "import the data set again with its images (--images DIR)"
        yield Obstacle(f"images {Refusal.UNREADABLE}", count, "images were never read, and not compared", hint)


def _open_reviews(connection: Connection) -> Iterator[Obstacle]:
    """Yield the samples that wait for reviewers or an adjudicator."""
    waiting = Counter(outcomes(connection).values())
    for outcome, noun, hint in (
        (ReviewOutcome.OPEN, "open reviews", "import the decisions of the reviewers: udt data review import"),
        (ReviewOutcome.DISPUTED, "open adjudications", "udt data review assign --adjudicator NAME"),
    ):
        if count := waiting[outcome]:
            yield Obstacle(noun, count, "samples", hint, Allowance.OPEN_REVIEWS)


def _flags(connection: Connection) -> Iterator[Obstacle]:
    """Yield the flags of samples that nobody has decided on."""
    query = select(Flag.kind, func.count()).join(Sample, Flag.sample_id == Sample.id)
    query = query.where(Sample.id.in_(_ids()), Sample.review == ReviewState.UNREVIEWED).group_by(Flag.kind)
    counts = sorted((kind.value, count) for kind, count in connection.execute(query))
    if counts:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts)
        hint = "have these samples reviewed: udt data review assign --flagged-first"
        total = sum(count for _, count in counts)
        yield Obstacle("flags that nobody has resolved", total, f"flags ({kinds})", hint, Allowance.FLAGS)


def _doubtful_media(connection: Connection) -> Iterator[Obstacle]:
    count = connection.scalar(select(func.count()).where(Media.state == MediaState.DOUBTFUL)) or 0
    if count:
        hint = "decide on them: udt data media accept|reject"
        yield Obstacle("doubtful media", count, "files may be no ultrasound", hint, Allowance.DOUBTFUL_MEDIA)


def _unmapped(connection: Connection) -> Iterator[Obstacle]:
    query = select(UnmappedLabel.dimension, UnmappedLabel.label, func.count()).where(
        UnmappedLabel.sample_id.in_(_ids())
    )
    rows = connection.execute(query.group_by(UnmappedLabel.dimension, UnmappedLabel.label)).all()
    if rows:
        most = sorted(rows, key=lambda row: (-row[2], row[0], row[1]))[:_MOST_EXAMPLES]
        shown = "; ".join(f"{label} ({dimension})" for dimension, label, _ in most)
        hint = "add them in an extension and import again (--taxonomy), or leave them out"
        detail = f"of {sum(row[2] for row in rows):,} uses, e.g. {shown}"
        yield Obstacle("labels outside the taxonomy", len(rows), detail, hint, Allowance.UNMAPPED_LABELS)


def _outside(connection: Connection) -> Iterator[Obstacle]:
    """Yield the labels of samples that the taxonomy of the last import no longer has."""
    own = effective_labels().subquery()
    query = select(ConceptRow.iri).join(own, own.c.concept_id == ConceptRow.id).distinct()
    query = query.where(ConceptRow.position.is_(None), own.c.sample_id.in_(_ids())).order_by(ConceptRow.iri)
    found = list(connection.scalars(query))
    if found:
        hint = "give the extension that declares them to the import (--taxonomy)"
        yield Obstacle("labels of an earlier taxonomy", len(found), f"e.g. {'; '.join(found[:_MOST_EXAMPLES])}", hint)


def _without_licence(connection: Connection) -> Iterator[Obstacle]:
    query = released_query(Source.name).where(func.coalesce(Source.licence, "") == "").order_by(None).distinct()
    names = sorted(connection.scalars(query))
    if names:
        hint = "state it at the import (--licence)"
        yield Obstacle("sources without a licence", len(names), f"({', '.join(names)})", hint, Allowance.NO_LICENCE)


def count_left_out(connection: Connection, tally: Tally) -> None:
    """Count the samples that are not in a release, with the reasons."""
    taken = set(connection.scalars(_ids()))
    query = select(Sample.id, Sample.review, Sample.image_id, Sample.caption_id).outerjoin(
        Caption, Sample.caption_id == Caption.id
    )
    for id, review, image, caption in connection.execute(query):
        if id in taken:
            tally.read += 1
        elif review is ReviewState.REJECTED:
            tally.leave_out("rejected in review")
        else:
            tally.leave_out("without image or caption" if image is None or caption is None else "composites with parts")
