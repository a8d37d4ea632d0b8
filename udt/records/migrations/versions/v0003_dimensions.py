"""Allow any number of dimensions, with a classification task or without, and keep the role of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ROLE_OF_TASK = "CASE WHEN task <= 2 THEN 'place' WHEN task = 3 THEN 'diagnosis' ELSE 'attribute' END"
"""Before this version, all concepts were of the nine dimensions of the paper."""


def upgrade() -> None:
    """Drop the limit of tasks, and add the column of roles."""
    checks = [
        sa.CheckConstraint("task >= 1", name=op.f("ck_concepts_task")),
        sa.CheckConstraint("role IN ('place', 'diagnosis', 'attribute')", name=op.f("ck_concepts_role")),
    ]
    if _is_sqlite():
        role = sa.Column("role", sa.String(12), nullable=False)
        columns = "id, iri, task, dimension, label, position, parent_id"
        _rebuild([_task(nullable=True), role, *checks], f"{columns}, role", f"{columns}, {_ROLE_OF_TASK}")
        return
    op.drop_constraint(op.f("ck_concepts_task"), "concepts", type_="check")
    op.alter_column("concepts", "task", existing_type=sa.Integer(), nullable=True)
    op.add_column("concepts", sa.Column("role", sa.String(12)))
    op.execute(f"UPDATE concepts SET role = {_ROLE_OF_TASK}")
    op.alter_column("concepts", "role", existing_type=sa.String(12), nullable=False)
    for check in checks:
        op.create_check_constraint(op.f(str(check.name)), "concepts", check.sqltext)


def downgrade() -> None:
    """Drop the roles, and the labels of all dimensions but the first nine."""
    further = "SELECT id FROM concepts WHERE task IS NULL OR task > 9"
    op.execute(f"DELETE FROM sample_labels WHERE concept_id IN ({further})")
    op.execute(f"UPDATE concepts SET parent_id = NULL WHERE parent_id IN ({further})")
    op.execute("DELETE FROM concepts WHERE task IS NULL OR task > 9")
    check = sa.CheckConstraint("task BETWEEN 1 AND 9", name=op.f("ck_concepts_task"))
    if _is_sqlite():
        columns = "id, iri, task, dimension, label, position, parent_id"
        _rebuild([_task(nullable=False), check], columns, columns)
        return
    for name in "ck_concepts_task", "ck_concepts_role":
        op.drop_constraint(op.f(name), "concepts", type_="check")
    op.drop_column("concepts", "role")
    op.alter_column("concepts", "task", existing_type=sa.Integer(), nullable=False)
    op.create_check_constraint(op.f(str(check.name)), "concepts", check.sqltext)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _task(*, nullable: bool) -> sa.Column[int]:
    return sa.Column("task", sa.Integer(), nullable=nullable)


def _rebuild(parts: list[sa.Column[int] | sa.Column[str] | sa.CheckConstraint], columns: str, values: str) -> None:
    """Make the table again, since SQLite cannot change a constraint.

    Labels refer to its rows, so foreign keys are not checked at once, but when the rows are back.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE concepts_before AS SELECT * FROM concepts")
    op.drop_table("concepts")
    op.create_table(
        "concepts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("parent_id", sa.Integer()),
        *parts,
        sa.ForeignKeyConstraint(["parent_id"], ["concepts.id"], name=op.f("fk_concepts_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concepts")),
        sa.UniqueConstraint("iri", name=op.f("uq_concepts_iri")),
    )
    op.create_index(op.f("ix_concepts_task_label"), "concepts", ["task", "label"])
    op.execute(f"INSERT INTO concepts ({columns}) SELECT {values} FROM concepts_before")
    op.drop_table("concepts_before")
    op.execute("PRAGMA defer_foreign_keys = OFF")
