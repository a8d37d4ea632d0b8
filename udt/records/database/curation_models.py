"""The tables of the making of a data set: where images come from, flags, and decisions of reviewers.

A media file gives images, an image may be a part of another, and a sample may be a part of another. Flags ask a person
to look at a sample; reviews are the answers of persons.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from udt.records.database.base import HASH, Base, text_enum

_CODES = {"sqlite_with_rowid": False}


class MediaKind(StrEnum):
    """Kind of a media file: one picture, an animation or video, or DICOM with one frame or several."""

    STILL = "still"
    CLIP = "clip"
    DICOM = "dicom"
    DICOM_CLIP = "dicom-clip"


class MediaState(StrEnum):
    """State of a media file: taken as ultrasound, left out, or waiting for a person to decide."""

    TAKEN = "taken"
    LEFT_OUT = "left-out"
    DOUBTFUL = "doubtful"


class FlagKind(StrEnum):
    """The step that asks a person to look at a sample."""

    EXTRACTION = "extraction"
    PAIRING = "pairing"
    CAPTION = "caption"
    MASKING = "masking"


class ReviewRole(StrEnum):
    """Role of a review: one of several independent ones, or the adjudication of their differences."""

    REVIEW = "review"
    ADJUDICATION = "adjudication"


class Media(Base):
    """A media file of a source, as it was found.

    :ivar case_id: the case that its frames belong to, or None if unknown.
    :ivar root: folder that it was found in; None for the root of the source.
    :ivar path: relative to `root`, with `/`.
    :ivar sha256: of the file, hexadecimal.
    :ivar bytes: size of the file.
    :ivar frames: number of its frames, or None if unknown.
    :ivar seconds: its duration, or None for a still image.
    :ivar score: share of ultrasound by the classifier, from 0 to 1; None if the file itself states its modality.
    :ivar reason: why it was left out or is doubtful; None if taken.
    """

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("source_id", "root", "path"),
        CheckConstraint("path <> ''", name="path"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("bytes >= 0 AND frames > 0 AND seconds >= 0", name="size"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        CheckConstraint("(state = 'taken') = (reason IS NULL)", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    root: Mapped[str | None] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(HASH, index=True)
    bytes: Mapped[int]
    kind: Mapped[MediaKind] = mapped_column(text_enum(MediaKind))
    frames: Mapped[int | None]
    seconds: Mapped[float | None]
    state: Mapped[MediaState] = mapped_column(text_enum(MediaState))
    score: Mapped[float | None]
    reason: Mapped[str | None] = mapped_column(Text)


class ImageOrigin(Base):
    """Origin of an image: the media file that it is a frame of, or the image that it is a part of.

    :ivar left: of its box in the parent image, in pixels; None for a whole image.
    """

    __tablename__ = "image_origins"
    __table_args__ = (
        CheckConstraint("media_id IS NOT NULL OR parent_id IS NOT NULL", name="origin"),
        CheckConstraint(
            '("left" IS NULL AND top IS NULL AND width IS NULL AND height IS NULL)'
            ' OR ("left" IS NOT NULL AND top IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL'
            ' AND "left" >= 0 AND top >= 0 AND width > 0 AND height > 0)',
            name="box",
        ),
    )

    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), index=True)
    left: Mapped[int | None]
    top: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"))


class SampleOrigin(Base):
    """The composite sample that a sample is a part of; the parts take its place in a data set."""

    __tablename__ = "sample_origins"
    __table_args__ = (CheckConstraint("parent_id <> sample_id", name="parent"),)

    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"), index=True)
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"))


class Flag(Base):
    """A question about a sample to a person.

    :ivar detail: the doubt in words, without text of the report.
    """

    __tablename__ = "flags"
    __table_args__ = (UniqueConstraint("sample_id", "kind", "detail"), CheckConstraint("detail <> ''", name="detail"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"))
    kind: Mapped[FlagKind] = mapped_column(text_enum(FlagKind))
    detail: Mapped[str] = mapped_column(Text)
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"))


class MadeCaption(Base):
    """A caption that was made from the labels of a sample.

    :ivar language: its BCP 47 tag.
    :ivar style: name of the style of its grammar, or of the model that wrote it.
    """

    __tablename__ = "made_captions"
    __table_args__ = (_CODES,)

    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    style: Mapped[str] = mapped_column(Text, primary_key=True)
    caption_id: Mapped[int] = mapped_column(ForeignKey("captions.id", ondelete="RESTRICT"), index=True)
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"))


class Review(Base):
    """The review of one sample by one person: assigned, and decided if `decided` is set.

    :ivar reviewer: name of the person.
    :ivar alignment: whether the caption fits the image; None until decided.
    :ivar consistency: whether the labels fit the caption and the image; None until decided.
    :ivar decided: time of the decision in UTC, ISO 8601.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("sample_id", "reviewer", "role"),
        CheckConstraint("reviewer <> ''", name="reviewer"),
        CheckConstraint(
            "(decided IS NULL AND alignment IS NULL AND consistency IS NULL)"
            " OR (decided IS NOT NULL AND alignment IS NOT NULL AND consistency IS NOT NULL)",
            name="decision",
        ),
        Index(None, "reviewer", "sample_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"))
    reviewer: Mapped[str] = mapped_column(Text)
    role: Mapped[ReviewRole] = mapped_column(text_enum(ReviewRole), default=ReviewRole.REVIEW)
    alignment: Mapped[bool | None]
    consistency: Mapped[bool | None]
    comment: Mapped[str | None] = mapped_column(Text)
    decided: Mapped[str | None] = mapped_column(Text)


class Confidence(Base):
    """The confidence of a reviewer in one specialty, from 1 (low) to 5 (high).

    :ivar specialty: its key in the ontology.
    """

    __tablename__ = "review_confidences"
    __table_args__ = (CheckConstraint("confidence BETWEEN 1 AND 5", name="confidence"), _CODES)

    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True)
    specialty: Mapped[str] = mapped_column(Text, primary_key=True)
    confidence: Mapped[int]
