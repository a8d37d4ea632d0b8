from __future__ import annotations

import pytest
from rdflib import OWL, RDF, Graph, URIRef
from rdflib.collection import Collection

from udt.taxonomy import Taxonomy, expand
from udt.taxonomy.closure import closing_axioms
from udt.taxonomy.generated import GENERATED
from udt.taxonomy.source import ontology_folder


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_up_to_date(name: str) -> None:
    written = (ontology_folder() / name).read_text("utf-8")
    assert written == GENERATED[name](), f"{name} is stale; run python -m udt.taxonomy.generated"


def test_every_value_is_in_a_partition_and_set_apart(taxonomy: Taxonomy) -> None:
    graph = Graph().parse(ontology_folder() / "closure.ttl", format="turtle")
    apart = [
        set(Collection(graph, graph.value(node, OWL.distinctMembers)))
        for node in graph.subjects(RDF.type, OWL.AllDifferent)
    ]
    for dimension in taxonomy.dimensions:
        values = {URIRef(value.iri) for value in dimension.values}
        union = graph.value(URIRef(expand(dimension.concept.one("valueClass"))), OWL.equivalentClass)
        assert set(Collection(graph, graph.value(union, OWL.oneOf))) == values
        assert values in apart


def test_a_value_of_an_extension_joins_the_partition(turtle, small_core: None) -> None:
    value = 'ex:fuzzy a ns:MarginsValue , skos:Concept ; skos:prefLabel "fuzzy"@en ; skos:broader udaf:margins .'
    axioms = closing_axioms(Taxonomy.load(turtle(value)))
    assert axioms.count("udaf:margins.well-defined udaf:margins.ill-defined <https://example.org/fuzzy>") == 2
