from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.collection import Collection

from tests.open_dimensions import write_extension
from udt.taxonomy.export.closure import closing_axioms, declared_properties
from udt.taxonomy.model.namespaces import expand
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.regenerate import GENERATED


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_up_to_date(name: str) -> None:
    written = (ontology_folder() / "generated" / name).read_text("utf-8")
    assert written == GENERATED[name](), f"{name} is stale; run python -m udt.taxonomy.quality.regenerate"


def test_every_value_is_in_a_partition_and_differs_from_the_others(taxonomy: Taxonomy) -> None:
    graph = Graph().parse(ontology_folder() / "generated" / "closure.ttl", format="turtle")
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


def test_a_dimension_of_an_extension_gets_an_object_property(tmp_path: Path) -> None:
    """Once, with its class as range; the nine are declared by hand."""
    taxonomy = Taxonomy.load(write_extension(tmp_path))
    graph = Graph().parse(data=closing_axioms(taxonomy), format="turtle")
    name = URIRef("https://w3id.org/udt/ns#breathingPhase")
    assert (name, RDF.type, OWL.ObjectProperty) in graph
    assert set(graph.objects(name, RDFS.range)) == {URIRef("https://w3id.org/udt/ns#BreathingPhaseValue")}
    generated = set(graph.subjects(RDF.type, OWL.ObjectProperty))
    declared = declared_properties(taxonomy)
    assert declared.isdisjoint(map(str, generated))
    assert {d.label_property for d in taxonomy.dimensions} <= declared | set(map(str, generated))
