"""The compiled lexicon data of a taxonomy."""

from __future__ import annotations

from pathlib import Path

import pytest

from udt.lexicon.build import build
from udt.lexicon.flags import ADVERB
from udt.lexicon.trie import entries_in
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import Write


def entries(trie: dict, phrase: str) -> list[tuple[str, str | None]]:  # type: ignore[type-arg]
    """Return the concepts of `phrase`, each with the exact spelling that it requires, or None."""
    node = trie
    for word in phrase.split():
        node = node.get(word, {}) if isinstance(node, dict) else {}
    return [(curie, exact) for curie, _, exact in entries_in(node)]


@pytest.mark.parametrize(
    ("phrase", "meanings"),
    [
        pytest.param("liver", [("uhat:liver", None)], id="label"),
        pytest.param("livers", [("uhat:liver", None)], id="plural"),
        pytest.param("hepar", [("uhat:liver", None)], id="Latin"),
        pytest.param("lv", [("uhat:liver", "LV")], id="abbreviation, with its case"),
        pytest.param("lvs", [("uhat:liver", "LVs")], id="its plural"),
        pytest.param("spleen", [], id="unknown"),
    ],
)
def test_words(small_core: list[Path], phrase: str, meanings: list[tuple[str, str | None]]) -> None:
    assert entries(build(Taxonomy.load())["tries"]["names"], phrase) == meanings


def test_a_label_takes_precedence_over_a_derived_form(small_core: list[Path], turtle: Write) -> None:
    """*livers* is the plural of *liver*, unless a concept has this label."""
    body = 'uhat:row a ns:Component , skos:Concept ; skos:prefLabel "livers"@en ; skos:broader uhat:liver ; '
    extra = turtle("extra.ttl", body + "skos:inScheme <https://w3id.org/udt/uhat> .")
    assert entries(build(Taxonomy.load(extra))["tries"]["names"], "livers") == [("uhat:row", None)]


def test_the_same_taxonomy_gives_the_same_data(small_core: list[Path]) -> None:
    assert build(Taxonomy.load()) == build(Taxonomy.load())


def test_every_label_is_found(small_core: list[Path]) -> None:
    taxonomy = Taxonomy.load()
    trie = build(taxonomy)["tries"]["names"]
    for concept in taxonomy:
        for label in concept.labels if concept.kind == "Organ" else ():
            assert concept.curie in [curie for curie, _ in entries(trie, label.text.lower())]


FINDINGS = """
udaf:diagnosis a ns:Dimension , skos:Concept ; skos:prefLabel "Diagnosis"@en ;
    skos:inScheme <https://w3id.org/udt/udaf> ; ns:key "diagnosis" ; ns:task 3 ; ns:valueClass ns:DiagnosisValue .
udaf:diagnosis.mass a ns:DiagnosisValue , skos:Concept ; skos:prefLabel "mass"@en ; skos:broader udaf:diagnosis ;
    skos:inScheme <https://w3id.org/udt/udaf> ; ns:composition [ ns:head finding:growth ] .
finding:group a ns:FindingGroup , skos:Concept ; skos:prefLabel "sonographic growth"@en .
finding:growth a ns:FindingTerm , skos:Concept ; skos:prefLabel "growth"@en ; skos:broader finding:group ;
    ns:impliesValue udaf:diagnosis.mass ; ns:impliesOrgan uhat:liver ; ns:specificity ns:BodyRegion .
finding:large-growth a ns:FindingTerm , skos:Concept ; skos:prefLabel "large growth"@en ; skos:broader finding:growth .
finding:silent-growth a ns:FindingTerm , skos:Concept ; skos:prefLabel "silent growth"@en ;
    skos:broader finding:growth ; ns:impliesNothing true .
"""


def test_findings_inherit_implications_and_heads(small_core: list[Path], turtle: Write) -> None:
    concepts = build(Taxonomy.load(turtle("findings.ttl", FINDINGS)))["concepts"]
    implied = {
        "impliesValue": ["udaf:diagnosis.mass"],
        "impliesOrgan": ["uhat:liver"],
        "specificity": ["ns:BodyRegion"],
    }
    above = {"heads": ["finding:growth"], "above": ["finding:growth", "finding:group"], "codes": []}
    assert concepts["finding:large-growth"] == {
        "kind": "FindingTerm",
        "label": "large growth",
        **implied,
        **above,
    }
    assert concepts["finding:silent-growth"] == {
        "kind": "FindingTerm",
        "label": "silent growth",
        "impliesNothing": [True],
        **above,
    }


def test_groups_of_findings_are_not_matched(small_core: list[Path], turtle: Write) -> None:
    data = build(Taxonomy.load(turtle("findings.ttl", FINDINGS)))
    assert "finding:group" not in data["concepts"]
    assert entries(data["tries"]["names"], "sonographic growth") == []
    assert entries(data["tries"]["names"], "large growth") == [("finding:large-growth", None)]


GLEAM = """
ns:GleamValue a owl:Class ; rdfs:subClassOf ns:Value .
udaf:gleam a ns:Dimension , skos:Concept ; skos:prefLabel "gleam"@en ; ns:key "gleam" ; ns:valueClass ns:GleamValue ;
    ns:qualifies uhat:sys.abdomen ; ns:standsAlone true ; skos:inScheme <https://w3id.org/udt/udaf> .
udaf:gleam.faint a ns:GleamValue , skos:Concept ; skos:prefLabel "faint"@en ; skos:altLabel "faintly"@en , "liver"@en ;
    ns:ordinal 0 ; skos:broader udaf:gleam ; skos:inScheme <https://w3id.org/udt/udaf> .
"""


def test_values_that_are_read_as_attributes_have_a_trie_of_their_own(small_core: list[Path], turtle: Write) -> None:
    data = build(Taxonomy.load(turtle("extra.ttl", GLEAM)))
    assert entries(data["tries"]["names"], "faint") == []
    assert entries(data["tries"]["attributes"], "faint") == [("udaf:gleam.faint", None)]
    assert entries(data["tries"]["names"], "liver") == [("uhat:liver", None)]
    assert entries(data["tries"]["attributes"], "liver") == [("udaf:gleam.faint", None)]
    assert [flags for _, flags, _ in entries_in(data["tries"]["attributes"]["faintly"])] == [ADVERB]


def test_what_is_stated_as_false_does_not_hold(small_core: list[Path], turtle: Write) -> None:
    body = GLEAM.replace("ns:standsAlone true", "ns:standsAlone false") + "udaf:gleam.faint ns:ofStructures false ."
    data = build(Taxonomy.load(turtle("extra.ttl", body)))
    gleam = next(dimension for dimension in data["dimensions"] if dimension["key"] == "gleam")
    assert gleam["stands_alone"] is False
    assert "ofStructures" not in data["concepts"]["udaf:gleam.faint"]


def test_a_dimension_has_its_rules_and_the_concepts_below_those_that_it_qualifies(
    small_core: list[Path], turtle: Write
) -> None:
    *_, gleam = build(Taxonomy.load(turtle("extra.ttl", GLEAM)))["dimensions"]
    assert (gleam["key"], gleam["task"], gleam["reading"]) == ("gleam", None, "attribute")
    assert gleam["qualifies"] == ["uhat:liver", "uhat:sys.abdomen"]
    assert (gleam["stands_alone"], gleam["adjacent_only"], gleam["graded"]) == (True, False, True)
