"""The data sets of a database, by name."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from udt.core.errors import DataError
from udt.core.texts import fault_of_name
from udt.records.database.bulk import insert_new, table
from udt.records.database.models import Source


def check_source(connection: Connection, source: str | None) -> None:
    """Check that the database has a data set.

    :param source: its name, or None for all.
    :raises DataError: if it has none of this name.
    """
    names = sorted(connection.scalars(select(Source.name)))
    if source is not None and source not in names:
        raise DataError(f"there is no data set '{source}'; the database has: {', '.join(names) or 'none'}")


def add_source(connection: Connection, name: str, facts: Mapping[str, str]) -> int:
    """Add a data set, or update the facts about one that exists, and return its id.

    :param facts: columns of the table of sources, such as `licence`; what is not given stays as it is.
    :raises DataError: if the name is empty, or cannot be stored.
    """
    if fault := ("is empty" if not name.strip() else fault_of_name(name)):
        raise DataError(f"the name of the data set {fault}; give another one (--source NAME)")
    insert_new(connection, Source, [{"name": name}])
    if facts:
        connection.execute(table(Source).update().where(Source.name == name).values(dict(facts)))
    return connection.execute(select(Source.id).where(Source.name == name)).scalar_one()
