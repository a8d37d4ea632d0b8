"""Many rows at once, with ids that are given out here, so that rows that belong together need no second look-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

Rows = Sequence[Mapping[str, Any]]


def table(model: type[DeclarativeBase]) -> Table:
    """The table of a model."""
    return cast(Table, inspect(model).local_table)


def insert(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Add `rows`, each with the same keys, which name every column that has a default."""
    _execute(connection, table(model).insert(), rows)


def insert_new(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Add those of `rows` that break no unique constraint; leave what is there as it is."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    _execute(connection, dialect.insert(table(model)).on_conflict_do_nothing(), rows)


def _execute(connection: Connection, statement: Insert, rows: Rows) -> None:
    """Hand the rows to the driver as they are; SQLAlchemy would convert each value, for twice the time."""
    if not rows:
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    order = compiled.positiontup
    values = [tuple(row[name] for name in order) for row in rows] if order else list(rows)
    connection.exec_driver_sql(str(compiled), values)


def next_id(connection: Connection, model: type[DeclarativeBase]) -> int:
    """The id after the highest one. It is free as long as the transaction of `connection` holds the writer's lock."""
    return (connection.scalar(select(func.max(table(model).c.id))) or 0) + 1


def count_on(connection: Connection, models: Iterable[type[DeclarativeBase]]) -> None:
    """Let the counters of PostgreSQL go on after the ids given out by `next_id`; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for model in models:
        name = model.__tablename__
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 0) + 1, false) FROM {name}")
        )
