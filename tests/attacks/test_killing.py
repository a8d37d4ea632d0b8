"""Commands are killed at their moment, and what they leave is found."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.attacks.killing import duration, finished, killed, leftovers, moments, survivors

_WAIT = "import time; print('started', flush=True); time.sleep(60)"
_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_WAIT!r}]); {_WAIT}"


def test_a_command_is_killed_at_its_moment(tmp_path: Path) -> None:
    done = killed([sys.executable, "-c", _WAIT], tmp_path, 1, signal.SIGTERM)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, b"started\n", b"")
    assert survivors(done.session) == []


def test_a_command_that_ends_is_not_killed(tmp_path: Path) -> None:
    done = finished([sys.executable, "-c", "print(1)"], tmp_path)
    assert (done.returncode, done.stdout) == (0, b"1\n")
    assert 0 < duration([sys.executable, "-c", ""], tmp_path) < 60


def test_a_child_that_survives_is_found(tmp_path: Path) -> None:
    done = killed([sys.executable, "-c", _CHILD], tmp_path, 1)
    (alive,) = survivors(done.session, 0)
    os.kill(alive, signal.SIGKILL)
    assert survivors(done.session) == []


def test_moments_are_spread_and_repeatable() -> None:
    found = moments(4, 8.0, seed=1)
    assert found == moments(4, 8.0, seed=1) != moments(4, 8.0, seed=2)
    assert [int(moment // 2) for moment in found] == [0, 1, 2, 3]


def test_leftovers_are_hidden_temporaries(tmp_path: Path) -> None:
    for name in (".a.1.tmp", ".a.1.old", "b.tmp", ".hidden"):
        (tmp_path / name).touch()
    assert [path.name for path in leftovers(tmp_path)] == [".a.1.old", ".a.1.tmp"]
