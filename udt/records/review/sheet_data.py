"""The open reviews of one person, with everything that a sheet shows, and nothing that would break the blinding.

A sheet has no votes of others, no names of sources, cases or files, and no makers of labels. Images are new copies
without metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from udt.core.errors import DataError
from udt.core.hashing import parts_sha256
from udt.core.images import ImageError
from udt.core.tally import Tally
from udt.records.database.curation_models import Review, ReviewRole
from udt.records.database.effective_labels import effective_labels
from udt.records.database.models import Caption, Case, ConceptRow, Image, Sample, SampleLabel, Source
from udt.records.review.decisions import SCHEMA
from udt.records.review.specialties import Specialty, covering, specialties
from udt.records.stored_images import data_uri, record_image, small_copy
from udt.taxonomy.model.taxonomy import Taxonomy

MOST_SAMPLES = 500
"""Number of samples in one sheet; more would make a file that browsers open slowly."""

SIDE = 800
"""Pixels of the longer side of an image in a sheet, by default."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The content of a sheet.

    :ivar id: identifies the reviewer and the samples, in any order; answers are kept under it.
    :ivar samples: what the page shows of each sample, for JSON.
    :ivar specialties: key to label of the specialties of the samples.
    :ivar tally: open reviews that are in the sheet, or not, and why.
    """

    id: str
    reviewer: str
    role: ReviewRole
    samples: Sequence[Mapping[str, Any]]
    specialties: Mapping[str, str]
    tally: Tally = field(default_factory=Tally)

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        facts = {"schema": SCHEMA, "sheet": self.id, "reviewer": self.reviewer, "role": self.role.value}
        return {**facts, "specialties": dict(self.specialties), "samples": list(self.samples)}


@dataclass(frozen=True, slots=True)
class _Row:
    """An open review.

    :ivar id: of the sample.
    """

    id: int
    digest: str
    caption: str
    root: str | None
    path: str
    sha256: str | None


def read_sheet(
    connection: Connection, reviewer: str, taxonomy: Taxonomy, *, limit: int | None = None, side: int = SIDE
) -> Sheet:
    """Return the sheet of the open reviews of `reviewer`, adjudications if there are any, else the others.

    :param limit: takes the first reviews alone, in the order of the reviewer; a later sheet has the others.
    :param side: pixels of the longer side of the images.
    :raises DataError: if there are no open reviews, more than a sheet may have, or none has an image that can be read.
    """
    role, rows = _open(connection, reviewer)
    if limit is None and len(rows) > MOST_SAMPLES:
        raise DataError(
            f"'{reviewer}' has {len(rows):,} open reviews; a sheet may have {MOST_SAMPLES}; export the first of them "
            f"(--limit {MOST_SAMPLES}), and the next ones once their decisions are imported"
        )
    rows, tally = rows[:limit], Tally()
    labels, every = _labels(connection, rows, taxonomy), specialties(taxonomy)
    samples = [one for row in rows if (one := _sample(row, labels.get(row.id, []), every, side, tally)) is not None]
    if not samples:
        hint = "mend the files, or import the data set again with its images (--images DIR)"
        raise DataError(f"no image of the {len(rows):,} samples can be read ({tally.reasons}); {hint}")
    shown = {key for one in samples for key in one["specialties"]}
    named = {one.key: one.label for one in every if one.key in shown}
    id = parts_sha256(reviewer, role.value, *sorted(one["id"] for one in samples))[:16]
    return Sheet(id, reviewer, role, samples, named, tally)


def _open(connection: Connection, reviewer: str) -> tuple[ReviewRole, list[_Row]]:
    columns = (Sample.id, Sample.digest, Caption.text, Source.root, Image.path, Image.sha256)
    query = select(Review.role, *columns).join(Sample, Review.sample_id == Sample.id)
    query = query.join(Caption, Sample.caption_id == Caption.id).join(Image, Sample.image_id == Image.id)
    query = query.join(Case, Sample.case_id == Case.id).join(Source, Case.source_id == Source.id)
    found: dict[ReviewRole, list[_Row]] = {}
    for row in connection.execute(query.where(Review.reviewer == reviewer, Review.decided.is_(None))):
        found.setdefault(row[0], []).append(_Row(*row[1:]))
    if not found:
        raise DataError(_nothing_open(connection, reviewer))
    role = ReviewRole.ADJUDICATION if ReviewRole.ADJUDICATION in found else ReviewRole.REVIEW
    return role, sorted(found[role], key=lambda row: parts_sha256(reviewer, row.digest))


def _nothing_open(connection: Connection, reviewer: str) -> str:
    names = sorted(set(connection.scalars(select(Review.reviewer).distinct())))
    if reviewer in names:
        return f"'{reviewer}' has no open reviews; assign more with 'udt data review assign'"
    known = f"reviewers: {', '.join(names)}" if names else "nothing is assigned yet"
    return f"nothing is assigned to '{reviewer}'; {known}; assign samples with 'udt data review assign'"


def _labels(connection: Connection, rows: Sequence[_Row], taxonomy: Taxonomy) -> Mapping[int, list[dict[str, str]]]:
    """Return the labels of samples with their definitions, in the order of the taxonomy."""
    place = {d.key: i for i, d in enumerate(taxonomy.dimensions)}
    own = effective_labels().where(SampleLabel.sample_id.in_([row.id for row in rows])).subquery()
    columns = (own.c.sample_id, ConceptRow.iri, ConceptRow.dimension, ConceptRow.label, ConceptRow.position)
    found: dict[int, list[tuple[tuple[int, int], dict[str, str]]]] = {}
    for sample, iri, dimension, label, position in connection.execute(
        select(*columns).join(ConceptRow, ConceptRow.id == own.c.concept_id)
    ):
        concept = taxonomy.named(iri)
        definition = (concept.definition or concept.scope_note or "") if concept else "not in the taxonomy"
        one = {"iri": iri, "dimension": dimension.replace("_", " "), "label": label, "definition": definition}
        found.setdefault(sample, []).append(((place.get(dimension, len(place)), position or 0), one))
    return {sample: [one for _, one in sorted(labels, key=lambda pair: pair[0])] for sample, labels in found.items()}


def _sample(
    row: _Row, labels: Sequence[Mapping[str, str]], every: Sequence[Specialty], side: int, tally: Tally
) -> dict[str, Any] | None:
    """Return what a sheet shows of a sample; None if its image cannot be read."""
    try:
        image = data_uri(small_copy(record_image(row.root, row.path, row.sha256), side, row.path))
    except ImageError as error:
        tally.leave_out(f"image: {error.refusal}", f"sample {row.id}: {error}")
        return None
    tally.read += 1
    keys = [one.key for one in covering(every, [label["iri"] for label in labels])]
    return {"id": row.digest, "caption": row.caption, "image": image, "labels": list(labels), "specialties": keys}
