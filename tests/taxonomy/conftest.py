from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.turtle import HEADER
from udt.taxonomy.model.source import ontology_folder

SMALL = """
<https://w3id.org/udt/uhat> a skos:ConceptScheme .
<https://w3id.org/udt/udaf> a skos:ConceptScheme .
<https://w3id.org/udt/lex> a skos:ConceptScheme .
udaf:body-system a ns:Dimension , skos:Concept ; skos:prefLabel "Body system"@en ;
    skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:key "body_system" ; ns:task 1 ; ns:role ns:PlaceRole ; ns:valueClass ns:BodySystem ; ns:prompt "{label}" .
udaf:organ a ns:Dimension , skos:Concept ; skos:prefLabel "Organ"@en ; skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:key "organ" ; ns:task 2 ; ns:role ns:PlaceRole ; ns:valueClass ns:Organ ; ns:prompt "{label}" .
udaf:margins a ns:Dimension , skos:Concept ; skos:prefLabel "Margins"@en ; skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:key "margins" ; ns:task 5 ; ns:valueClass ns:MarginsValue .
uhat:sys.abdomen a ns:BodySystem , skos:Concept ; skos:prefLabel "Abdomen"@en ; ns:order 1 ;
    skos:inScheme <https://w3id.org/udt/uhat> .
uhat:liver a ns:Organ , skos:Concept ; skos:prefLabel "Liver"@en , "肝脏"@zh ;
    skos:altLabel "hepar"@la , "Ménière {lobe}"@en ;
    skos:notation "ABD-01" ; ns:order 1 ; skos:broader uhat:sys.abdomen ; skos:definition "The \\"liver\\", whole."@en ;
    skos:exactMatch UBERON:0002107 ; skos:inScheme <https://w3id.org/udt/uhat> .
udaf:margins.well-defined a ns:MarginsValue , skos:Concept ; skos:prefLabel "well-defined"@en ; ns:order 1 ;
    ns:prompt "sharp" ; skos:broader udaf:margins ; skos:inScheme <https://w3id.org/udt/udaf> .
udaf:margins.ill-defined a ns:MarginsValue , skos:Concept ; skos:prefLabel "ill-defined"@en ; ns:order 2 ;
    ns:prompt "vague" ; skos:broader udaf:margins ; skos:inScheme <https://w3id.org/udt/udaf> ;
    ns:composition [ ns:modifier lex:irregular ; ns:head lex:margin ] , [ ns:head lex:margin ; ns:negated true ] .
lex:margin a ns:Head , skos:Concept ; skos:prefLabel "margin"@en ; skos:inScheme <https://w3id.org/udt/lex> .
lex:irregular a ns:Modifier , skos:Concept ; skos:prefLabel "irregular"@en ; skos:inScheme <https://w3id.org/udt/lex> .
"""

WriteTurtle = Callable[..., Path]


@pytest.fixture
def turtle(tmp_path: Path) -> WriteTurtle:
    """Return a function that writes a Turtle file with declared prefixes and returns its path."""

    def write(body: str, name: str = "extra.ttl") -> Path:
        path = tmp_path / name
        path.write_text(HEADER + body, "utf-8")
        return path

    return write


@pytest.fixture
def small_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace the built-in taxonomy by two dozen triples with the real schema, for tests that are slow otherwise."""
    path = tmp_path / "small.ttl"
    path.write_text(HEADER + SMALL, "utf-8")
    core = [ontology_folder() / "schema" / "udt.ttl", ontology_folder() / "schema" / "classes.ttl", path]
    with monkeypatch.context() as patch:
        patch.setattr("udt.taxonomy.model.source.core_files", lambda: core)
        yield
