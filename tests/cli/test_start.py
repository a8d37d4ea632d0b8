"""The environment of the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clip.training.conftest import bundle_folder  # noqa: F401

# Each of them loads torch, and ends with an error.
COMMANDS = {
    "train": ("train", "--data", "absent", "--out", "run"),
    "evaluate": ("evaluate", "model", "absent", "BUNDLE"),
    "ablate": ("ablate", "BUNDLE", "--out", "runs", "--set", "optimization.lr=0"),
}

pytestmark = pytest.mark.slow


def policy(command: str, bundle: Path, folder: Path, **changes: str) -> str:
    """Return the line about waiting threads that the OpenMP runtime of torch writes when it is loaded."""
    arguments = ["udt", *(str(bundle) if part == "BUNDLE" else part for part in COMMANDS[command])]
    start = f"import sys; sys.argv = {arguments!r}; from udt.cli.start import main; main()"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_", "KMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=folder, env={**kept, "OMP_DISPLAY_ENV": "TRUE", **changes},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = [line for line in done.stderr.splitlines() if "OMP_WAIT_POLICY" in line]
    assert found, done.stderr
    return found[0]


@pytest.mark.parametrize("command", list(COMMANDS))
def test_waiting_threads_sleep(command: str, bundle_folder: Path, tmp_path: Path) -> None:
    assert "PASSIVE" in policy(command, bundle_folder, tmp_path)


def test_the_policy_of_the_user_is_kept(bundle_folder: Path, tmp_path: Path) -> None:
    found = policy("train", bundle_folder, tmp_path, OMP_WAIT_POLICY="ACTIVE")
    assert "ACTIVE" in found and "PASSIVE" not in found
