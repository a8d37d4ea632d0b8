"""Create and upgrade the tables of a database by migrations, within the transaction of the caller."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from udt.core.errors import DataError
from udt.records.database import curation_models, finding_models, models  # noqa: F401 (their tables are those of the base class)
from udt.records.database.base import Base

METADATA = Base.metadata
"""All tables."""
MIGRATIONS = Path(__file__).parents[1] / "migrations"
"""Folder of the migrations, for Alembic."""


def revisions() -> list[str]:
    """Return the versions of the tables, oldest first; the last one is that of this `udt`."""
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def revision_of(connection: Connection) -> str | None:
    """Return the version of the tables of a database; None if it has no tables of records."""
    found = MigrationContext.configure(connection).get_current_heads()
    return str(found[0]) if found else None


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Create or upgrade the tables; with the transaction, an upgrade that fails or is killed is undone."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, revision)


def is_ready(connection: Connection, shown: str, create: bool) -> bool:
    """Check whether a database has the tables of this version.

    :param shown: the database in messages.
    :param create: whether a database without tables is allowed.
    :returns: False if its tables are missing or of an older version.
    :raises DataError: if it has other tables, tables of a newer version, or no tables and `create` is not set.
    """
    known, current = revisions(), revision_of(connection)
    if current is None:
        _refuse_other_tables(connection, shown, create)
    elif current not in known:
        hint = "upgrade udt-toolkit, or give another database"
        raise DataError(f"{shown}: was made by a newer udt (its tables are of version {current}); {hint}")
    return current == known[-1]


def _refuse_other_tables(connection: Connection, shown: str, create: bool) -> None:
    tables = inspect(connection).get_table_names()
    if tables:
        found = ", ".join(sorted(tables)[:5])
        raise DataError(
            f"{shown}: not a database of records: it has other tables ({found}); give an empty or new database"
        )
    if not create:
        raise DataError(f"{shown}: has no tables; fill it with 'udt data import --db …'")
