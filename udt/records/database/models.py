"""The tables of labelled samples, as SQLAlchemy models.

A source has cases, a case has images and samples, a sample is one pair of an image and a caption with its labels.
Rules that a database can enforce are constraints; `udt.records.quality.validation` checks the others.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from udt.records.database.base import HASH, Base, text_enum


class Split(StrEnum):
    """The part of a data set that a sample belongs to."""

    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


class ReviewState(StrEnum):
    """State of the review of a sample by a person."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    REJECTED = "rejected"


class Certainty(StrEnum):
    """Certainty of a label of a sample; `absent` labels are denied by its text."""

    PRESENT = "present"
    POSSIBLE = "possible"
    ABSENT = "absent"


class Role(StrEnum):
    """Role of a dimension: its labels are places, types of finding, or attributes of a finding."""

    PLACE = "place"
    DIAGNOSIS = "diagnosis"
    ATTRIBUTE = "attribute"


class Maker(StrEnum):
    """Origin of a label: a rule (the normaliser), a trained model, or a person."""

    RULE = "rule"
    MODEL = "model"
    HUMAN = "human"


class Source(Base):
    """A data set that samples come from.

    :ivar root: folder that the paths of its images are relative to; None if unknown.
    """

    __tablename__ = "sources"
    __table_args__ = (CheckConstraint("name <> ''", name="name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    version: Mapped[str | None] = mapped_column(Text)
    licence: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    root: Mapped[str | None] = mapped_column(Text)

    cases: Mapped[list[Case]] = relationship(
        back_populates="source", cascade="all, delete-orphan", passive_deletes=True
    )


class Case(Base):
    """One patient or examination; a split never divides a case.

    :ivar key: its name in the source.
    """

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("source_id", "key"), CheckConstraint("key <> ''", name="key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)

    source: Mapped[Source] = relationship(back_populates="cases")
    images: Mapped[list[Image]] = relationship(
        back_populates="case", cascade="all, delete-orphan", passive_deletes=True
    )
    samples: Mapped[list[Sample]] = relationship(
        back_populates="case", cascade="all, delete-orphan", passive_deletes=True
    )


class Image(Base):
    """An image file, or one frame of a video. Columns with properties of the file are None until the file was read.

    :ivar path: relative to the root of the source, with `/`.
    :ivar sha256: of the file, hexadecimal.
    :ivar bytes: size of the file.
    :ivar perceptual_hash: 64 bits as 16 hexadecimal digits; images that look the same differ in few bits.
    :ivar near_duplicate_group: least id of the images that look the same as this one; None if there are none.
    :ivar frame_index: number of the frame in its video, from 0; 0 for a still image.
    :ivar frame_time: seconds from the start of the video, or None for a still image.
    """

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("path", "frame_index", "case_id"),
        CheckConstraint("path <> ''", name="path"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("length(perceptual_hash) = 16", name="perceptual_hash"),
        CheckConstraint("bytes >= 0 AND width > 0 AND height > 0", name="size"),
        CheckConstraint("frame_index >= 0 AND frame_time >= 0", name="frame"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    frame_index: Mapped[int] = mapped_column(default=0)
    frame_time: Mapped[float | None]
    sha256: Mapped[str | None] = mapped_column(HASH, index=True)
    bytes: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    perceptual_hash: Mapped[str | None] = mapped_column(String(16))
    near_duplicate_group: Mapped[int | None] = mapped_column(index=True)

    case: Mapped[Case] = relationship(back_populates="images")


class Caption(Base):
    """A text, shared by all samples with it. Rows never change: a sample with a new caption refers to another.

    :ivar sha256: of the text in UTF-8, hexadecimal.
    """

    __tablename__ = "captions"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(HASH, unique=True)


class Sample(Base):
    """An image with its caption; one of the two may be missing.

    :ivar digest: SHA-256 over source, case, image and caption; it identifies the sample in a second import.
    """

    __tablename__ = "samples"
    __table_args__ = (
        CheckConstraint("image_id IS NOT NULL OR caption_id IS NOT NULL", name="content"),
        CheckConstraint("length(digest) = 64", name="digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    image_id: Mapped[int | None] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), index=True)
    caption_id: Mapped[int | None] = mapped_column(ForeignKey("captions.id", ondelete="RESTRICT"), index=True)
    digest: Mapped[str] = mapped_column(HASH, unique=True)
    review: Mapped[ReviewState] = mapped_column(text_enum(ReviewState), default=ReviewState.UNREVIEWED)
    split: Mapped[Split | None] = mapped_column(text_enum(Split))

    case: Mapped[Case] = relationship(back_populates="samples")
    image: Mapped[Image | None] = relationship()
    caption: Mapped[Caption | None] = relationship()
    labels: Mapped[list[SampleLabel]] = relationship(
        back_populates="sample", cascade="all, delete-orphan", passive_deletes=True
    )
    unmapped: Mapped[list[UnmappedLabel]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class ConceptRow(Base):
    """A label of the taxonomy, kept by its IRI.

    :ivar task: number of the classification task of its dimension, from 1; None for a dimension without one.
    :ivar dimension: key of its dimension.
    :ivar role: role of its dimension.
    :ivar position: its label id within the dimension; None if the taxonomy of the last import no longer has it.
    :ivar parent_id: for a place within another, as an organ in a body system, the other; else None.
    """

    __tablename__ = "concepts"
    __table_args__ = (CheckConstraint("task >= 1", name="task"), Index(None, "task", "label"))

    id: Mapped[int] = mapped_column(primary_key=True)
    iri: Mapped[str] = mapped_column(Text, unique=True)
    task: Mapped[int | None]
    dimension: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(text_enum(Role))
    label: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("concepts.id"))


class Provenance(Base):
    """Provenance of labels and findings.

    :ivar detail: the file, the program with its version, or the person.
    :ivar version: version of the program that read the text, or None.
    :ivar taxonomy: version of the taxonomy that it read with, or None.
    :ivar taxonomy_sha256: SHA-256 of the files of that taxonomy, hexadecimal, or None.
    """

    __tablename__ = "provenances"
    __table_args__ = (UniqueConstraint("maker", "detail"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    maker: Mapped[Maker] = mapped_column(text_enum(Maker))
    detail: Mapped[str] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    taxonomy: Mapped[str | None] = mapped_column(Text)
    taxonomy_sha256: Mapped[str | None] = mapped_column(HASH)


class SampleLabel(Base):
    """One label of one sample from one provenance, with its evidence in the caption.

    :ivar evidence_start: start of the mention that determines the label, a code-point offset in the caption, or None.
    :ivar evidence_end: its exclusive end, or None.
    :ivar evidence_text: `caption[evidence_start:evidence_end]`.
    :ivar cue: the hedging or negating words, or None.
    """

    __tablename__ = "sample_labels"
    __table_args__ = (
        CheckConstraint(
            "(evidence_start IS NULL AND evidence_end IS NULL AND evidence_text IS NULL) OR (evidence_start IS NOT NULL"
            " AND evidence_text IS NOT NULL AND evidence_start >= 0 AND evidence_end > evidence_start)",
            name="evidence",
        ),
        Index(None, "concept_id", "sample_id"),
        {"sqlite_with_rowid": False},
    )

    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True)
    concept_id: Mapped[int] = mapped_column(ForeignKey("concepts.id"), primary_key=True)
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"), primary_key=True)
    certainty: Mapped[Certainty] = mapped_column(text_enum(Certainty), default=Certainty.PRESENT)
    evidence_start: Mapped[int | None]
    evidence_end: Mapped[int | None]
    evidence_text: Mapped[str | None] = mapped_column(Text)
    cue: Mapped[str | None] = mapped_column(Text)

    sample: Mapped[Sample] = relationship(back_populates="labels")
    concept: Mapped[ConceptRow] = relationship()
    provenance: Mapped[Provenance] = relationship()


class UnmappedLabel(Base):
    """A label of a source that the taxonomy does not have, stored so that it can be adopted with an extension.

    :ivar dimension: key of the dimension, or the column if a mapping lists the cells of the column.
    """

    __tablename__ = "unmapped_labels"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    provenance_id: Mapped[int] = mapped_column(ForeignKey("provenances.id"), primary_key=True)


class Import(Base):
    """Progress of the import of one file, stored with the rows, so that an interrupted import can be resumed.

    :ivar sha256: hash of the file.
    :ivar settings: SHA-256 of everything else that determines the result: mapping and taxonomy.
    :ivar rows: number of imported rows.
    """

    __tablename__ = "imports"
    __table_args__ = (UniqueConstraint("source_id", "sha256", "settings"), CheckConstraint("rows >= 0", name="rows"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(HASH)
    settings: Mapped[str] = mapped_column(HASH)
    rows: Mapped[int] = mapped_column(default=0)
    finished: Mapped[bool] = mapped_column(default=False)
