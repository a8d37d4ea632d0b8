"""Locked, read-only, full and damaged databases give worded errors; writers wait for each other."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from tests.attacks.attempt import environ
from tests.records.conftest import Load, downgrade, dump, old_concepts, sample
from udt.core.errors import DataError
from udt.records.database import database as module
from udt.records.database.bulk import next_id
from udt.records.database.database import Database
from udt.records.database.faults import damage
from udt.records.database.models import Caption, Source
from udt.records.database.schema import METADATA

SECRET = "report of a patient"
ROWS = [sample(i, i, organ=["Liver"], diagnosis=["cyst"]) for i in range(30)]


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.25)


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Hold the lock of writers, as another program."""
    with Database.open(url) as other, other.writing():
        yield


@pytest.mark.usefixtures("short_wait")
def test_a_locked_database(url: str, database: Database) -> None:
    with Database.open(url) as second, _locked(url):
        with pytest.raises(DataError, match=r"is in use: .*locked for more than 30 s .*; wait until that program ends"):
            second.transact(lambda connection: connection.execute(select(Source)))
        with second.reading() as connection:
            assert connection.execute(select(Source)).all() == []


def test_a_locked_database_is_opened_for_reading(url: str, database: Database) -> None:
    with _locked(url), Database.open(url) as second, second.reading() as connection:
        assert connection.execute(select(Source)).all() == []


def test_writers_wait_for_each_other(url: str, database: Database) -> None:
    """Each adds a row with the next id, many times; without a lock, they would take the same one."""
    failed: list[DataError] = []

    def add(connection: Connection) -> None:
        id = next_id(connection, Source)
        connection.execute(text("INSERT INTO sources (id, name) VALUES (:id, :name)"), {"id": id, "name": f"s{id}"})

    def work() -> None:
        with Database.open(url) as own:
            for _ in range(25):
                try:
                    own.transact(add)
                except DataError as error:
                    failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*), max(id) FROM sources")).one() == (75, 75)


def test_a_conflict_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES", (0, 0))
    calls: list[int] = []

    class Conflict(Exception):
        sqlstate = "40P01"

    def change(connection: Connection) -> int:
        calls.append(1)
        connection.execute(text(f"INSERT INTO sources (name) VALUES ('s{len(calls)}')"))
        if len(calls) < 3:
            raise OperationalError("", {}, Conflict())
        return 7

    assert database.transact(change) == 7
    with database.reading() as connection:
        assert len(connection.execute(select(Source)).all()) == 1
    calls.clear()
    monkeypatch.setattr(module, "_PAUSES", (0,))
    with pytest.raises(DataError, match="changed by another program at the same time"):
        database.transact(change)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("INSERT INTO captions (text, sha256) VALUES (:secret, 'x')", "a row was refused by a rule of the tables"),
        ("INSERT INTO captions (text, sha256) VALUES (:secret || '\ud800', 'x')", "a value cannot be stored"),
        ("SELECT :secret FROM nowhere", r"is damaged|its tables are not those of udt"),
    ],
)
def test_no_error_shows_values(database: Database, statement: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught, database.writing() as connection:
        connection.execute(text(statement), {"secret": SECRET})
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_readers_see_a_snapshot(url: str, database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute(select(Source)).all() == []
        with Database.open(url) as second, second.writing() as other:
            other.execute(text("INSERT INTO sources (name) VALUES ('new')"))
        assert connection.execute(select(Source)).all() == []
    with database.reading() as connection:
        assert len(connection.execute(select(Source)).all()) == 1


def test_a_full_database(tmp_path: Path) -> None:
    """The transaction is undone, and succeeds once there is space."""
    with Database.open(tmp_path / "a.db", create=True) as database:

        def add(pages: int | None) -> None:
            with database.writing() as connection:
                count = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
                connection.exec_driver_sql(f"PRAGMA max_page_count = {count + pages if pages else 2**30}")
                for n in range(200):
                    row = {"t": f"{SECRET} {n}" * 50, "h": f"{n:064d}"}
                    connection.execute(text("INSERT INTO captions (text, sha256) VALUES (:t, :h)"), row)

        with pytest.raises(DataError, match=r"cannot be written: there is no space left .*; free some space") as caught:
            add(3)
        assert SECRET not in str(caught.value)
        with database.reading() as connection:
            assert connection.execute(select(Caption)).all() == [] and damage(connection) is None
        add(None)
        with database.reading() as connection:
            assert len(connection.execute(select(Caption)).all()) == 200


def test_a_read_only_database(tmp_path: Path) -> None:
    Database.open(tmp_path / "a.db", create=True).close()
    with Database.connect(f"sqlite:///file:{tmp_path}/a.db?mode=ro&uri=true", create=True) as database:
        with database.reading() as connection:
            assert connection.execute(select(Source)).all() == []
        with (
            pytest.raises(
                DataError, match=r"cannot be written \(.*readonly.*\); allow writing to it and to its folder"
            ),
            database.writing() as connection,
        ):
            connection.execute(text("INSERT INTO sources (name) VALUES ('s')"))


def test_the_files_beside_are_missing(load: Load, database: Database, url: str, tmp_path: Path) -> None:
    """Without them, the database is as of its last checkpoint, or damaged; it is never an unworded error."""
    if "://" in url:
        pytest.skip("SQLite alone has them")
    load(ROWS)
    for missing in ("-wal", "-shm"):
        copy = tmp_path / f"copy{missing}.db"
        for end in {"", "-wal", "-shm"} - {missing}:
            shutil.copy(f"{url}{end}", f"{copy}{end}")
        try:
            with Database.open(copy) as opened, opened.reading() as connection:
                assert damage(connection) is None
        except DataError as error:
            assert str(copy) in str(error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE samples SET case_id = 999", "a row of samples refers to a row of cases that is not there"),
        ("UPDATE captions SET text = CAST(text AS BLOB)", "captions.text holds a value of a wrong type"),
        ("UPDATE samples SET split = 'holdout'", "CHECK constraint failed in samples"),
    ],
)
def test_damage_is_found(load: Load, database: Database, url: str, change: str, message: str) -> None:
    if "://" in url:
        pytest.skip("PostgreSQL checks its rows itself")
    load(ROWS)
    with closing(sqlite3.connect(url)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(change)
        connection.commit()
    with database.reading() as opened:
        assert damage(opened) == message
    worded = pytest.raises(DataError, match=rf"is damaged \({message}\); restore a backup: udt data restore")
    with worded, database.reading():
        raise TypeError("a value of another type")


def test_an_error_of_the_program_is_not_hidden(database: Database) -> None:
    with pytest.raises(TypeError, match="wrong"), database.reading():
        raise TypeError("wrong")


def test_a_text_that_cannot_be_decoded_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Database.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO captions (text, sha256) VALUES (CAST(? AS TEXT), ?)", (b"\xff" + SECRET.encode(), "0" * 64)
        )
        connection.commit()
    worded = pytest.raises(DataError, match=r"is damaged \(Could not decode to UTF-8 column 'text'\)")
    with Database.open(path) as database, worded as caught, database.reading() as opened:
        opened.execute(select(Caption)).all()
    assert SECRET not in str(caught.value)


_UPGRADE = """
import os, signal, sys
from alembic import op
from udt.records.database.database import Database

make, calls = op.create_table, []
def create(name, *rest, **options):
    make(name, *rest, **options)
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
op.create_table = create
Database.open(sys.argv[1], create=True)
"""


def _older(url: str) -> None:
    with Database.open(url) as database, database.writing() as connection:
        downgrade(connection, "0001")


@pytest.mark.parametrize("table", ["imports", "unmapped_labels"])
def test_a_killed_upgrade_is_repaired_without_loss(load: Load, database: Database, url: str, table: str) -> None:
    load(ROWS)
    before = dump(database)
    _older(url)
    done = subprocess.run([sys.executable, "-c", _UPGRADE, url, table], env=environ(), check=False)
    assert done.returncode == -signal.SIGKILL
    with Database.open(url) as upgraded:
        with upgraded.reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert dump(upgraded) == {**before, "imports": [], "unmapped_labels": [], "concepts": old_concepts(before)}


@pytest.mark.parametrize("table", ["captions", "imports"])
def test_a_killed_creation_is_repaired(url: str, table: str) -> None:
    done = subprocess.run([sys.executable, "-c", _UPGRADE, url, table], env=environ(), check=False)
    assert done.returncode == -signal.SIGKILL
    with Database.open(url, create=True) as created:
        assert not any(dump(created).values())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a command as another user")
def test_a_folder_that_may_not_be_written() -> None:
    """Files of the root user, opened by another one."""
    with TemporaryDirectory() as folder:  # those of pytest are closed to other users
        Path(folder).chmod(0o755)
        Database.open(Path(folder, "a.db"), create=True).close()
        assert "a.db: cannot be written (attempt to write a readonly database); allow" in _opened_by_nobody(folder)


def _opened_by_nobody(folder: str) -> str:
    worker = f"""
import os, sys
sys.path[:0] = {sys.path!r}
from udt.core.errors import DataError
from udt.records.database.database import Database
os.chdir({folder!r})
Database.open("sqlite://", create=True).close()  # imports what the other user may not read
os.setuid(65534)
try:
    Database.open("a.db").close()
except DataError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", worker], env=environ(), capture_output=True, text=True, check=True)
    return done.stdout


def test_other_users_of_the_lock(url: str, database: Database) -> None:
    """Opening an up-to-date database takes no lock of writers: many may open it at once."""
    with _locked(url):
        several = [Database.open(url) for _ in range(3)]
    for one in several:
        one.close()
