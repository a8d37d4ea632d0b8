from __future__ import annotations

import pytest

from udt.core.errors import UnknownConceptError
from udt.taxonomy.model.describe import concepts_called, find, look_up, schema_term
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.mark.parametrize("name", ["ns:SimpleCyst", "SimpleCyst", "simplecyst", "https://w3id.org/udt/ns#SimpleCyst"])
def test_classes_are_found(taxonomy: Taxonomy, name: str) -> None:
    shown = look_up(taxonomy, name)
    assert (shown["curie"], shown["kind"], shown["label"]) == ("ns:SimpleCyst", "class", "simple cyst")
    assert shown["parents"] == ["ns:Finding"]
    signs = ("diagnosis: cyst", "echogenicity: anechoic", "margins: well-defined", "posteriorAcoustics: enhancement")
    assert shown["definition"] == f"({' and '.join(('ns:Finding', *signs))})"


def test_a_class_lists_its_members(taxonomy: Taxonomy) -> None:
    shown = look_up(taxonomy, "ns:Organ")
    assert [one["curie"] for one in shown["members"]] == sorted(v.curie for v in taxonomy.dimension("organ").values)


def test_unions_in_definitions(taxonomy: Taxonomy) -> None:
    assert "(internalCharacteristics: septations or" in look_up(taxonomy, "ns:ComplexCyst")["definition"]


def test_properties_are_found(taxonomy: Taxonomy) -> None:
    shown = look_up(taxonomy, "ns:abbreviation")
    assert (shown["kind"], shown["parents"]) == ("annotation property", ["skos:altLabel"])


def test_a_concept_with_the_name_of_a_class_refers_to_it(taxonomy: Taxonomy) -> None:
    term = schema_term(taxonomy, "simple cyst")
    assert term is not None and term.curie == "ns:SimpleCyst"
    shown = look_up(taxonomy, "simple cyst")
    assert shown["curie"] != "ns:SimpleCyst"
    assert "ns:SimpleCyst" in shown["also"]


def test_one_mapped_concept_is_described(taxonomy: Taxonomy) -> None:
    shown = look_up(taxonomy, "UBERON:0002107")
    assert shown["curie"] == "uhat:liver"
    assert shown["found_by"] == {"id": "UBERON:0002107", "predicate": "closeMatch"}


def test_several_mapped_concepts_are_listed_with_their_predicates(taxonomy: Taxonomy) -> None:
    shown = look_up(taxonomy, "RID187")
    pairs = {(one["predicate"], one["curie"]) for one in shown["concepts"]}
    assert ("exactMatch", "uhat:gallbladder-bile-ducts_gallbladder") in pairs
    assert len(pairs) == len(shown["concepts"]) > 1


@pytest.mark.parametrize("name", ["Baker’s cyst", "baker's CYST", "bakers cyst"])
def test_apostrophes_and_case_count_for_nothing(taxonomy: Taxonomy, name: str) -> None:
    assert find(taxonomy, name).curie == "finding:baker-cyst"


def test_concepts_that_share_a_name_come_in_order(turtle, small_core: None) -> None:
    path = turtle("""
        finding:m a ns:FindingTerm , skos:Concept ; skos:prefLabel "border"@en .
        lex:margin skos:altLabel "border"@en .
    """)
    assert [c.curie for c in concepts_called(Taxonomy.load(path), "border")] == ["finding:m", "lex:margin"]


def test_an_unknown_name_gets_a_list_of_close_ones(taxonomy: Taxonomy) -> None:
    with pytest.raises(UnknownConceptError) as caught:
        look_up(taxonomy, "hypoechoc")
    assert "did you mean 'hypoechoic' (udaf:echogenicity.hypoechoic)" in str(caught.value)


def test_a_hopeless_name_gets_the_next_step(small_core: None) -> None:
    with pytest.raises(UnknownConceptError, match="'udt taxonomy search' finds concepts by words"):
        look_up(Taxonomy.load(), "qqqqqqqq")
