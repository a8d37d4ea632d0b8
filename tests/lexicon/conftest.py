from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.turtle import HEADER
from udt.taxonomy.model.source import ontology_folder

CORE = """
<https://w3id.org/udt/uhat> a skos:ConceptScheme .
<https://w3id.org/udt/udaf> a skos:ConceptScheme .
udaf:body-system a ns:Dimension , skos:Concept ; skos:prefLabel "Body system"@en ;
    skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:key "body_system" ; ns:role ns:PlaceRole ; ns:task 1 ; ns:valueClass ns:BodySystem ; ns:prompt "{label}" .
udaf:organ a ns:Dimension , skos:Concept ; skos:prefLabel "Organ"@en ; skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:key "organ" ; ns:role ns:PlaceRole ; ns:task 2 ; ns:valueClass ns:Organ ; ns:prompt "{label}" .
uhat:sys.abdomen a ns:BodySystem , skos:Concept ; skos:prefLabel "Abdomen"@en ; ns:order 1 ;
    skos:inScheme <https://w3id.org/udt/uhat> .
uhat:liver a ns:Organ , skos:Concept ; skos:prefLabel "Liver"@en ; skos:altLabel "hepar"@la ; ns:abbreviation "LV"@en ;
    ns:order 1 ; skos:broader uhat:sys.abdomen ; skos:inScheme <https://w3id.org/udt/uhat> .
"""

Write = Callable[[str, str], Path]
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def turtle(tmp_path: Path) -> Write:
    """Return a function that writes a Turtle file with declared prefixes under `tmp_path`."""

    def write(name: str, body: str) -> Path:
        path = tmp_path / name
        path.write_text(HEADER + body, "utf-8")
        return path

    return write


@pytest.fixture
def small_core(turtle: Write, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Replace the built-in ontology by one of a single organ, which compiles fast."""
    core = [
        ontology_folder() / "schema" / "udt.ttl",
        ontology_folder() / "schema" / "classes.ttl",
        turtle("core.ttl", CORE),
    ]
    monkeypatch.setattr("udt.taxonomy.model.source.core_files", lambda: core)
    return core


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set `UDT_CACHE_DIR` to a folder that does not exist yet, and return it."""
    folder = tmp_path / "deep" / "cache"
    monkeypatch.setenv("UDT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def python() -> Run:
    """Return a function that starts a Python process with `code` and `arguments` in the current environment."""

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-W", "error", "-c", code, *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=dict(os.environ))

    return start
