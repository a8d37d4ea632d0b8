"""Backups restore everything, into either database, and damage is found."""

from __future__ import annotations

import json
import random
import stat
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from tests.records.conftest import PLAIN, Load, add_curation, dump, jsonl, old_concepts, sample
from udt.cli.main import main
from udt.core.errors import DataError
from udt.core.hashing import bytes_sha256
from udt.records.backup import MANIFEST, check_backup, restore_backup, write_backup
from udt.records.database.database import Database
from udt.records.database.models import Sample
from udt.records.database.schema import METADATA
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.taxonomy.model.taxonomy import Taxonomy

ROWS = [
    sample(i // 3, i, organ=["Liver"], body_system=["Abdomen and retroperitoneum"], diagnosis=["wart", "cyst", "Ä"])
    for i in range(9)
]
REPORT = """INDICATION: history of cholecystectomy. No mass.
FINDINGS: In the upper outer quadrant of the left breast at 2 o'clock a mass of 12 x 9 mm, likely a fibroadenoma.
IMPRESSION: Left breast mass. Hydronephrosis of the right kidney."""
FINDING_TABLES = {table for table in METADATA.tables if table.startswith(("finding", "measurement", "term"))} | {
    "readings",
    "sections",
    "excluded_mentions",
    "interpretations",
    "evidence",
}
CURATION_TABLES = {
    "media",
    "image_origins",
    "sample_origins",
    "flags",
    "made_captions",
    "reviews",
    "review_confidences",
}


@pytest.fixture
def place(tmp_path: Path, taxonomy: Taxonomy) -> Path:
    """A database with rows in every table, one with an odd text and one with a time."""
    rows = [*ROWS, {"case": "v", "image": "v.avi", "caption": "雲 \\ \" \u2028 'x'", "frame_time": 0.1}]
    request = Request("set", open_data_set(jsonl(tmp_path / "set.jsonl", rows)), PLAIN, about={"licence": "CC0"})
    reports = open_data_set(jsonl(tmp_path / "reports.jsonl", [{"case": "r", "caption": REPORT}]))
    with Database.open(tmp_path / "first.db", create=True) as database:
        for one in (request, Request("reports", reports, PLAIN, normalize=True)):
            run_import(database, one, taxonomy, lambda fault: None, lambda *_: None)
        with database.session() as session:
            query = select(Sample).where(Sample.image_id.is_not(None), Sample.caption_id.is_not(None))
            add_curation(session, session.scalars(query.order_by(Sample.id)).all()[0])
    return tmp_path / "first.db"


@pytest.fixture
def backup(place: Path, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    with Database.open(place) as database:
        write_backup(database, path)
    return path


def _restored(path: Path, url: str) -> dict[str, list[tuple[Any, ...]]]:
    with Database.connect(url, create=True) as database:
        restore_backup(path, database)
    with Database.open(url) as database:
        return dump(database)


def test_a_backup_restores_everything(place: Path, backup: Path, url: str, tmp_path: Path) -> None:
    """Into SQLite and PostgreSQL, and from there into SQLite."""
    with Database.open(place) as database:
        before = dump(database)
    assert all(before.values()), "every table is tried"
    assert _restored(backup, url) == before
    with Database.open(url) as database:
        write_backup(database, tmp_path / "second.zip")
    assert (tmp_path / "second.zip").read_bytes() == backup.read_bytes()
    assert _restored(tmp_path / "second.zip", str(tmp_path / "third.db")) == before


def test_a_restored_database_can_be_filled(backup: Path, url: str, tmp_path: Path, taxonomy: Taxonomy) -> None:
    _restored(backup, url)
    request = Request("more", open_data_set(jsonl(tmp_path / "more.jsonl", ROWS)), PLAIN)
    with Database.open(url) as database:
        assert run_import(database, request, taxonomy, lambda fault: None, lambda *_: None).added == len(ROWS)


def test_a_backup_is_private_and_lists_its_rows(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert check_backup(backup).counts["samples"] == len(ROWS) + 3


def test_a_database_with_rows_is_not_overwritten(database: Database, load: Load, backup: Path) -> None:
    load(ROWS)
    before = dump(database)
    with pytest.raises(DataError, match=r"is not empty: its tables captions, cases, .* have rows; restore into a new"):
        restore_backup(backup, database)
    assert dump(database) == before


def test_a_backup_is_replaced_only_when_asked(place: Path, backup: Path) -> None:
    with Database.open(place) as database:
        with pytest.raises(DataError, match=r"there already; .*--overwrite"):
            write_backup(database, backup)
        with pytest.raises(DataError, match="is not a backup; give the name of a new file"):
            write_backup(database, place, overwrite=True)
        write_backup(database, backup, overwrite=True)
    assert place.read_bytes().startswith(b"SQLite")


def test_an_older_backup_is_upgraded(place: Path, backup: Path, url: str) -> None:
    """Of tables without the state of imports, the roles of dimensions, findings and the making of a data set."""
    with Database.open(place) as database:
        before = dump(database)
    columns: dict[str, list[str]] = {}
    old = {row[0] for row in old_concepts(before)}
    kept = {
        "concepts": old_concepts(before),
        "sample_labels": [row for row in before["sample_labels"] if row[1] in old],
    }
    newer = {"sample_labels": [], "concepts": ["role"], "provenances": ["version", "taxonomy", "taxonomy_sha256"]}
    absent = {"imports", "unmapped_labels", *FINDING_TABLES, *CURATION_TABLES}

    def older(about: dict[str, Any]) -> None:
        about["revision"] = "0001"
        about["parts"] = [part for part in about["parts"] if part["table"] not in absent]
        for part in about["parts"]:
            columns[part["table"]] = part["columns"]
            part["columns"] = [name for name in part["columns"] if name not in newer.get(part["table"], ())]
            part["rows"] = len(kept.get(part["table"], before[part["table"]]))

    def without(table: str, rows: list[list[Any]]) -> None:
        own = columns[table]
        concept = {"concepts": "id", "sample_labels": "concept_id"}.get(table)
        rows[:] = [row for row in rows if concept is None or row[own.index(concept)] in old]
        rows[:] = [[value for name, value in zip(own, row, strict=True) if name not in newer[table]] for row in rows]

    _change(backup, MANIFEST, older)
    for table in newer:
        _change(backup, f"{table}.jsonl", partial(without, table))
    makers = [(id, maker, detail, *versions[:2], None) for id, maker, detail, *versions in before["provenances"]]
    empty: dict[str, list[Any]] = {table: [] for table in absent}
    expected = {**before, **empty, **kept, "provenances": makers}
    assert _restored(backup, url) == expected


def _change(path: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change a member of a backup; the manifest has the right hashes."""
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    about = json.loads(members[MANIFEST])
    if name == MANIFEST:
        change(about)
    else:
        rows = [json.loads(line) for line in members[name].splitlines()]
        change(rows)
        members[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        for part in about["parts"]:
            if name == f"{part['table']}.jsonl":
                part["sha256"] = bytes_sha256(members[name])
    members[MANIFEST] = json.dumps(about).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)


FORGED: dict[str, tuple[str, Callable[[Any], object], str]] = {
    "newer": (MANIFEST, lambda a: a.update(revision="9999"), "made by a newer udt .*version 9999"),
    "other schema": (MANIFEST, lambda a: a.update(schema="x"), "not a backup of the schema udt-backup/1"),
    "no parts": (MANIFEST, lambda a: a.pop("parts"), "lacks an entry"),
    "parts of another kind": (MANIFEST, lambda a: a.update(parts=[7]), "lacks an entry"),
    "other table": (MANIFEST, lambda a: a["parts"][0].update(table="x"), "cannot be unpacked"),
    "other column": (MANIFEST, lambda a: a["parts"][0].update(columns=["id", "x"]), "has other columns"),
    "other hash": (MANIFEST, lambda a: a["parts"][0].update(sha256="0"), "has the SHA-256 .* instead of 0"),
    "rows lost": ("samples.jsonl", lambda rows: rows.pop(), "has 11 rows instead of 12"),
    "a list as value": ("sources.jsonl", lambda rows: rows[0].__setitem__(0, [1]), "sources.jsonl:1 is not a row of 6"),
    "a row of other length": ("sources.jsonl", lambda rows: rows[0].pop(), "sources.jsonl:1 is not a row of 6"),
    "a text as id": ("imports.jsonl", lambda rows: rows[0].__setitem__(5, "x"), r"imports.rows|refused|cannot be st"),
    "no such sample": ("sample_labels.jsonl", lambda rows: rows[0].__setitem__(0, 99), "refused by a rule"),
    "no such split": ("samples.jsonl", lambda rows: rows[0].__setitem__(6, "holdout"), "refused by a rule"),
}


@pytest.mark.parametrize(("name", "change", "message"), FORGED.values(), ids=FORGED)
def test_a_forged_backup_is_refused(
    backup: Path, url: str, name: str, change: Callable[[Any], object], message: str
) -> None:
    _change(backup, name, change)
    with Database.connect(url, create=True) as database:
        with pytest.raises(DataError, match=message):
            restore_backup(backup, database)
        with pytest.raises(DataError, match=r"has no tables|no such database"):
            Database.open(url)


def _damaged(content: bytes) -> Iterator[bytes]:
    chance = random.Random(0)
    for i in range(150):
        place = chance.randrange(len(content))
        if i % 3 == 0:
            yield content[:place]
        else:
            yield content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def test_any_damage_is_found_or_harmless(backup: Path, place: Path, tmp_path: Path) -> None:
    expected, path, found = check_backup(backup), tmp_path / "damaged.zip", 0
    for content in _damaged(backup.read_bytes()):
        path.write_bytes(content)
        try:
            assert check_backup(path) == expected
        except DataError as error:
            found += 1
            assert str(path) in str(error)
            assert "caption 1" not in str(error)
    assert found > 100


def test_a_damaged_database_is_not_backed_up(place: Path, tmp_path: Path) -> None:
    with Database.open(place) as database:
        with database.writing() as connection:
            connection.execute(text("UPDATE captions SET text = CAST(text AS BLOB) WHERE id = 2"))
        with pytest.raises(DataError, match=r"is damaged \(captions.text holds a value of a wrong type\)"):
            write_backup(database, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_a_backup_during_an_import_is_a_snapshot(database: Database, load: Load, tmp_path: Path) -> None:
    load(ROWS)
    with database.reading() as connection:
        connection.execute(text("SELECT count(*) FROM samples"))
        load([*ROWS, sample("new", 99)], source="other")
        assert connection.execute(text("SELECT count(*) FROM samples")).scalar() == len(ROWS)


def test_the_commands(place: Path, tmp_path: Path) -> None:
    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["data", *map(str, arguments)])
        return done.exit_code, done.output

    path, new = tmp_path / "b.zip", tmp_path / "new.db"
    status, output = run("backup", "--db", place, path)
    assert status == 0 and "backed up; tables of version 0005" in output and "12 samples" in output
    assert json.loads(run("backup", "--check", "--json", path)[1])["rows"]["samples"] == 12
    assert run("backup", path)[0] == 2
    assert run("backup", path, "--check", "--db", place)[0] == 2
    assert run("backup", "--db", place, path)[0] == 1
    assert run("restore", path, "--db", new)[0] == 0
    assert run("restore", path, "--db", new)[0] == 1
    assert run("restore", tmp_path / "none.zip", "--db", tmp_path / "x.db")[0] == 1
    assert not (tmp_path / "x.db").exists()
