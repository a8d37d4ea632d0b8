"""Odd input of the commands from media to a release: worded errors, no traceback, and nothing half written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.records.media.media_files import US_CLIP, clip_pixels, dicom, phantom, saved
from udt.cli.main import main

DECISIONS = {
    "schema": "udt-review-decisions/1",
    "reviewer": "Ann",
    "role": "review",
    "confidence": {},
    "decisions": [{"sample": "f" * 64, "alignment": True, "consistency": True, "decided": "2026-01-02T03:04:05Z"}],
}
FILES = {
    "empty": b"",
    "empty.csv": b"",
    "letter.pdf": b"%PDF-1.4\n\xff\xfe\x00",
    "notes.csv": b"media,text\ncine,A cyst of the liver.\n",
    "wrong.csv": b"a,b\n1,2\n",
    "list.json": b"[1, 2]",
    "text.json": b'"text"',
    "object.json": b"{}",
    "broken.json": b'{"a":',
    "other store.json": json.dumps(DECISIONS).encode(),
    "scans/p1/cine.dcm": dicom(clip_pixels(), sop_class=US_CLIP, FrameTime=250),
    "damaged/p1/text.dcm": b"a text",
    "damaged/p1/cut.dcm": dicom(clip_pixels(), sop_class=US_CLIP)[:3000],
    "damaged/p1/letter.png": b"%PDF-1.4",
    "damaged/p1/empty.mp4": b"",
    "damaged/p1/cut.png": saved(phantom())[:2000],
    "folder/kept.txt": b"kept",
}
ON_DATABASES = {
    "media list": "",
    "media accept": "1",
    "media reject": "1",
    "frames": "--out new",
    "texts": "notes.csv --source clinic",
    "pair": "--out frames/panels",
    "extract": "",
    "caption": "",
    "review assign": "--reviewer Ann --per-sample 1",
    "review export": "--reviewer Ann --out new.html",
    "review import": "other-store.json",
    "review status": "",
    "release": "--out new",
    "list": "",
    "show": "1",
    "export": "--out new.csv",
    "sheet": "--out new.png",
    "duplicates": "",
    "split": "",
}


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with odd files, and a database with one clip, its frames and their text."""
    root = tmp_path_factory.mktemp("stock")
    for name, content in FILES.items():
        path = root / name.replace(" ", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (root / "nothing").mkdir()
    database = str(root / "good.db")
    for words in (
        ("import-media", root / "scans", "--db", database, "--source", "clinic"),
        ("frames", "--db", database, "--out", root / "frames"),
        ("texts", root / "notes.csv", "--db", database, "--source", "clinic"),
    ):
        done = _run(*words)
        assert done.exit_code == 0, done.output
    with closing(sqlite3.connect(root / "foreign.db")) as connection, connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    return root


@pytest.fixture
def place(stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(stock, copy)
    with closing(sqlite3.connect(copy / "good.db")) as connection, connection:
        connection.execute("UPDATE sources SET root = ?", (str(copy / "frames"),))
    monkeypatch.chdir(copy)
    return copy


def _run(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, words)])


def _content(place: Path) -> dict[str, bytes]:
    """Return the files of a folder; those that SQLite keeps beside a database come and go."""
    files = (path for path in place.rglob("*") if path.is_file() and ".db" not in path.name)
    return {**{str(path): path.read_bytes() for path in files}, **{str(p): b"" for p in place.rglob("*") if p.is_dir()}}


def _rows(place: Path) -> list[str]:
    with closing(sqlite3.connect(place / "good.db")) as connection:
        return list(connection.iterdump())


def _refused(place: Path, line: str, status: int) -> str:
    """Run a command that has to fail, and return its message."""
    files, rows = _content(place), _rows(place)
    done = _run(*(word.replace("+", " ") for word in line.split()))
    assert isinstance(done.exception, SystemExit) and done.exit_code == status, (done.output, done.exception)
    assert _content(place) == files and _rows(place) == rows
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("database", "message"),
    [
        ("none.db", "there is no such database"),
        ("nothing", "is a folder; give a file (records.db)"),
        ("letter.pdf", "is not a database of records"),
        ("notes.csv", "is not a database of records"),
        ("foreign.db", "it has other tables (patients)"),
        ("mysql://x/y", "'mysql' is not supported"),
    ],
)
@pytest.mark.parametrize("command", [*ON_DATABASES])
def test_databases(place: Path, command: str, database: str, message: str) -> None:
    assert message in _refused(place, f"{command} {ON_DATABASES[command]} --db {database}", 1)


@pytest.mark.parametrize(
    ("line", "status", "message"),
    [
        ("import-media missing --db good.db --source x", 2, "'missing' does not exist"),
        ("import-media notes.csv --db good.db --source x", 2, "'notes.csv' is a file"),
        ("import-media nothing --db good.db --source x", 1, "nothing: has no media files; give the folder"),
        ("import-media folder --db good.db --source x", 1, "has no media files (1 .txt (no media)"),
        ("import-media scans --db good.db --source +", 1, "the name of the data set is empty"),
        ("import-media scans --db good.db --source x --case-from folders", 1, "no case in the paths of 1 media files"),
        ("import-media scans --db good.db --source x --case-from=", 1, "the rule of cases is empty"),
        ("media list --db good.db --state doubtfull", 2, "not one of 'doubtful', 'left-out', 'taken'"),
        ("media acept 1 --db good.db", 2, "Did you mean 'accept'"),
        ("media accept 99 --db good.db", 1, "no media with the ids 99; list them"),
        ("media accept 99999999999 --db good.db", 2, "not in the range"),
        ("media reject 1 --db good.db", 1, "has frames in the database"),
        ("frames --db good.db --out frames --source clinc", 1, "the source 'clinc' has no media"),
        ("frames --db good.db --out other", 1, "a source has one folder; give --out"),
        ("frames --db good.db --out notes.csv", 2, "is a file"),
        ("frames --db good.db --out frames --every nan", 2, "nan is no number of seconds"),
        ("frames --db good.db --out frames --every inf", 2, "inf is no number of seconds"),
        ("texts missing.csv --db good.db --source clinic", 2, "does not exist"),
        ("texts empty.csv --db good.db --source clinic", 1, "there are no rows with texts"),
        ("texts letter.pdf --db good.db --source clinic", 1, "has the suffix '.pdf', which no importer reads"),
        ("texts wrong.csv --db good.db --source clinic", 1, "has no 'media'; it has a, b"),
        ("texts wrong.csv --db good.db --source clinic --media a --text b", 1, "none of the 1 rows found an image"),
        ("texts broken.json --db good.db --source clinic", 1, "broken.json:1: does not begin with '['"),
        ("texts list.json --db good.db --source clinic", 1, "none of the"),
        ("texts notes.csv --db good.db --source clinc", 1, "there is no data set 'clinc'; the database has: clinic"),
        ("texts scans --db good.db --source clinic", 1, "'udt data import-media'"),
        ("deidentify missing --out new", 2, "does not exist"),
        ("deidentify nothing --out new", 1, "has no media, texts and tables"),
        ("deidentify scans --out scans", 1, "give another folder"),
        ("deidentify scans --out new --report new/masks", 1, "give the report another folder"),
        ("deidentify scans --out new --key notes.csv", 1, "is no key that can be used"),
        ("deidentify scans --out notes.csv/new", 1, "cannot be created (Not a directory); give another place"),
        ("pair --db good.db", 2, "give --out DIR"),
        ("pair --db good.db --out frames/panels --source clinc", 1, "there is no data set 'clinc'"),
        ("pair --db good.db --out elsewhere", 1, "is not in the image folder of 'clinic'"),
        ("extract --db good.db --engine rule", 2, "not one of 'rules', 'llm', 'hybrid'"),
        ("extract --db good.db --source clinc", 1, "there is no data set 'clinc'"),
        ("caption --db good.db --style plane", 1, "give one of: any, plain, report, brief"),
        ("caption --db good.db --language xx", 1, "there is one of: en, zh"),
        ("caption --db good.db --source clinc", 1, "there is no data set 'clinc'"),
        ("review assign --db good.db --reviewer Ann", 1, "name more reviewers"),
        ("review assign --db good.db", 2, "give either --reviewer"),
        ("review export --db good.db --reviewer Ann --out new.html", 1, "nothing is assigned to 'Ann'"),
        ("review export --db good.db --reviewer Ann --out nothing", 2, "is a directory"),
        ("review import --db good.db missing.json", 1, "cannot be read: No such file or directory; check the path"),
        ("review import --db good.db nothing", 1, "cannot be read: Is a directory; check the path"),
        ("review import --db good.db empty", 1, "is not JSON (Expecting value: line 1 column 1"),
        ("review import --db good.db letter.pdf", 1, "is not JSON ("),
        ("review import --db good.db broken.json", 1, "download it from the sheet again"),
        ("review import --db good.db list.json", 1, "is no export of review tasks"),
        ("review import --db good.db text.json", 1, "is no JSON object; allowed: udt-review-decisions/1"),
        ("review import --db good.db object.json", 1, "has no 'schema'; allowed: udt-review-decisions/1"),
        ("review import --db good.db other-store.json", 1, "is not in this database"),
        ("review status --db good.db", 1, "nothing is assigned yet"),
        ("release --db good.db --out new", 1, "sources without a licence: 1 (clinic)"),
        ("release --db good.db --out new --ratios 0:0:0", 2, "one of them above 0"),
        ("release --db good.db --out new --allow leaks", 2, "not one of"),
        ("release --db good.db --out folder --allow no-licence", 1, "holds other files and no release.json"),
        ("release --db good.db --out notes.csv --allow no-licence", 1, "is a file; give the name of a folder"),
        ("release --db good.db --out no/such/place --allow no-licence", 1, "does not exist; create it first"),
        ("list --db good.db --source clinc", 1, "there is no source 'clinc'; allowed: clinic"),
        ("list --db good.db --label ovl", 1, "there is no label 'ovl'"),
        ("list --db good.db --columns id,cas", 2, "there is no column 'cas'"),
        ("show --db good.db 99", 1, "there is no sample '99'"),
        ("export --db good.db --out new.txt", 1, "allowed: .csv, .jsonl, .parquet"),
        ("export --db good.db --out no/such.csv", 1, "the folder no does not exist; create it first"),
        ("sheet --db good.db --out new.gif", 1, "allowed: .html, .png"),
        ("sheet --db good.db --out new.png --split test", 1, "choose other samples"),
        ("duplicates --db good.db --out new.txt", 1, "allowed: .html, .png"),
        ("duplicates --db good.db --out no/such.html", 1, "the folder no does not exist; create it first"),
        ("split --db good.db --ratios nan:1:1", 2, "is not three numbers"),
        ("split --db good.db --ratios inf:1:1", 2, "is not three numbers"),
    ],
)
def test_refusals(place: Path, line: str, status: int, message: str) -> None:
    assert message in _refused(place, line, status)


def test_damaged_media_are_counted(place: Path) -> None:
    done = _run("import-media", "damaged", "--db", "good.db", "--source", "damaged", "--json")
    found = json.loads(done.output)
    assert (found["found"], found["read"]) == (5, 0) and sum(found["left_out"].values()) == 5
    done = _run("deidentify", "damaged", "--out", "new", "--json")
    assert json.loads(done.output)["read"] == 0 and not [path for path in Path("new").rglob("*") if path.is_file()]


@pytest.mark.parametrize("command", ["import-media", "deidentify", *ON_DATABASES])
def test_options_that_do_not_exist(command: str) -> None:
    done = _run(*command.split(), "--no-such-option")
    assert (done.exit_code, "No such option '--no-such-option'" in done.output) == (2, True)


def test_a_folder_that_may_not_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = os.access

    def denied(path: str | Path, mode: int) -> bool:
        return allowed(path, mode) and not (mode & os.W_OK and Path(path).resolve().is_relative_to(place.resolve()))

    monkeypatch.setattr("os.access", denied)  # permissions do not bind an administrator
    message = "may not be written to; give another place, or change its permissions"
    for line in ("deidentify scans --out nothing", "release --db good.db --out new --allow no-licence"):
        assert message in _refused(place, line, 1)


def test_a_refused_release_leaves_the_database_as_it_was(place: Path) -> None:
    with closing(sqlite3.connect("good.db")) as connection, connection:
        connection.execute("UPDATE images SET perceptual_hash = '0000000000000000'")
    assert "without a licence" in _refused(place, "release --db good.db --out new", 1)
    with closing(sqlite3.connect("good.db")) as connection:
        found = connection.execute("SELECT count(split), count(near_duplicate_group) FROM samples, images").fetchone()
    assert found == (0, 0)


def test_long_titles_of_a_sheet_are_wrapped(place: Path) -> None:
    with closing(sqlite3.connect("good.db")) as connection, connection:
        connection.execute("UPDATE cases SET key = ?", ("a very long name of a case " * 4,))
    done = _run("sheet", "--db", "good.db", "--out", "new.png")
    assert done.exit_code == 0, done.output
    with Image.open("new.png") as sheet:
        assert sheet.width > 300
