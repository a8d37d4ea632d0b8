"""Back up a database of records to one file, and restore it into SQLite or PostgreSQL.

A backup is a zip file: `manifest.json`, and for each table a JSON-lines file with one array of values a row, in the
order of the primary key. So the same rows give the same bytes, whatever database they are in.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from struct import error as StructError
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table, func, inspect, select

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.core.hashing import pieces_sha256
from udt.core.version import __version__
from udt.records.database.base import Base
from udt.records.database.bulk import advance_counters
from udt.records.database.database import Database
from udt.records.database.faults import damage
from udt.records.database.schema import METADATA, revision_of, revisions, upgrade

KIND = "udt-backup"
SCHEMA = f"{KIND}/1"
MANIFEST = "manifest.json"

_ROWS = 10_000
_PIECE = 1 << 20
_LONGEST = 1 << 26  # bytes of a row
_OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
_TYPES = (str, int, float, bool, type(None))
_ANOTHER = "give another backup, or make a new one: udt data backup"
# The errors of zipfile, zlib and json for a damaged file.
_DAMAGES = (zipfile.BadZipFile, zlib.error, StructError, EOFError, LookupError, RuntimeError, OverflowError, ValueError)


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one table in a backup.

    :ivar sha256: of its file before compression, hexadecimal.
    """

    table: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """The manifest of a backup.

    :ivar revision: version of the tables.
    :ivar parts: the tables, in an order in which they can be restored.
    """

    revision: str
    parts: tuple[Part, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows of each table."""
        return {part.table: part.rows for part in self.parts}


def write_backup(database: Database, out: Path, *, overwrite: bool = False) -> Backup:
    """Write everything in a database to the file `out`, atomically; the file is readable by its owner alone.

    It is a snapshot, so other programs may write to the database at the same time.

    :param overwrite: whether a backup in `out` may be replaced.
    :raises DataError: if the database is damaged, or `out` exists and may not be replaced.
    """
    _check_target(out, overwrite)
    with database.reading() as connection:
        if fault := damage(connection):
            raise DataError(f"the database is damaged ({fault}), so it was not backed up; restore an earlier backup")
        with atomic_output(out, private=True) as handle, zipfile.ZipFile(handle, "w") as archive:
            parts = tuple(_write_part(archive, connection, table) for table in METADATA.sorted_tables)
            backup = Backup(str(revision_of(connection)), parts)
            with _member(archive, MANIFEST) as file:
                file.write(_manifest(backup))
    return backup


def check_backup(path: Path) -> Backup:
    """Read a backup to its end and compare it with its manifest.

    :raises DataError: if it is not a backup, was cut or changed, or was made by a newer `udt`.
    """
    with _opened(path) as archive:
        backup = _read_manifest(path, archive)
        for part in backup.parts:
            with archive.open(_file(part.table)) as file:
                found = pieces_sha256(iter(lambda: file.read(_PIECE), b""))
            if found != part.sha256:
                raise _changed(path, f"{_file(part.table)} has the SHA-256 {found} instead of {part.sha256}")
    return backup


def restore_backup(path: Path, database: Database) -> Backup:
    """Restore a backup into an empty database, in one transaction, and upgrade it to the tables of this version.

    :raises DataError: if the backup is damaged or newer, or the database is not empty.
    """
    backup = check_backup(path)
    with database.writing() as connection:
        _empty(connection)
        upgrade(connection, backup.revision)
        tables = sa.MetaData()
        tables.reflect(connection)
        with _opened(path) as archive:
            for part in backup.parts:
                _restore_part(connection, path, archive, part, tables)
        upgrade(connection)
        advance_counters(connection, [one.class_ for one in Base.registry.mappers if "id" in one.columns])
        if fault := damage(connection):
            raise _changed(path, f"it breaks a rule of the tables: {fault}")
    return backup


def _check_target(out: Path, overwrite: bool) -> None:
    """Refuse to replace a file, unless it is a backup and `overwrite` is set."""
    if not out.is_file():
        return
    try:
        with _opened(out) as archive:
            _read_manifest(out, archive)
    except DataError as error:
        raise DataError(f"{out}: is there already, and is not a backup; give the name of a new file") from error
    if not overwrite:
        raise DataError(f"{out}: is there already; give another file, or allow it to be replaced (--overwrite)")


def _file(table: str) -> str:
    return f"{table}.jsonl"


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a new member of an archive, without the time, so that the same records give the same bytes."""
    about = zipfile.ZipInfo(name, _OLDEST_DATE)
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return archive.open(about, "w", force_zip64=True)


def _write_part(archive: zipfile.ZipFile, connection: Connection, table: Table) -> Part:
    rows = 0

    def lines(file: IO[bytes]) -> Iterator[bytes]:
        nonlocal rows
        for row in connection.execute(_all_rows(table, connection.dialect.name)):
            line = json.dumps(tuple(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            file.write(line)
            rows += 1
            yield line

    with _member(archive, _file(table.name)) as file:
        sha256 = pieces_sha256(lines(file))
    return Part(table.name, tuple(table.columns.keys()), rows, sha256)


def _all_rows(table: Table, dialect: str) -> sa.Select[*tuple[Any, ...]]:
    """Select the rows by primary key; those that refer to another row of the table come last."""
    own = [key.parent.is_not(None) for key in table.foreign_keys if key.column.table is table]
    keys = [
        column.collate("C") if isinstance(column.type, sa.Text) and dialect == "postgresql" else column
        for column in table.primary_key
    ]
    return select(table).order_by(*own, *keys).execution_options(yield_per=_ROWS)


def _manifest(backup: Backup) -> bytes:
    about = {"schema": SCHEMA, "made_by": f"udt-toolkit {__version__}", **asdict(backup)}
    return json.dumps(about, indent=1).encode() + b"\n"


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup; errors of a damaged file in the block are converted.

    :raises DataError: if the file cannot be read as a backup.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; {_ANOTHER}")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DataError:
        raise
    except _DAMAGES as error:
        raise _changed(path, "it cannot be unpacked") from error


def _changed(path: Path, fault: str) -> DataError:
    return DataError(f"{path}: is not a backup, or was cut or changed: {fault}; {_ANOTHER}")


def _read_manifest(path: Path, archive: zipfile.ZipFile) -> Backup:
    if MANIFEST not in archive.namelist():
        raise _changed(path, f"{MANIFEST} is missing")
    with archive.open(MANIFEST) as file:
        about: Any = json.loads(file.read(_PIECE))
    if not isinstance(about, dict) or about.get("schema") != SCHEMA:
        raise DataError(f"{path}: is not a backup of the schema {SCHEMA}; {_ANOTHER}")
    try:
        parts = tuple(Part(**{**part, "columns": tuple(part["columns"])}) for part in about["parts"])
        backup = Backup(str(about["revision"]), parts)
    except (LookupError, TypeError) as error:
        raise _changed(path, f"{MANIFEST} lacks an entry") from error
    if backup.revision not in revisions():
        hint = "upgrade udt-toolkit, or give another backup"
        raise DataError(f"{path}: was made by a newer udt (its tables are of version {backup.revision}); {hint}")
    return backup


def _empty(connection: Connection) -> None:
    """Drop the tables of an empty database, so that those of the backup can be created.

    :raises DataError: if there are other tables, or rows.
    """
    found, own = inspect(connection).get_table_names(), METADATA.tables
    filled = [name for name in found if name in own and connection.scalar(select(func.count()).select_from(own[name]))]
    if filled or set(found) - {*own, "alembic_version"}:
        which = f"its tables {', '.join(sorted(filled))} have rows" if filled else "it has tables of another program"
        raise DataError(f"the database is not empty: {which}; restore into a new file or an empty database")
    METADATA.drop_all(connection)
    connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def _restore_part(
    connection: Connection, path: Path, archive: zipfile.ZipFile, part: Part, tables: sa.MetaData
) -> None:
    table = tables.tables.get(part.table)
    if table is None or set(part.columns) != set(table.columns.keys()):
        raise _changed(path, f"{part.table} is not a table, or has other columns")
    statement = sa.insert(sa.table(part.table, *(sa.column(name) for name in part.columns)))
    with archive.open(_file(part.table)) as file:
        rows = _rows(path, part, iter(lambda: file.readline(_LONGEST), b""))
        while batch := [dict(zip(part.columns, row, strict=True)) for row in islice(rows, _ROWS)]:
            connection.execute(statement, batch)
    count = connection.scalar(select(func.count()).select_from(table))
    if count != part.rows:
        raise _changed(path, f"{_file(part.table)} has {count:,} rows instead of {part.rows:,}")


def _rows(path: Path, part: Part, lines: Iterable[bytes]) -> Iterator[Sequence[object]]:
    for number, line in enumerate(lines, 1):
        row: Any = json.loads(line)
        if not isinstance(row, list) or len(row) != len(part.columns) or not all(isinstance(x, _TYPES) for x in row):
            raise _changed(path, f"{_file(part.table)}:{number} is not a row of {len(part.columns)} values")
        yield row
