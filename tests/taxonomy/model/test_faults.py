from __future__ import annotations

import pytest

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.taxonomy import Taxonomy

FAULTY = """
ex:lobe a ns:Component , skos:Concept ; skos:prefLabel "ninth lobe"@en ; skos:broader uhat:livre .
ex:double a ns:Component , skos:Concept ; skos:prefLabel "liver"@en ; skos:broader uhat:liver .
ex:one a ns:Component , skos:Concept ; skos:prefLabel "one"@en ; skos:broader ex:two .
ex:two a ns:Component , skos:Concept ; skos:prefLabel "two"@en ; skos:broader uhat:liver , ex:one .
ex:warm a ns:MarginsValue , skos:Concept ; skos:prefLabel "warm"@en ; skos:broader udaf:temperature .
ex:nothing a ns:Component , skos:Concept ; skos:prefLabel "nothing"@en .
ex:kind a ns:Komponent , skos:Concept ; skos:prefLabel "kind"@en ; skos:broader uhat:liver .
ex:plain a skos:Concept ; skos:prefLabel "plain"@en .
ex:mute a ns:Component , skos:Concept ; skos:prefLabel "stumm"@de ; skos:broader uhat:liver .
ex:twice a ns:Component , skos:Concept ; skos:prefLabel "once"@en , "twice"@en ; skos:broader uhat:liver .
ex:empty a ns:Component , skos:Concept ; skos:prefLabel "empty"@en ; skos:altLabel " "@en ; skos:broader uhat:liver .
ex:wrong a ns:MarginsValue , skos:Concept ; skos:prefLabel "wrong"@en ; skos:broader udaf:organ .
ex:number a ns:Component , skos:Concept ; skos:prefLabel "number"@en ; skos:broader uhat:liver ; ns:order "first" .
ex:points a ns:FindingTerm , skos:Concept ; skos:prefLabel "points"@en ;
    ns:impliesOrgan uhat:lever ; ns:impliesValue udaf:none .
ex:place a ns:Component , skos:Concept ; skos:prefLabel "place"@en ; skos:broader uhat:liver ;
    ns:compartmentRule [ ns:within uhat:nowhere ; ns:resolvesTo uhat:liver ] .
ex:pair a ns:MarginsValue , skos:Concept ; skos:prefLabel "pair"@en ; skos:broader udaf:margins ;
    ns:composition [ ns:modifier lex:irregulr ; ns:head lex:margin ] .
"""

EXPECTED = {
    "bad Turtle": "bad.ttl: not valid Turtle",
    "not UTF-8": "latin.ttl: not UTF-8 at byte",
    "dangling parent": "extra.ttl: ex:lobe has the parent uhat:livre, which does not exist; did you mean uhat:liver?",
    "duplicate label": "the label 'liver' (en) is on 2 concepts: extra.ttl: ex:double and small.ttl: uhat:liver",
    "cycle": "extra.ttl: ex:one is its own ancestor: ex:one -> ex:two -> ex:one",
    "unknown dimension": "extra.ttl: ex:warm is a value of an unknown dimension (skos:broader udaf:temperature)",
    "no parent": "extra.ttl: ex:nothing has no parent",
    "unknown class": "extra.ttl: ex:kind has the unknown class ns:Komponent; did you mean Component?",
    "no class": "extra.ttl: ex:plain has no class in ns:",
    "no English label": "extra.ttl: ex:mute has no skos:prefLabel in English",
    "two preferred labels": "extra.ttl: ex:twice has 2 preferred labels in 'en'",
    "empty label": "extra.ttl: ex:empty has an empty label",
    "wrong dimension": "extra.ttl: ex:wrong is a ns:MarginsValue but its dimension udaf:organ takes ns:Organ",
    "not a number": "extra.ttl: ex:number has ns:order 'first'; give a whole number",
    "unknown organ": "extra.ttl: ex:points has ns:impliesOrgan uhat:lever, which does not exist; did you mean",
    "unknown value": "extra.ttl: ex:points has ns:impliesValue udaf:none, which does not exist",
    "unknown compartment": "extra.ttl: ex:place has ns:within uhat:nowhere, which does not exist",
    "unknown modifier": "ns:modifier lex:irregulr, which does not exist; did you mean lex:irregular?",
}


@pytest.fixture
def faults(turtle, small_core: None) -> str:
    """All faults of three faulty files, one per line."""
    bad = turtle("ex:a ex:b .", "bad.ttl")
    latin = turtle("", "latin.ttl")
    latin.write_bytes("# Ménière".encode("latin-1"))
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(turtle(FAULTY), bad, latin)
    assert len(caught.value.faults) == len(EXPECTED)
    assert str(caught.value).startswith(f"the taxonomy has {len(EXPECTED)} faults:\n")
    return "\n".join(caught.value.faults)


def test_all_faults_are_reported_at_once_with_file_and_term(faults: str) -> None:
    missing = {kind: text for kind, text in EXPECTED.items() if text not in faults}
    assert not missing, faults


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("ex:a skos:broader ex:b .", "ex:a is its own ancestor: ex:a -> ex:b -> ex:a"),
        ("ex:a skos:broader ex:a .", "ex:a is its own ancestor: ex:a -> ex:a"),
        ("uhat:sys.abdomen skos:broader ex:b .", "is its own ancestor: ex:b -> uhat:sys.abdomen -> uhat:liver"),
    ],
    ids=["between two", "of one", "through the built-in part"],
)
def test_a_cycle_is_found_along_any_parent(turtle, small_core: None, body: str, message: str) -> None:
    concepts = """
    ex:a a ns:Component , skos:Concept ; skos:prefLabel "a part"@en ; skos:broader uhat:liver .
    ex:b a ns:Component , skos:Concept ; skos:prefLabel "b part"@en ; skos:broader uhat:liver , ex:a .
    """
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(turtle(concepts + body))
    cycles = [fault for fault in caught.value.faults if "ancestor" in fault]
    assert cycles
    if "sys" not in body:
        assert len(cycles) == 1
        assert message in cycles[0]


def test_homonyms_are_allowed_for_heads_and_modifiers(turtle, small_core: None) -> None:
    Taxonomy.load(
        turtle("""
        lex:smooth a ns:Modifier , skos:Concept ; skos:prefLabel "smooth"@en ; skos:altLabel "irregular"@en .
        udaf:margins.well-defined skos:altLabel "smooth"@en .
        """)
    )
