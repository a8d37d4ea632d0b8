"""Environment of Alembic: runs the migrations on a given connection."""

from __future__ import annotations

from alembic import context

from udt.records.database.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
