"""The rules compiled from definitions, compared with HermiT on the same definitions."""

from __future__ import annotations

import random
import shutil

import pyoxigraph as ox
import pytest

from tests.taxonomy.conftest import WriteTurtle
from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import NS, compress, property_iri
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.reasoner import reason
from udt.taxonomy.quality.rules import Rules, Thing

pytestmark = pytest.mark.slow

needs_hermit = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and none is installed")

FINDING = NS + "Finding"

# Every kind of expression, and classes that are defined by other classes.
EXTENSION = """
ex:CystOfThorax a owl:Class ; rdfs:subClassOf ns:Finding ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
    ns:Finding
    [ a owl:Restriction ; owl:onProperty ns:diagnosis ; owl:hasValue udaf:diagnosis.cyst ]
    [ a owl:Restriction ; owl:onProperty ns:organ ; owl:someValuesFrom
        [ a owl:Restriction ; owl:onProperty skos:broader ; owl:hasValue uhat:sys.thorax ] ] ) ] .
ex:Dark a owl:Class ; rdfs:subClassOf ns:Finding ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
    ns:Finding
    [ a owl:Restriction ; owl:onProperty ns:echogenicity ; owl:someValuesFrom
        [ a owl:Class ; owl:oneOf ( udaf:echogenicity.anechoic udaf:echogenicity.hypoechoic ) ] ] ) ] .
ex:Seen a owl:Class ; rdfs:subClassOf ns:Finding ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
    ns:Finding [ a owl:Restriction ; owl:onProperty ns:echogenicity ; owl:someValuesFrom ns:EchogenicityValue ] ) ] .
ex:DarkSimpleCyst a owl:Class ; rdfs:subClassOf ns:Finding ;
    owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ns:SimpleCyst ex:Dark ) ] .
ex:Harmless a owl:Class ; rdfs:subClassOf ns:Finding . ns:SimpleCyst rdfs:subClassOf ex:Harmless .
ex:Bubble a owl:Class ; rdfs:subClassOf ns:Finding ; owl:equivalentClass ns:SimpleCyst .
"""


def random_findings(taxonomy: Taxonomy, count: int, seed: int) -> dict[str, Thing]:
    """Draw findings with none to three of a few labels in each dimension, so that definitions apply to many."""
    source = random.Random(seed)
    liked = {"organ": ("Breast", "Liver", "Adnexa", "Thyroid gland", "Pulmonary"), "body_system": ()}
    found = {}
    for number in range(count):
        values = {}
        for dimension in taxonomy.dimensions:
            allowed = [v.iri for v in dimension.values if v.label in liked.get(dimension.key, dimension.labels)]
            chosen = source.sample(allowed, min(len(allowed), source.choice((0, 1, 1, 2, 3))))
            values[property_iri(dimension.key)] = frozenset(chosen)
        found[f"https://example.org/f{number}"] = Thing("", frozenset({FINDING}), values)
    return found


def triples(things: dict[str, Thing]) -> list[ox.Triple]:
    found = []
    for name, thing in things.items():
        node = ox.NamedNode(name)
        found.append(
            ox.Triple(node, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode(FINDING))
        )
        for path, values in thing.values.items():
            found += [ox.Triple(node, ox.NamedNode(path), ox.NamedNode(value)) for value in sorted(values)]
    return found


@needs_hermit
def test_the_rules_find_what_hermit_finds(turtle: WriteTurtle) -> None:
    taxonomy = Taxonomy.load(turtle(EXTENSION))
    things = random_findings(taxonomy, 120, seed=3)
    rules = Rules(taxonomy)
    ours = {name: {compress(found) for found in rules.classes_of(thing)} for name, thing in things.items()}
    reasoning = reason(taxonomy, triples(things))
    assert reasoning.status == "consistent", reasoning.message
    assert ours == {name: set(reasoning.types[name]) for name in things}
    met = set().union(*ours.values())
    defined = {compress(name) for name in rules.defined} - {"ns:Certainty"}
    assert len(defined - met) <= 4, f"too few of the definitions were met: {sorted(defined - met)}"


def test_a_near_miss_is_not_classified(taxonomy: Taxonomy) -> None:
    rules = Rules(taxonomy)
    udaf = "https://w3id.org/udt/udaf/"
    signs = {"diagnosis": "diagnosis.cyst", "echogenicity": "echogenicity.anechoic", "margins": "margins.well-defined"}
    values = {property_iri(key): frozenset({udaf + value}) for key, value in signs.items()}
    found = rules.classes_of(Thing("", frozenset({FINDING}), values))
    assert found == {FINDING, NS + "Labelled"}


def test_a_denied_finding_is_not_classified(taxonomy: Taxonomy) -> None:
    values = {property_iri("diagnosis"): frozenset({"https://w3id.org/udt/udaf/diagnosis.cyst"})}
    values[property_iri("internal_characteristics")] = frozenset({"https://w3id.org/udt/udaf/internal.septations"})
    denied = Rules(taxonomy).classes_of(Thing("", frozenset({NS + "DeniedFinding"}), values))
    assert denied == {NS + "DeniedFinding", NS + "Labelled"}


def test_unsupported_definitions_are_refused_all_at_once(turtle: WriteTurtle) -> None:
    path = turtle("""
        ex:Other a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:complementOf ns:SimpleCyst ] .
        ex:Only a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ns:Finding
            [ a owl:Restriction ; owl:onProperty ns:diagnosis ; owl:allValuesFrom ns:DiagnosisValue ] ) ] .
    """)
    taxonomy = Taxonomy.load(path)
    with pytest.raises(TaxonomyError) as caught:
        Rules(taxonomy)
    assert len(caught.value.faults) == 2
    assert "https://example.org/Only: its definition uses owl:allValuesFrom owl:onProperty" in caught.value.faults[0]
    assert "https://example.org/Other: its definition uses owl:complementOf" in caught.value.faults[1]


def test_a_broken_list_is_reported(turtle: WriteTurtle) -> None:
    path = turtle("ex:A a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:unionOf [ rdf:first ns:SimpleCyst ] ] .")
    with pytest.raises(TaxonomyError, match=r"example.org/A: its definition holds a broken list"):
        Rules(Taxonomy.load(path))
