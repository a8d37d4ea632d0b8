"""The files of a folder: texts are read, all others are counted."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.io.folder import LeftOut
from udt.io.readers import read_texts
from udt.io.rows import Skipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of five texts and of nine other files."""
    inner = tmp_path / "reports" / "inner"
    (inner / ".git").mkdir(parents=True)
    for name in ("a.txt", "b.TXT", "inner/c.Txt", "d.Md", "e.md", "f.csv", "g", "h.odd suffix", ".i.txt", "j.txt.bak"):
        (tmp_path / "reports" / name).write_text("liver")
    (inner / ".git" / "k.txt").write_text("liver")
    (inner / "broken.txt").symlink_to("loop.txt")
    (inner / "loop.txt").symlink_to("broken.txt")
    (inner / "up").symlink_to(tmp_path / "reports")
    os.mkfifo(inner / "pipe.txt")
    return tmp_path / "reports"


def test_every_file_is_read_or_counted(folder: Path) -> None:
    left_out: list[LeftOut] = []
    found = [name for name, _ in read_texts(folder, on_left_out=left_out.append)]
    assert found == ["a", "b", "d", "e", "inner/c"]
    assert left_out[0].read == {".txt": 3, ".md": 2}
    assert left_out[0].counts == {
        ".csv (table)": 1, "without suffix": 1, "of a strange suffix": 1, ".bak": 1, "hidden": 2, "broken link": 2,
        "linked folder": 1, "special file": 1,
    }  # fmt: skip
    assert str(left_out[0]).startswith(f"10 files of {folder}: 2 broken links, 2 hidden, 1 .bak, ")
    assert left_out[0].to_dict() == {
        "folder": str(folder), "found": 15, "read": 5, "left_out": left_out[0].counts, "formats": left_out[0].read,
    }  # fmt: skip


def test_the_rarest_kinds_are_counted_together() -> None:
    assert LeftOut("x", {f".{n}": 1 for n in range(10)}).listed.endswith(", 1 .7, 2 of other kinds")


def test_formats_of_a_folder(tmp_path: Path) -> None:
    message = b"MSH|^~\\&|A\rOBR|1||%s\rOBX|1|TX|||liver\r"
    resource = b'{"resourceType": "DiagnosticReport", "id": "f", "conclusion": "cyst"}'
    files = {
        "a.TXT.GZ": gzip.compress(b"liver"), "b.Html": b"<p>liver", "c.RTF": b"{\\rtf1 liver}",
        "d.hl7": message % b"h1",
        "e.dat": message % b"h2", "f": message % b"h3", "g.json": resource, "h.ndjson": resource, "i.json": b"{}",
        "j.jsonl": b'{"text": "liver"}', "k.csv.gz": gzip.compress(b"text\nliver\n"), "l.xyz": b"liver",
        "m.doc": b"old",
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    left_out: list[LeftOut] = []
    found = [name for name, _ in read_texts(tmp_path, on_left_out=left_out.append)]
    assert found == ["a", "b", "c", "h1", "h2", "h3", "f", "f"]
    assert left_out[0].counts == {
        ".json (no FHIR)": 1, ".jsonl (table)": 1, ".csv (table)": 1, ".xyz": 1, ".doc": 1
    }  # fmt: skip


def test_a_file_that_begins_as_another_format(tmp_path: Path) -> None:
    for name in ("a.txt", "a.doc", "a", "a.docx", "a.x"):
        (tmp_path / name).write_bytes(b"{\\rtf1 liver\\par cyst}")
        assert list(read_texts(tmp_path / name)) == [
            (Path(name).stem if name in ("a.txt", "a.docx") else name, "liver\ncyst")
        ]


def test_names_that_differ_in_the_suffix_alone_keep_it(tmp_path: Path) -> None:
    for name in ("a.txt", "a.TXT", "b.txt"):
        (tmp_path / name).write_text("liver")
    assert [name for name, _ in read_texts(tmp_path)] == ["a.TXT", "a.txt", "b"]


def test_a_folder_without_texts_names_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\nliver\n")
    (tmp_path / ".b.txt").write_text("liver")
    with pytest.raises(DataError, match=r"\.hl7 \(it holds 1 \.csv \(table\), 1 hidden\); give the file itself"):
        list(read_texts(tmp_path))


def test_a_folder_of_many_levels(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(499):
        path = path / "x"
    path.mkdir(parents=True)
    (path / "a.txt").write_text("liver")
    (found,) = read_texts(tmp_path)
    assert len(found.id) == 999


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "closed/b.txt", ".hidden/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("liver")
    scan = os.scandir

    def refused(path: Path) -> object:
        if path.name in ("closed", ".hidden"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    skipped: list[Skipped] = []
    assert [name for name, _ in read_texts(tmp_path, on_error=skipped.append)] == ["a"]
    assert str(skipped[0]).endswith("closed: cannot be read (Permission denied); check its permissions")
