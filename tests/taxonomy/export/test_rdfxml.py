from __future__ import annotations

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import to_isomorphic

from udt.core.errors import DataError
from udt.taxonomy.export.rdf import canonical
from udt.taxonomy.export.rdfxml import rdfxml

HEAD = """
@prefix ex: <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BODIES = {
    "literals": 'ex:a ex:p "x"@en , "y" , 5 , true , "<&>\\"\'"@zh-Hant .',
    "typed": "<https://w3id.org/udt/ontology> a owl:Ontology . ex:c a owl:Class , ex:Other ; rdfs:subClassOf ex:d .",
    "nested": "ex:c rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:d ] .",
    "list": "ex:c owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:a [ owl:oneOf ( ex:b ) ] ) ] .",
    "list of literals": 'ex:c ex:p ( "a" 1 ) .',
    "empty list": "ex:c ex:p () .",
    "shared node": "ex:c ex:p _:x . ex:d ex:p _:x . _:x ex:q 1 .",
    "unnamed node": "[] a owl:AllDifferent ; owl:distinctMembers ( ex:a ex:b ) .",
    "other namespace": "ex:c <http://other.example/x#y> <http://other.example/a%20b> .",
}


def triples(body: str) -> list[ox.Triple]:
    return canonical(quad.triple for quad in ox.parse(HEAD + body, format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("options", [{}, {"untyped": "ex:c", "apart": "equivalentClass"}], ids=["plain", "apart"])
def test_rdflib_reads_back_what_was_written(name: str, options: dict[str, str]) -> None:
    untyped = [ox.NamedNode("https://example.org/c")] if options else []
    apart = ["http://www.w3.org/2002/07/owl#equivalentClass"] if options else []
    written = Graph().parse(data=rdfxml(triples(BODIES[name]), untyped, apart), format="xml")
    lines = ox.serialize(triples(BODIES[name]), format=ox.RdfFormat.N_TRIPLES)
    assert to_isomorphic(written) == to_isomorphic(Graph().parse(data=lines, format="nt"))


def test_elements_are_typed() -> None:
    text = rdfxml(triples(BODIES["typed"]))
    assert '<owl:Ontology rdf:about="https://w3id.org/udt/ontology"/>' in text
    assert '<owl:Class rdf:about="https://example.org/c">' in text
    untyped = rdfxml(triples(BODIES["typed"]), [ox.NamedNode("https://example.org/c")])
    assert '<rdf:Description rdf:about="https://example.org/c">' in untyped


def test_the_ontology_comes_first() -> None:
    lines = [line.strip() for line in rdfxml(triples(BODIES["typed"])).splitlines()]
    elements = [line for line in lines if line.startswith("<owl:")]
    assert elements[0].startswith("<owl:Ontology")


def test_a_property_without_a_name_is_refused() -> None:
    with pytest.raises(DataError, match="does not end in a name; use Turtle"):
        rdfxml(triples("ex:a <https://example.org/1> ex:b ."))
