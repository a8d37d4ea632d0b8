from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.attempt import environ
from udt.core.atomic import atomic_folder, atomic_output, remove_temporaries
from udt.core.errors import DataError

KILLED = """
import os, sys
from pathlib import Path
from udt.core.atomic import atomic_folder, atomic_output
target = Path(sys.argv[2])
if sys.argv[1] == "file":
    with atomic_output(target) as handle:
        handle.write(b"half")
        handle.flush()
        os.kill(os.getpid(), 9)
with atomic_folder(target, "mark", "kind", overwrite=True) as folder:
    (folder / "mark").write_text("kind half")
    if sys.argv[1] == "between":
        rename = Path.rename
        Path.rename = lambda path, to: (rename(path, to), os.kill(os.getpid(), 9))
    else:
        os.kill(os.getpid(), 9)
"""


def kill(kind: str, target: Path) -> None:
    """Write to `target` in a process that is killed meanwhile."""
    done = subprocess.run([sys.executable, "-c", KILLED, kind, str(target)], env=environ(), check=False)
    assert done.returncode == -9


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_folder(target: Path, text: str) -> None:
    with atomic_folder(target, "mark", "kind", overwrite=True) as folder:
        (folder / "mark").write_text(text)


def test_a_temporary_is_private_and_the_output_is_not(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        with atomic_output(tmp_path / "a") as handle:
            assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]
            handle.write(b"x")
        with atomic_folder(tmp_path / "b", "mark", "kind") as folder:
            assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o755


def test_the_permissions_of_a_replaced_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with atomic_output(path) as handle:
        handle.write(b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)


@pytest.mark.parametrize("name", ["a.jsonl", "a[1]*?.jsonl", "ü" * 120 + ".csv"])
def test_what_a_killed_process_left_is_removed(name: str, tmp_path: Path) -> None:
    kill("file", tmp_path / name)
    assert len(names(tmp_path)) == 1
    (tmp_path / ".a.jsonl.notes.tmp").write_text("of somebody else")
    with atomic_output(tmp_path / name) as handle:
        assert len(names(tmp_path)) == 2
        handle.write(b"whole")
    assert names(tmp_path) == sorted([".a.jsonl.notes.tmp", name])


def test_temporaries_in_use_stay(tmp_path: Path) -> None:
    with atomic_output(tmp_path / "a") as first:
        with atomic_output(tmp_path / "a") as second:
            assert len(names(tmp_path)) == 2
            second.write(b"second")
        first.write(b"first")
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"first"


@pytest.mark.parametrize("kind", ["within", "between"])
def test_a_folder_survives_a_kill(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "b"
    write_folder(target, "kind old")
    kill(kind, target)
    assert len(names(tmp_path)) == 2
    with pytest.raises(DataError, match="is there already"), atomic_folder(target, "mark", "kind"):
        pass
    assert names(tmp_path) == ["b"]
    assert (target / "mark").read_text() == "kind old"
    write_folder(target, "kind new")
    assert (target / "mark").read_text() == "kind new"
    assert names(tmp_path) == ["b"]


def test_a_full_disk_is_reported_with_the_target(tmp_path: Path) -> None:
    message = r"a\.txt: cannot be written: No space left on device; free some space"
    with pytest.raises(DataError, match=message), atomic_output(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_remove_temporaries_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_folder(tmp_path / "b", "mark", "kind") as folder:
        (folder / "report.txt").write_text("text")
        remove_temporaries()
        assert names(tmp_path) == []
