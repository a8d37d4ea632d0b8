"""Hints on how to install what is missing: do they name extras that the package has?"""

from __future__ import annotations

import re
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest

from tests.locations import ROOT

_EXTRAS = re.compile(r"(?:udt-toolkit|'\.|\"\.|extras?)\s?\[([a-z,]+)\]")
FILES = [
    *(path for folder in ("udt", "cli", "clip", "graphkit") for path in sorted((ROOT / folder).rglob("*.py"))),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def hints() -> list[tuple[str, Path]]:
    """Each extra that is named, with the file that names it."""
    found = {
        (extra, path)
        for path in FILES
        for match in _EXTRAS.finditer(path.read_text("utf-8"))
        for extra in match[1].split(",")
    }
    return sorted(found)


def test_there_are_hints() -> None:
    assert {"train", "dgl", "spacy", "plot", "pyg"} <= {extra for extra, _ in hints()}


@pytest.mark.parametrize(("extra", "path"), hints(), ids=lambda one: one if isinstance(one, str) else one.stem)
def test_the_extra_exists(extra: str, path: Path) -> None:
    allowed = metadata("udt-toolkit").get_all("Provides-Extra") or []
    assert extra in allowed, f"{path.relative_to(ROOT)} names the extra [{extra}]; there are {', '.join(allowed)}"


@pytest.mark.parametrize(
    ("package", "extra"),
    [
        ("torch", "train"),
        ("dgl", "dgl"),
        ("matplotlib", "plot"),
        ("peft", "lora"),
        ("owlready2", "owl"),
        ("spacy", "spacy"),
        ("pypdf", "documents"),
        ("hl7", "hl7"),
    ],
)
def test_the_extra_brings_the_package(package: str, extra: str) -> None:
    wanted = [line for line in requires("udt-toolkit") or [] if re.match(rf"{package}\b", line)]
    assert any(f'extra == "{extra}"' in line or f"extra == '{extra}'" in line for line in wanted)
