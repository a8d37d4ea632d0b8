"""The data sets of a database, by name."""

from __future__ import annotations

from sqlalchemy import Connection, select

from udt.core.errors import DataError
from udt.records.database.models import Source


def check_source(connection: Connection, source: str | None) -> None:
    """Check that the database has a data set.

    :param source: its name, or None for all.
    :raises DataError: if it has none of this name.
    """
    names = sorted(connection.scalars(select(Source.name)))
    if source is not None and source not in names:
        raise DataError(f"there is no data set '{source}'; the database has: {', '.join(names) or 'none'}")
