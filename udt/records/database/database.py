"""Open a database of records, SQLite by path or PostgreSQL by URL, and create or upgrade its tables."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.orm import Session

from udt.core.errors import DataError
from udt.records.database.faults import ALLOWED, WAIT_SECONDS, explaining, is_conflict
from udt.records.database.schema import is_ready, upgrade

_PAUSES = (0.1, 0.4, 1.6)  # seconds
_WRITES = "udt_writes"
_WRITER_LOCK = 7_234_019  # any number: the lock of PostgreSQL that all writers of records take

# SQLAlchemy logs some errors besides raising them; without a handler, Python would print them with a traceback.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

T = TypeVar("T")


class Database:
    """A database of records, with the tables of this version.

    >>> with Database.open("sqlite://", create=True) as database, database.reading() as connection:
    ...     connection.dialect.name
    'sqlite'
    """

    def __init__(self, engine: Engine, shown: str) -> None:
        self.engine = engine
        self._shown = shown

    @classmethod
    def open(cls, place: str | Path, *, create: bool = False) -> Database:
        """Open the database at `place`, and upgrade it if an older `udt` created it.

        :param place: an SQLite file, or the URL of an SQLite or PostgreSQL database.
        :param create: whether to create the database, or its tables, if there are none.
        :raises DataError: if it cannot be opened, has no tables or other tables, or was created by a newer `udt`.
        """
        with ExitStack() as undo:
            database = undo.enter_context(cls.connect(place, create=create))
            database._make_ready(create)
            undo.pop_all()
        return database

    @classmethod
    def connect(cls, place: str | Path, *, create: bool = False) -> Database:
        """Return the database at `place` without a check of its tables.

        :raises DataError: if `place` is not the place of a database, is a folder, or there is no file and `create` is
            not set.
        """
        url = _url(place)
        if not create and _missing(url):
            raise DataError(f"{place}: there is no such database; create it with 'udt data import --db {place} …'")
        if url.get_backend_name() == "sqlite" and url.database and Path(url.database).is_dir():
            raise DataError(f"{place}: is a folder; {ALLOWED}")
        return cls(_engine(url), _shown(url))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees a snapshot of the database.

        :raises DataError: if the database fails or is damaged.
        """
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        options = snapshot if self.engine.dialect.name == "postgresql" else {}
        with explaining(self.engine, self._shown), self.engine.connect() as connection:
            yield connection.execution_options(**options)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a connection with a transaction that is committed at the end, or rolled back after an exception.

        There is one writer at a time, so ids may be assigned in Python; a writer waits for another one.

        :raises DataError: if the database fails, is damaged, or another program locks it for too long.
        """
        with explaining(self.engine, self._shown), _written(self.engine) as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open an ORM session with a transaction that is committed at the end, or rolled back after an exception.

        :raises DataError: as `writing`.
        """
        with self.writing() as connection, Session(connection) as session:
            yield session
            session.flush()

    def transact(self, change: Callable[[Connection], T]) -> T:
        """Run `change` in a transaction as `writing`, again if it fails due to another program that writes, and return
        its result.

        :raises DataError: as `writing`.
        """
        for pause in _PAUSES:
            try:
                with self.writing() as connection:
                    return change(connection)
            except DataError as error:
                if not is_conflict(error.__context__):
                    raise
            time.sleep(pause)
        with self.writing() as connection:
            return change(connection)

    def _make_ready(self, create: bool) -> None:
        """Check the tables, and create or upgrade them if needed; nothing else takes the lock of writers."""
        with self.reading() as connection:
            ready = is_ready(connection, self._shown, create)
        if not ready:
            with self.writing() as connection:
                if not is_ready(connection, self._shown, create):
                    upgrade(connection)

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
        raise DataError(f"{place}: is not the URL of a database; {ALLOWED}") from error
    if backend not in ("sqlite", "postgresql"):
        raise DataError(f"{_shown(url)}: '{backend}' is not supported; {ALLOWED}")
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
        engine = create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise DataError(f"PostgreSQL needs '{error.name}'; run: pip install 'udt-toolkit[postgres]'") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "begin", _lock)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # `_begin` starts transactions; the driver would start them too late
    connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")


def _begin(connection: Connection) -> None:
    """Begin a transaction; a writer takes its lock at once, since upgrading a read lock later can fail."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lock(connection: Connection) -> None:
    """Wait for other writers, as `BEGIN IMMEDIATE` does in SQLite; the lock ends with the transaction."""
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
