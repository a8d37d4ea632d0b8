"""An extension in Turtle changes all results of the taxonomy without a change of the code."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from udt import Normalizer
from udt.cli.taxonomy.group import taxonomy as command
from udt.taxonomy.export.formats import FORMATS, export
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.reasoner import reason
from udt.taxonomy.quality.shacl import record_graph, self_test, validate

EXTRA = """
<https://example.org/ontology> a owl:Ontology ; owl:imports <http://example.invalid/other.owl> .
ex:starry-sky a ns:EchogenicityValue , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "starry-sky pattern"@en ; skos:notation "E-STAR" ; ns:order 6 ;
    ns:prompt "a starry sky in an ultrasound image" ;
    skos:definition "Bright portal walls in a dark liver."@en ;
    skos:broader udaf:echogenicity ; skos:inScheme <https://w3id.org/udt/udaf> .
udaf:echogenicity.hypoechoic skos:altLabel "inky-looking"@en .
uhat:liver_test-recess a ns:Component , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "Testut recess"@en ; skos:broader uhat:liver ; skos:inScheme <https://w3id.org/udt/uhat> .
"""
RECORD = {"echogenicity": ["starry-sky pattern"]}


@pytest.fixture
def extra(turtle) -> Path:
    """Return the path of the extension."""
    return turtle(EXTRA)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test on any attempt to open a connection or to resolve a name."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)


def _show(*arguments: str) -> dict[str, object]:
    done = CliRunner().invoke(command, ["show", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.output)


TEXT = "Testut recess: inky-looking lesion with a starry-sky pattern."


def test_an_extension_changes_normaliser_show_and_shacl(taxonomy: Taxonomy, extra: Path) -> None:
    extended = Taxonomy.load(extra)
    option = ("--taxonomy", str(extra))

    labels = Normalizer([extra]).normalize(TEXT).labels
    assert (labels["body_system"], labels["organ"]) == (("Abdomen and retroperitoneum",), ("Liver",))
    assert labels["echogenicity"] == ("hypoechoic", "starry-sky pattern")
    assert not any(Normalizer().normalize(TEXT).labels.values())

    assert _show("E-STAR", *option)["implies"] == {"echogenicity": ["starry-sky pattern"]}
    assert _show("inky-looking", *option)["curie"] == "udaf:echogenicity.hypoechoic"
    assert [step["label"] for step in _show("testut recess", *option)["path"]][-2:] == ["Liver", "Testut recess"]

    graph = record_graph([("1", RECORD)], extended)
    assert validate(graph, extended) == []
    assert [violation.path for violation in validate(graph, taxonomy)] == ["ns:echogenicity"]
    assert list(self_test(extended)) == []

    assert extended.dimension("echogenicity").labels == (
        *taxonomy.dimension("echogenicity").labels,
        "starry-sky pattern",
    )
    assert extended.digest != taxonomy.digest


@pytest.mark.parametrize("form", FORMATS)
def test_an_extension_is_in_every_export(turtle, small_core: None, form: str) -> None:
    path = turtle("""
        ex:fuzzy a ns:MarginsValue , skos:Concept , owl:NamedIndividual ; skos:prefLabel "fuzzy"@en ; ns:order 3 ;
            ns:prompt "fuzzy" ; skos:broader udaf:margins ; skos:inScheme <https://w3id.org/udt/udaf> .
        udaf:margins.ill-defined skos:altLabel "blurry-looking"@en .
        uhat:liver_test-recess a ns:Component , skos:Concept , owl:NamedIndividual ;
            skos:prefLabel "Testut recess"@en ; skos:broader uhat:liver ; skos:inScheme <https://w3id.org/udt/uhat> .
    """)
    before, after = export(Taxonomy.load(), form), export(Taxonomy.load(path), form)
    for word in "fuzzy", "blurry-looking", "Testut recess":
        assert word in after and word not in before


def test_imports_are_never_fetched(turtle, no_network: None, small_core: None) -> None:
    path = turtle("<https://example.org/ontology> a owl:Ontology ; owl:imports <http://example.invalid/other.owl> .")
    extended = Taxonomy.load(path)
    assert validate(record_graph([("1", {})], extended), extended) == []
    for form in FORMATS:
        export(extended, form)
    assert reason(extended).status in {"consistent", "unavailable"}
    done = CliRunner().invoke(command, ["check", "--no-reasoner", "--taxonomy", str(path)], catch_exceptions=False)
    assert "0 errors" in done.output


def test_sparql_finds_terms_of_an_extension(extra: Path) -> None:
    rows = (
        Taxonomy.load(extra)
        .store()
        .query(
            "SELECT ?l { ?v skos:broader udaf:echogenicity ; skos:prefLabel ?l FILTER (STRSTARTS(?l, 'starry')) }",
            prefixes={"skos": "http://www.w3.org/2004/02/skos/core#", "udaf": "https://w3id.org/udt/udaf/"},
        )
    )
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["l"].value for row in rows] == ["starry-sky pattern"]
