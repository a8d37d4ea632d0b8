"""The files of a folder: texts are read, all others are counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.io.folder import LeftOut
from udt.io.readers import read_texts
from udt.io.rows import Skipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three texts and of eleven other files."""
    inner = tmp_path / "reports" / "inner"
    (inner / ".git").mkdir(parents=True)
    for name in ("a.txt", "b.TXT", "inner/c.Txt", "d.md", "e.md", "f.csv", "g", "h.odd suffix", ".i.txt", "j.txt.bak"):
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
    assert found == ["a", "b", "inner/c"]
    assert left_out[0].counts == {
        ".md": 2, ".csv": 1, "without suffix": 1, "of a strange suffix": 1, ".bak": 1, "hidden": 2, "broken link": 2,
        "linked folder": 1, "special file": 1,
    }  # fmt: skip
    assert str(left_out[0]).startswith(f"12 files of {folder}: 2 .md, 2 broken links, 2 hidden, 1 .bak, ")
    assert str(left_out[0]).endswith("1 of other kinds")


def test_names_that_differ_in_the_suffix_alone_keep_it(tmp_path: Path) -> None:
    for name in ("a.txt", "a.TXT", "b.txt"):
        (tmp_path / name).write_text("liver")
    assert [name for name, _ in read_texts(tmp_path)] == ["a.TXT", "a.txt", "b"]


def test_a_folder_without_texts_names_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("liver")
    (tmp_path / ".b.txt").write_text("liver")
    with pytest.raises(DataError, match=r"holds no \.txt file \(it holds 1 \.md, 1 hidden\); give the file itself"):
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
