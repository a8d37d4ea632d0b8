"""Add tables of the progress of imports, and of labels that the taxonomy does not have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("settings", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_imports_rows")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_imports_source_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sa.UniqueConstraint("source_id", "sha256", "settings", name=op.f("uq_imports_source_id_sha256_settings")),
    )
    op.create_table(
        "unmapped_labels",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("provenance_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provenance_id"], ["provenances.id"], name=op.f("fk_unmapped_labels_provenance_id")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["samples.id"], name=op.f("fk_unmapped_labels_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sample_id", "dimension", "label", "provenance_id", name=op.f("pk_unmapped_labels")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables and their data."""
    op.drop_table("unmapped_labels")
    op.drop_table("imports")
