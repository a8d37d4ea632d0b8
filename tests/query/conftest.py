"""The taxonomy in a store of this process, for tests that need no time limit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from udt.query.answers import Answer, evaluate
from udt.query.engines.taxonomy import load_store

Ask = Callable[[str], Answer]

EXTENSION = """
@prefix ns: <https://w3id.org/udt/ns#> .
@prefix uhat: <https://w3id.org/udt/uhat/> .
@prefix my: <https://example.org/my/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
my:spigelian-lobule a ns:Component , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "zzyx lobule"@en ;
    skos:broader uhat:liver .
"""


@pytest.fixture(scope="session")
def ask() -> Ask:
    store: ox.Store
    store, prefixes = load_store()
    return lambda query: evaluate(store, query, prefixes)


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    path = tmp_path / "extra.ttl"
    path.write_text(EXTENSION, "utf-8")
    return path
