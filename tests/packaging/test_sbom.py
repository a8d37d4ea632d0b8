"""Does the bill of materials of a wheel list all that is installed with it?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.locations import ROOT
from tests.packaging.conftest import WITH_WHEEL

DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]

pytestmark = [pytest.mark.slow, WITH_WHEEL]


@pytest.fixture(scope="module")
def bill(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document that `make sbom` writes."""
    folder = tmp_path_factory.mktemp("sbom")
    target = folder / "udt.cdx.json"
    command = [str(ROOT / "tests" / "house" / "sbom.sh"), str(wheel), str(target), str(folder)]
    environment = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "HOME": str(Path.home())}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(target.read_text("utf-8")))


def test_it_lists_every_dependency_with_version_and_licence(bill: dict[str, Any]) -> None:
    listed = {_plain(part["name"]): part for part in bill["components"]}
    for name in (_plain(re.split("[>=]", line)[0]) for line in DEPENDENCIES):
        assert listed[name]["version"] and listed[name]["licenses"], name
    assert not {"pip", "setuptools", "pytest", "torch"} & set(listed)


def test_it_names_the_release_and_no_place_of_this_machine(bill: dict[str, Any], wheel: Path) -> None:
    about = bill["metadata"]["component"]
    assert (about["name"], about["version"]) == ("udt-toolkit", wheel.name.split("-")[1])
    assert about["licenses"]
    text = json.dumps(bill)
    assert "file:" not in text and str(Path.home()) not in text and str(wheel.parent) not in text


def _plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()
