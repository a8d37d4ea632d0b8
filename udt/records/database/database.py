"""Open a database of records, SQLite by path or PostgreSQL by URL, and create or upgrade its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from udt.core.errors import DataError

_ALLOWED = "give a file (records.db) or a URL (postgresql://user@host/name)"
_BUSY_SECONDS = 30
_WRITES = "udt_writes"


class Database:
    """A database of records, with the tables of this version.

    >>> with Database.open("sqlite://", create=True) as database, database.reading() as connection:
    ...     connection.dialect.name
    'sqlite'
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, place: str | Path, *, create: bool = False) -> Database:
        """Open the database at `place`, and upgrade it if an older `udt` created it.

        :param place: an SQLite file, or the URL of an SQLite or PostgreSQL database.
        :param create: whether to create the database, or its tables, if there are none.
        :raises DataError: if it cannot be opened, has no tables or other tables, or was created by a newer `udt`.
        """
        url = _url(place)
        if not create and _missing(url):
            raise DataError(f"{place}: there is no such database; create it with 'udt data import --db {place} …'")
        with ExitStack() as undo:
            engine = _engine(url)
            undo.callback(engine.dispose)
            _make_ready(engine, _shown(url), create)
            undo.pop_all()
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees a snapshot of the database."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a connection with a transaction that is committed at the end, or rolled back after an exception."""
        with _written(self.engine) as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open an ORM session with a transaction that is committed at the end, or rolled back after an exception."""
        with _written(self.engine) as connection, Session(connection) as session:
            yield session
            session.flush()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _written(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(place)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise DataError(f"{place}: is not the URL of a database; {_ALLOWED}") from error
    if backend not in ("sqlite", "postgresql"):
        raise DataError(f"{_shown(url)}: '{backend}' is not supported; {_ALLOWED}")
    return url.set(drivername="postgresql+psycopg") if backend == "postgresql" else url


def _shown(url: URL) -> str:
    """Format a URL for messages, without its password."""
    return (
        url.database or "sqlite://" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    )


def _missing(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database is not None and not Path(url.database).exists()


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise DataError(f"PostgreSQL needs '{error.name}'; run: pip install 'udt-toolkit[postgres]'") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # `_begin` starts transactions; the driver would start them too late
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")


def _begin(connection: Connection) -> None:
    """Begin a transaction; a writer takes its lock at once, since upgrading a read lock later can fail."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_ready(engine: Engine, shown: str, create: bool) -> None:
    try:
        with _written(engine) as connection:
            _upgrade(connection, shown, create)
    except OperationalError as error:
        raise DataError(f"{shown}: cannot be opened ({_first_line(error)}); {_ALLOWED}") from error
    except DBAPIError as error:
        raise DataError(f"{shown}: is not a database of records ({_first_line(error)}); {_ALLOWED}") from error


def _upgrade(connection: Connection, shown: str, create: bool) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations").replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        _refuse_other_tables(connection, shown, create)
    elif current not in {script.revision for script in scripts.walk_revisions()}:
        hint = "upgrade udt-toolkit, or give another database"
        raise DataError(f"{shown}: was made by a newer udt (its tables are of version {current}); {hint}")
    if current != scripts.get_current_head():
        command.upgrade(config, "head")


def _refuse_other_tables(connection: Connection, shown: str, create: bool) -> None:
    tables = inspect(connection).get_table_names()
    if tables:
        found = ", ".join(sorted(tables)[:5])
        raise DataError(
            f"{shown}: not a database of records: it has other tables ({found}); give an empty or new database"
        )
    if not create:
        raise DataError(f"{shown}: has no tables; fill it with 'udt data import --db …'")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0]
