"""Messages for errors of a database, and a check of an SQLite file for damage.

A message has the first line of the driver's text at most, since the others may quote rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Engine, Float, Integer, Table, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from udt.core.errors import DataError, UdtError
from udt.records.database.schema import METADATA

ALLOWED = "give a file (records.db) or a URL (postgresql://user@host/name)"
WAIT_SECONDS = 30
"""Time that a writer waits for another one."""

_AGAIN = "then run the command again"
_LOCKED = (
    f"is in use: another program has kept it locked for more than {WAIT_SECONDS} s",
    f"wait until that program ends (an import, or an editor of databases), {_AGAIN}",
)
_FULL = ("cannot be written: there is no space left", f"free some space on its disk, {_AGAIN}")
_READ_ONLY = ("cannot be written", "allow writing to it and to its folder, or copy it to another folder")
_RULE = ("a row was refused by a rule of the tables", f"end other programs that write to it, {_AGAIN}")
_VALUE = (
    "a value cannot be stored",
    "remove NUL characters, halves of surrogate pairs and numbers above 2,147,483,647 from the data",
)
_DAMAGED = ("is damaged", "restore a backup: udt data restore BACKUP --db NEW")
_UNAVAILABLE = ("cannot be opened", f"check that it is there and that you may use it; {ALLOWED}")
_CONFLICTS = ("40001", "40P01", "23505")

# Codes of SQLite (names) and PostgreSQL (SQLSTATE), or their beginning; a driver's own errors have a class alone.
_MEANINGS = {
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "55P03": _LOCKED,
    "SQLITE_FULL": _FULL,
    "53100": _FULL,
    "SQLITE_IOERR": ("cannot be read or written", f"check its disk for space and faults, {_AGAIN}"),
    "SQLITE_READONLY": _READ_ONLY,
    "25006": _READ_ONLY,
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "check that it may be read, and that its folder may be written, since SQLite keeps files ending in -wal and "
        "-shm beside it",
    ),
    "SQLITE_PERM": _UNAVAILABLE,
    "SQLITE_AUTH": _UNAVAILABLE,
    "SQLITE_NOTADB": ("is not a database of records", f"{ALLOWED}, or restore a backup: udt data restore"),
    "SQLITE_CONSTRAINT": _RULE,
    "23": _RULE,
    "22": _VALUE,
    "SQLITE_TOOBIG": _VALUE,
    "SQLITE_MISMATCH": _VALUE,
    "SQLITE": _DAMAGED,
    "42": ("its tables are not those of udt, or you may not use them", "check its permissions; restore a backup"),
    "XX": _DAMAGED,
    "40": ("was changed by another program at the same time", f"wait until that program ends, {_AGAIN}"),
}
_CLASSES = {"DataError": _VALUE, "IntegrityError": _RULE}


def explained(error: DBAPIError, shown: str) -> DataError:
    """Return an error of a driver as one for the user: its meaning, the first line of its text, and the next step."""
    code = _code(error)
    meaning, hint = next(
        (found for start, found in _MEANINGS.items() if code and code.startswith(start)),
        _CLASSES.get(type(error).__name__, _DAMAGED if "sqlite" in type(error.orig).__module__ else _UNAVAILABLE),
    )
    reason = "" if meaning == _VALUE[0] else f" ({first_line(error)})"  # the text about a value may quote it
    return DataError(f"{shown}: {meaning}{reason}; {hint}")


def first_line(error: DBAPIError) -> str:
    """Return the first line of the text of a driver's error, without the value that SQLite cannot decode."""
    return str(error.orig).strip().partition("\n")[0].partition(" with text ")[0]


def is_conflict(error: BaseException | None) -> bool:
    """Check whether a transaction failed due to another one at the same time, so that it may be tried again."""
    return isinstance(error, DBAPIError) and _code(error) in _CONFLICTS


def _code(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or ""


@contextmanager
def explaining(engine: Engine, shown: str) -> Iterator[None]:
    """Convert the errors of a database in the block to DataErrors without rows.

    A value of a wrong type, which only a damaged SQLite file has, causes errors of many classes. So after an error of
    such a class, the file is checked; if it is not damaged, the error is raised unchanged.

    :raises DataError: if the database fails, is damaged, or cannot store a value.
    """
    try:
        yield
    except UdtError:
        raise
    except IntegrityError as error:  # with one writer at a time, damage is the likely cause
        raise _damaged(engine, shown) or explained(error, shown) from None  # the driver's text may quote rows
    except DBAPIError as error:
        raise explained(error, shown) from None
    except (UnicodeEncodeError, OverflowError) as error:
        meaning, hint = _VALUE
        raise DataError(f"{shown}: {meaning}; {hint}") from error
    except (SQLAlchemyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if damaged := _damaged(engine, shown):
            raise damaged from error
        raise


def _damaged(engine: Engine, shown: str) -> DataError | None:
    """Check an SQLite file, and return an error if it is damaged."""
    try:
        with engine.connect() as connection:
            fault = damage(connection)
    except DBAPIError as error:
        return explained(error, shown)
    except UnicodeDecodeError:  # the text of SQLite's own error names damaged content
        fault = "its schema is not UTF-8"
    meaning, hint = _DAMAGED
    return DataError(f"{shown}: {meaning} ({fault}); {hint}") if fault else None


def damage(connection: Connection) -> str | None:
    """Return a fault of an SQLite file: of its pages, its indexes, the rules of its tables, or the type of a value.

    :returns: None if there is no fault, or for another database.
    """
    if connection.dialect.name != "sqlite":
        return None
    found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if found != "ok":
        return str(found).replace("*** in database main ***", "").strip().partition("\n")[0]
    if row := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        return f"a row of {row[0]} refers to a row of {row[2]} that is not there"
    there = set(inspect(connection).get_table_names())
    tables = [table for table in METADATA.sorted_tables if table.name in there]
    return next(filter(None, (_mistyped(connection, table) for table in tables)), None)


def _mistyped(connection: Connection, table: Table) -> str | None:
    """Return a description of a column with a value of a wrong type, or None."""
    tests = ", ".join(f"max(typeof({column.name}) NOT IN ({_types(column)}))" for column in table.columns)
    found = connection.exec_driver_sql(f"SELECT {tests} FROM {table.name}").one()
    wrong = [column.name for column, is_wrong in zip(table.columns, found, strict=True) if is_wrong]
    return f"{table.name}.{wrong[0]} holds a value of a wrong type" if wrong else None


def _types(column: Column[object]) -> str:
    """Return the types of SQLite that the values of a column may have, quoted."""
    kind = type(column.type)
    names = ["real", "integer"] if issubclass(kind, Float) else ["integer"] if _is_integer(column) else ["text"]
    return ", ".join(f"'{name}'" for name in [*names, *(["null"] if column.nullable else [])])


def _is_integer(column: Column[object]) -> bool:
    return isinstance(column.type, Integer) or column.type.python_type is bool
