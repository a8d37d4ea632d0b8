"""The wheel of the working tree, as it is built by default, and an environment that holds it alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.locations import ROOT

BUILT = ["Makefile", "build", "dist", "site", "*.egg-info", ".*", "__pycache__", "tests", "docs"]
SWITCHES = ("CC", "UDT_COMPILE")
WITH_WHEEL = pytest.mark.xdist_group("wheel")
"""Tests that need the compiled wheel run in one process, so that it is built once."""


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, so that nothing is left in it."""
    folder = tmp_path_factory.mktemp("source") / "source"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=shutil.ignore_patterns(*BUILT))
    return folder


@pytest.fixture(scope="session")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    run([sys.executable, "-c", f"import setup; setup.build_sdist({str(folder)!r})"], source)
    (found,) = folder.glob("*.tar.gz")
    return found


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the source distribution by default: a compiled one if there is a C compiler."""
    target = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(sdist)], target)
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel, what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-compile", str(wheel)], folder)
    return folder / "bin"


def run(command: list[str], folder: Path, given: str = "", **settings: str) -> str:
    """Run a command in `folder` without the settings of this Python and of builds; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") and name not in SWITCHES}
    done = subprocess.run(
        command, cwd=folder, env=kept | settings, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout
