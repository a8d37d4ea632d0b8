"""Databases that are locked, read-only, full, cut or damaged: each command gives a result or a worded error."""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.attacks.attempt import Attempt, check_worded, command, environ
from tests.attacks.killing import leftovers
from tests.attacks.kills import content, fill, hashes, quads, write_data

COMMANDS: dict[str, tuple[str, ...]] = {
    "validate": ("validate", "--shacl", "2"),
    "split": ("split",),
    "stats": ("stats",),
    "bundle": ("bundle", "--images", "bytes", "--out", "out"),
    "to-rdf": ("to-rdf", "--store", "out"),
    "backup": ("backup", "out"),
    "import": ("import", "more.csv", "--normalize"),
}
"""The commands that read or write a database, without `--db`."""

_SECRETS = ("anechoic cyst,", "hypoechoic mass,", "of normal size,")
_OUTPUTS: dict[str, Callable[[Path], object]] = {"bundle": hashes, "to-rdf": quads}


def damaged(count: int, seed: int = 0) -> Iterator[Attempt]:
    """Yield `count` attempts for each command that damage the database file: flipped bits, and bytes cut or zeroed."""
    for name in COMMANDS:
        for number in range(count):
            run = partial(_damaged, name=name, seed=seed + number)
            yield Attempt(f"{name} of a damaged database {seed + number}", run)


def full_disks(count: int, seed: int = 0) -> Iterator[Attempt]:
    """Yield `count` attempts for each command that limit the size of its files; with space, it has to succeed."""
    for name in ("bundle", "to-rdf", "backup", "import"):
        for number in range(count):
            size = int(2 ** random.Random(seed + number).uniform(12, 18))
            yield Attempt(f"{name} with files of {size} bytes at most", partial(_full, name=name, size=size))


def run_data(name: str, folder: Path, size: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command of `COMMANDS` on `records.db` in `folder`, with files of at most `size` bytes."""
    limit = None if size is None else partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
    return subprocess.run(
        command("data", *COMMANDS[name], "--db", "records.db"), cwd=folder, capture_output=True, env=environ(),
        preexec_fn=limit, timeout=180, check=False,
    )  # fmt: skip


def damage(path: Path, chance: random.Random) -> None:
    """Flip a few bits of a file, or cut it, or fill a part of it with zeros."""
    data = bytearray(path.read_bytes())
    kind, place = chance.randrange(4), chance.randrange(len(data))
    if kind == 0:
        del data[place:]
    elif kind == 1:
        data[place : place + 512] = bytes(len(data[place : place + 512]))
    else:
        for _ in range(chance.choice((1, 4, 64))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _damaged(folder: Path, *, name: str, seed: int) -> None:
    fill(folder)
    damage(folder / "records.db", random.Random(seed))
    write_data(folder, "more", 3)
    done = run_data(name, folder)
    if name == "validate" and done.stdout:  # the faults are its result
        done.stderr += b"-"
    check_worded(done, _SECRETS)
    assert leftovers(folder) == []


def _full(folder: Path, *, name: str, size: int) -> None:
    fill(folder)
    write_data(folder, "more", 3)
    with closing(sqlite3.connect(folder / "records.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done = run_data(name, folder, size)
    check_worded(done, _SECRETS)
    assert leftovers(folder) == []
    if done.returncode:
        assert not (folder / "out").exists(), "half an output"
    shutil.rmtree(folder / "out") if (folder / "out").is_dir() else (folder / "out").unlink(missing_ok=True)
    again = run_data(name, folder)
    assert again.returncode == 0, again.stderr.decode()[-2000:]
    _compare(folder, name)


def _compare(folder: Path, name: str) -> None:
    """Compare the result with that of a run with space."""
    clean = folder / "clean"
    clean.mkdir()
    fill(clean)
    write_data(clean, "more", 3)
    assert run_data(name, clean).returncode == 0
    if name == "import":
        assert content(str(folder / "records.db")) == content(str(clean / "records.db"))
    elif name in _OUTPUTS:
        assert _OUTPUTS[name](folder / "out") == _OUTPUTS[name](clean / "out")
    else:
        assert (folder / "out").read_bytes() == (clean / "out").read_bytes()
