"""Insert many rows at once, with ids assigned in Python, so that related rows need no further query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, func, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

Rows = Sequence[Mapping[str, Any]]


def table(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model."""
    return cast(Table, inspect(model).local_table)


def insert(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Insert `rows`, each with the same keys, which include every column with a default."""
    _execute(connection, table(model).insert(), rows)


def insert_new(connection: Connection, model: type[DeclarativeBase], rows: Rows) -> None:
    """Insert those of `rows` that violate no unique constraint; existing rows stay unchanged."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    _execute(connection, dialect.insert(table(model)).on_conflict_do_nothing(), rows)


def _execute(connection: Connection, statement: Insert, rows: Rows) -> None:
    """Pass the rows to the driver unchanged; the conversion of values by SQLAlchemy would double the time."""
    if not rows:
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    order = compiled.positiontup
    values = [tuple(row[name] for name in order) for row in rows] if order else list(rows)
    connection.exec_driver_sql(str(compiled), values)


def next_id(connection: Connection, model: type[DeclarativeBase]) -> int:
    """Return the id after the highest one, free as long as the transaction of `connection` holds the write lock."""
    return (connection.scalar(select(func.max(table(model).c.id))) or 0) + 1


def advance_counters(connection: Connection, models: Iterable[type[DeclarativeBase]]) -> None:
    """Set the id counters of PostgreSQL past the ids from `next_id`; SQLite needs no counters."""
    if connection.dialect.name != "postgresql":
        return
    for model in models:
        name = model.__tablename__
        connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 0) + 1, false) FROM {name}")
        )
