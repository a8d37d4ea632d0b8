"""Add the making of a data set: media files, origins of images and samples, flags, made captions, and reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = (
    "review_confidences",
    "reviews",
    "made_captions",
    "flags",
    "sample_origins",
    "image_origins",
    "media",
)


def upgrade() -> None:
    """Add the tables."""
    _add_origins()
    _add_questions()
    _add_reviews()


def downgrade() -> None:
    """Drop the tables."""
    for table in _TABLES:
        op.drop_table(table)


def _add_origins() -> None:
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer()),
        sa.Column("root", sa.Text()),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "still",
                "clip",
                "dicom",
                "dicom-clip",
                name="mediakind",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("frames", sa.Integer()),
        sa.Column("seconds", sa.Double()),
        sa.Column(
            "state",
            sa.Enum(
                "taken", "left-out", "doubtful", name="mediastate", native_enum=False, create_constraint=True, length=12
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Double()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("(state = 'taken') = (reason IS NULL)", name=op.f("ck_media_reason")),
        sa.CheckConstraint("path <> ''", name=op.f("ck_media_path")),
        sa.CheckConstraint("bytes >= 0 AND frames > 0 AND seconds >= 0", name=op.f("ck_media_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_media_sha256")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_media_score")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_media_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_media_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("source_id", "root", "path", name=op.f("uq_media_source_id_root_path")),
    )
    op.create_index(op.f("ix_media_case_id"), "media", ["case_id"])
    op.create_index(op.f("ix_media_sha256"), "media", ["sha256"])
    op.create_table(
        "image_origins",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer()),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("left", sa.Integer()),
        sa.Column("top", sa.Integer()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            '("left" IS NULL AND top IS NULL AND width IS NULL AND height IS NULL)'
            ' OR ("left" IS NOT NULL AND top IS NOT NULL AND width IS NOT NULL AND height IS NOT NULL'
            ' AND "left" >= 0 AND top >= 0 AND width > 0 AND height > 0)',
            name=op.f("ck_image_origins_box"),
        ),
        sa.CheckConstraint("media_id IS NOT NULL OR parent_id IS NOT NULL", name=op.f("ck_image_origins_origin")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_image_origins_image_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_image_origins_media_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["images.id"], name=op.f("fk_image_origins_parent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_image_origins_provenance_id")),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_image_origins")),
    )
    op.create_index(op.f("ix_image_origins_media_id"), "image_origins", ["media_id"])
    op.create_index(op.f("ix_image_origins_parent_id"), "image_origins", ["parent_id"])
    op.create_table(
        "sample_origins",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("parent_id <> sample_id", name=op.f("ck_sample_origins_parent")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["samples.id"], name=op.f("fk_sample_origins_parent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_sample_origins_provenance_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_sample_origins_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_sample_origins")),
    )
    op.create_index(op.f("ix_sample_origins_parent_id"), "sample_origins", ["parent_id"])


def _add_questions() -> None:
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "extraction",
                "pairing",
                "caption",
                "masking",
                name="flagkind",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("detail <> ''", name=op.f("ck_flags_detail")),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_flags_provenance_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_flags_sample_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("sample_id", "kind", "detail", name=op.f("uq_flags_sample_id_kind_detail")),
    )
    op.create_table(
        "made_captions",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("caption_id", sa.Integer(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["caption_id"], ["captions.id"], name=op.f("fk_made_captions_caption_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_made_captions_provenance_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_made_captions_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample_id", "language", "style", name=op.f("pk_made_captions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_made_captions_caption_id"), "made_captions", ["caption_id"])


def _add_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("review", "adjudication", name="reviewrole", native_enum=False, create_constraint=True),
            nullable=False,
        ),
        sa.Column("alignment", sa.Boolean()),
        sa.Column("consistency", sa.Boolean()),
        sa.Column("comment", sa.Text()),
        sa.Column("decided", sa.Text()),
        sa.CheckConstraint("reviewer <> ''", name=op.f("ck_reviews_reviewer")),
        sa.CheckConstraint(
            "(decided IS NULL AND alignment IS NULL AND consistency IS NULL)"
            " OR (decided IS NOT NULL AND alignment IS NOT NULL AND consistency IS NOT NULL)",
            name=op.f("ck_reviews_decision"),
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_reviews_sample_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("sample_id", "reviewer", "role", name=op.f("uq_reviews_sample_id_reviewer_role")),
    )
    op.create_index(op.f("ix_reviews_reviewer_sample_id"), "reviews", ["reviewer", "sample_id"])
    op.create_table(
        "review_confidences",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("specialty", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 1 AND 5", name=op.f("ck_review_confidences_confidence")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_confidences_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "specialty", name=op.f("pk_review_confidences")),
        sqlite_with_rowid=False,
    )
