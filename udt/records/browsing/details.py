"""Everything about one sample: image with its origin, captions, labels with provenance and evidence, reviews."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from udt.core.errors import DataError
from udt.records.browsing.selection import labels_of_samples
from udt.records.database.curation_models import (
    Confidence,
    Flag,
    ImageOrigin,
    MadeCaption,
    Media,
    Review,
    SampleOrigin,
)
from udt.records.database.finding_models import FindingRow, Reading, TermRow
from udt.records.database.models import (
    Caption,
    Case,
    ConceptRow,
    Image,
    Provenance,
    Sample,
    SampleLabel,
    Source,
    UnmappedLabel,
)

_LEAST = 6  # characters of a digest
_MADE = (Provenance.maker, Provenance.detail)


def find_sample(connection: Connection, name: str) -> int:
    """Return the id of a sample, given by its id or the first characters of its digest.

    :raises DataError: if there is none, or several have such a digest.
    """
    query = select(Sample.id)
    if name.isdecimal() and len(name) < _LEAST * 2:
        found = list(connection.scalars(query.where(Sample.id == int(name))))
        if found:
            return found[0]
    prefix = name.lower()
    if len(prefix) >= _LEAST and all(one in "0123456789abcdef" for one in prefix):
        found = list(connection.scalars(query.where(Sample.digest.startswith(prefix)).limit(2)))
        if len(found) == 1:
            return found[0]
        if found:
            raise DataError(f"several samples have a digest that begins with '{name}'; give more characters")
    hint = f"give an id, or {_LEAST} characters of a digest, as 'udt data list' prints them"
    raise DataError(f"there is no sample '{name}'; {hint}")


def sample_details(connection: Connection, id: int) -> dict[str, Any]:
    """Return all facts about a sample, for `json.dumps`; those that it does not have are left out."""
    facts = _facts(connection, id)
    parts = {
        "image": _image(connection, id),
        "parts": list(connection.scalars(select(SampleOrigin.sample_id).where(SampleOrigin.parent_id == id))),
        "part_of": connection.scalar(select(SampleOrigin.parent_id).where(SampleOrigin.sample_id == id)),
        "made_captions": _made_captions(connection, id),
        "effective_labels": {
            key: list(found) for key, found in labels_of_samples(connection, [id]).get(id, {}).items()
        },
        "labels": _labels(connection, id),
        "unmapped_labels": _unmapped(connection, id),
        "findings": _findings(connection, id),
        "flags": _flags(connection, id),
        "reviews": _reviews(connection, id),
    }
    return facts | {name: part for name, part in parts.items() if part}


def _dicts(connection: Connection, query: Select[*tuple[Any, ...]], *names: str) -> list[dict[str, Any]]:
    """Return rows as dictionaries, without what is None."""
    rows = (zip(names, row, strict=True) for row in connection.execute(query))
    return [{name: value for name, value in row if value is not None} for row in rows]


def _facts(connection: Connection, id: int) -> dict[str, Any]:
    query = select(
        Sample.id, Sample.digest, Source.name, Source.version, Source.licence, Source.url, Case.key, Sample.split,
        Sample.review, Caption.text,
    )  # fmt: skip
    query = query.join(Case, Sample.case_id == Case.id).join(Source, Case.source_id == Source.id)
    query = query.join(Caption, Sample.caption_id == Caption.id, isouter=True).where(Sample.id == id)
    names = ("id", "digest", "source", "source_version", "licence", "url", "case", "split", "review", "caption")
    return _dicts(connection, query, *names)[0]


def _image(connection: Connection, id: int) -> dict[str, Any]:
    """Return the image with its file, the box in its parent image, and the media file that it is from."""
    query = select(
        Image.id, Image.path, Source.root, Image.frame_index, Image.frame_time, Image.width, Image.height, Image.sha256,
        Image.perceptual_hash, Image.near_duplicate_group, ImageOrigin.parent_id, ImageOrigin.left, ImageOrigin.top,
        ImageOrigin.width, ImageOrigin.height, Media.path, Media.kind, Media.state,
    )  # fmt: skip
    query = query.join(Sample, Sample.image_id == Image.id).join(Case, Image.case_id == Case.id)
    query = query.join(Source, Case.source_id == Source.id)
    query = query.join(ImageOrigin, ImageOrigin.image_id == Image.id, isouter=True)
    query = query.join(Media, Media.id == ImageOrigin.media_id, isouter=True).where(Sample.id == id)
    found = _dicts(
        connection, query, "id", "path", "folder", "frame", "seconds", "width", "height", "sha256", "perceptual_hash",
        "near_duplicate_group", "parent", "left", "top", "part_width", "part_height", "media", "media_kind",
        "media_state",
    )  # fmt: skip
    return found[0] if found else {}


def _made_captions(connection: Connection, id: int) -> list[dict[str, Any]]:
    query = select(MadeCaption.language, MadeCaption.style, Caption.text, *_MADE)
    query = query.join(Caption, MadeCaption.caption_id == Caption.id)
    query = query.join(Provenance, MadeCaption.provenance_id == Provenance.id).where(MadeCaption.sample_id == id)
    return _dicts(connection, query.order_by("language", "style"), "language", "style", "text", "maker", "by")


def _labels(connection: Connection, id: int) -> list[dict[str, Any]]:
    query = select(
        ConceptRow.dimension, ConceptRow.label, ConceptRow.iri, SampleLabel.certainty, *_MADE,
        SampleLabel.evidence_start,
        SampleLabel.evidence_end, SampleLabel.evidence_text, SampleLabel.cue,
    )  # fmt: skip
    query = query.join(ConceptRow, SampleLabel.concept_id == ConceptRow.id)
    query = query.join(Provenance, SampleLabel.provenance_id == Provenance.id).where(SampleLabel.sample_id == id)
    names = ("dimension", "label", "iri", "certainty", "maker", "by", "start", "end", "evidence", "cue")
    return _dicts(connection, query.order_by(ConceptRow.id, Provenance.id), *names)


def _unmapped(connection: Connection, id: int) -> list[dict[str, Any]]:
    query = select(UnmappedLabel.dimension, UnmappedLabel.label, *_MADE)
    query = query.join(Provenance, UnmappedLabel.provenance_id == Provenance.id).where(UnmappedLabel.sample_id == id)
    return _dicts(connection, query.order_by("dimension", "label"), "dimension", "label", "maker", "by")


def _findings(connection: Connection, id: int) -> list[dict[str, Any]]:
    query = select(FindingRow.key, TermRow.label, FindingRow.name, FindingRow.certainty, FindingRow.laterality, *_MADE)
    query = query.join(Reading, FindingRow.reading_id == Reading.id)
    query = query.join(Provenance, Reading.provenance_id == Provenance.id)
    query = query.join(TermRow, FindingRow.term_id == TermRow.id, isouter=True).where(Reading.sample_id == id)
    names = ("key", "concept", "name", "certainty", "laterality", "maker", "by")
    return _dicts(connection, query.order_by(FindingRow.id), *names)


def _flags(connection: Connection, id: int) -> list[dict[str, Any]]:
    query = select(Flag.kind, Flag.detail, *_MADE).join(Provenance, Flag.provenance_id == Provenance.id)
    return _dicts(connection, query.where(Flag.sample_id == id).order_by(Flag.id), "kind", "detail", "maker", "by")


def _reviews(connection: Connection, id: int) -> list[dict[str, Any]]:
    """Return the reviews with the confidences of the reviewers."""
    columns = (
        Review.id, Review.reviewer, Review.role, Review.alignment, Review.consistency, Review.comment, Review.decided,
    )  # fmt: skip
    query = select(*columns).where(Review.sample_id == id).order_by(Review.role.desc(), Review.reviewer)
    names = ("id", "reviewer", "role", "alignment", "consistency", "comment", "decided")
    found = _dicts(connection, query, *names)
    for review in found:
        levels = select(Confidence.specialty, Confidence.confidence).where(Confidence.review_id == review.pop("id"))
        if confidence := dict(connection.execute(levels.order_by(Confidence.specialty)).all()):
            review["confidence"] = confidence
    return found
