"""Add tables of sources, cases, images, captions, samples and labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "captions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_captions_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_captions_sha256")),
    )
    op.create_table(
        "concepts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("parent_id", sa.Integer()),
        sa.CheckConstraint("task BETWEEN 1 AND 9", name=op.f("ck_concepts_task")),
        sa.ForeignKeyConstraint(["parent_id"], ["concepts.id"], name=op.f("fk_concepts_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concepts")),
        sa.UniqueConstraint("iri", name=op.f("uq_concepts_iri")),
    )
    op.create_index(op.f("ix_concepts_task_label"), "concepts", ["task", "label"])
    op.create_table(
        "provenances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "maker",
            sa.Enum("rule", "model", "human", name="maker", native_enum=False, create_constraint=True, length=12),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provenances")),
        sa.UniqueConstraint("maker", "detail", name=op.f("uq_provenances_maker_detail")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("licence", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("root", sa.Text()),
        sa.CheckConstraint("name <> ''", name=op.f("ck_sources_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint("key <> ''", name=op.f("ck_cases_key")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_cases_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_cases_source_id_key")),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("frame_index", sa.Integer(), nullable=False),
        sa.Column("frame_time", sa.Double()),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("bytes", sa.Integer()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("perceptual_hash", sa.String(length=16)),
        sa.Column("near_duplicate_group", sa.Integer()),
        sa.CheckConstraint("path <> ''", name=op.f("ck_images_path")),
        sa.CheckConstraint("bytes >= 0 AND width > 0 AND height > 0", name=op.f("ck_images_size")),
        sa.CheckConstraint("frame_index >= 0 AND frame_time >= 0", name=op.f("ck_images_frame")),
        sa.CheckConstraint("length(perceptual_hash) = 16", name=op.f("ck_images_perceptual_hash")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_images_sha256")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_images_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("path", "frame_index", "case_id", name=op.f("uq_images_path_frame_index_case_id")),
    )
    op.create_index(op.f("ix_images_case_id"), "images", ["case_id"])
    op.create_index(op.f("ix_images_near_duplicate_group"), "images", ["near_duplicate_group"])
    op.create_index(op.f("ix_images_sha256"), "images", ["sha256"])
    op.create_table(
        "samples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer()),
        sa.Column("caption_id", sa.Integer()),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "review",
            sa.Enum(
                "unreviewed",
                "accepted",
                "corrected",
                "rejected",
                name="reviewstate",
                native_enum=False,
                create_constraint=True,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column(
            "split",
            sa.Enum("train", "valid", "test", name="split", native_enum=False, create_constraint=True, length=12),
        ),
        sa.CheckConstraint("image_id IS NOT NULL OR caption_id IS NOT NULL", name=op.f("ck_samples_content")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_samples_digest")),
        sa.ForeignKeyConstraint(
            ["caption_id"], ["captions.id"], name=op.f("fk_samples_caption_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_samples_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_samples_image_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
        sa.UniqueConstraint("digest", name=op.f("uq_samples_digest")),
    )
    op.create_index(op.f("ix_samples_caption_id"), "samples", ["caption_id"])
    op.create_index(op.f("ix_samples_case_id"), "samples", ["case_id"])
    op.create_index(op.f("ix_samples_image_id"), "samples", ["image_id"])
    op.create_table(
        "sample_labels",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "present", "possible", "absent", name="certainty", native_enum=False, create_constraint=True, length=12
            ),
            nullable=False,
        ),
        sa.Column("evidence_start", sa.Integer()),
        sa.Column("evidence_end", sa.Integer()),
        sa.Column("evidence_text", sa.Text()),
        sa.Column("cue", sa.Text()),
        sa.CheckConstraint(
            "(evidence_start IS NULL AND evidence_end IS NULL AND evidence_text IS NULL) OR (evidence_start IS NOT NULL"
            " AND evidence_text IS NOT NULL AND evidence_start >= 0 AND evidence_end > evidence_start)",
            name=op.f("ck_sample_labels_evidence"),
        ),
        sa.ForeignKeyConstraint(["concept_id"], ["concepts.id"], name=op.f("fk_sample_labels_concept_id")),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_sample_labels_provenance_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_sample_labels_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample_id", "concept_id", "provenance_id", name=op.f("pk_sample_labels")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sample_labels_concept_id_sample_id"), "sample_labels", ["concept_id", "sample_id"])


def downgrade() -> None:
    """Drop the tables and their data."""
    op.drop_table("sample_labels")
    op.drop_table("samples")
    op.drop_table("images")
    op.drop_table("cases")
    op.drop_table("sources")
    op.drop_table("provenances")
    op.drop_table("concepts")
    op.drop_table("captions")
