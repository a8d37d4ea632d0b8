from __future__ import annotations

import pytest

from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.search import fold, mapped_to, search, suggestions
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ménière's  DISEASE", "menieres disease"), ("non-shadowing", "non shadowing"), ("胆囊", "胆囊"), (" - ", "")],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def curies(taxonomy: Taxonomy, words: str, **options: object) -> list[str]:
    return [hit.concept.curie for hit in search(taxonomy, words, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("gallbladder", "uhat:gallbladder-bile-ducts_gallbladder"),
        ("胆囊", "uhat:gallbladder-bile-ducts_gallbladder"),
        ("vésicule biliaire", "uhat:gallbladder-bile-ducts_gallbladder"),
        ("vesicule BILIAIRE", "uhat:gallbladder-bile-ducts_gallbladder"),
        ("wall of gallbladder", "uhat:gallbladder-bile-ducts_gallbladder-wall"),
        ("hypoechoc", "udaf:echogenicity.hypoechoic"),
        ("gallblader stone", "finding:cholelithiasis"),
    ],
)
def test_the_best_match_comes_first(taxonomy: Taxonomy, words: str, first: str) -> None:
    assert curies(taxonomy, words)[0] == first


def test_every_label_finds_its_concept_exactly(taxonomy: Taxonomy) -> None:
    """A whole name is always among the exact hits, which come before all others."""
    step = len(taxonomy) // 20
    for concept in list(taxonomy)[::step]:
        for label in concept.labels[:1]:
            hits = search(taxonomy, label.text, limit=10_000)
            exact = [hit for hit in hits if fold(hit.label.text) == fold(label.text)]
            assert concept.curie in {hit.concept.curie for hit in exact}
            assert [h.concept.curie for h in hits[: len(exact)]] == [h.concept.curie for h in exact]


def test_scores_fall_and_concepts_are_unique(taxonomy: Taxonomy) -> None:
    hits = search(taxonomy, "cyst", limit=500)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.concept.curie for hit in hits}) == len(hits)
    assert hits[:7] == search(taxonomy, "cyst", limit=7)


def test_kinds_and_parts_filter(taxonomy: Taxonomy) -> None:
    assert {hit.concept.kind for hit in search(taxonomy, "liver", kinds=["organ"])} == {"Organ"}
    parts = {hit.concept.curie.partition(":")[0] for hit in search(taxonomy, "cyst", kinds=["findings"])}
    assert parts == {"finding"}


@pytest.mark.parametrize("words", ["", "  ", "- '"])
def test_nothing_is_found_for_no_words(taxonomy: Taxonomy, words: str) -> None:
    assert search(taxonomy, words) == []


@pytest.mark.parametrize(
    "name",
    ["UBERON:0002106", "uberon:0002106", "http://purl.obolibrary.org/obo/UBERON_0002106", " UBERON:0002106 "],
)
def test_external_identifiers_in_every_form(taxonomy: Taxonomy, name: str) -> None:
    assert [(p, c.curie) for p, c in mapped_to(taxonomy, name)] == [("exactMatch", "uhat:spleen")]


def test_local_identifiers_find_their_mappings_exact_ones_first(taxonomy: Taxonomy) -> None:
    found = mapped_to(taxonomy, "RID187")
    assert (found[0][0], found[0][1].curie) == ("exactMatch", "uhat:gallbladder-bile-ducts_gallbladder")
    assert len(found) > 1
    assert found == mapped_to(taxonomy, "RADLEX:RID187") == mapped_to(taxonomy, "rid187")


def test_external_identifiers_agree_with_a_scan_of_all_mappings(taxonomy: Taxonomy) -> None:
    slow: dict[str, set[tuple[str, str]]] = {}
    for concept in taxonomy:
        for predicate, target in concept.mappings:
            slow.setdefault(target, set()).add((predicate, concept.curie))
    for target in sorted(slow)[:: len(slow) // 15]:
        assert target.partition(":")[0] in PREFIXES
        assert {(p, c.curie) for p, c in mapped_to(taxonomy, target)} == slow[target]


@pytest.mark.parametrize("name", ["liver", "RID", "12345", "", "UBERON:9999999"])
def test_other_names_are_no_external_identifiers(taxonomy: Taxonomy, name: str) -> None:
    assert mapped_to(taxonomy, name) == []


def test_identifiers_of_a_vocabulary_without_prefix(turtle, small_core: None) -> None:
    taxonomy = Taxonomy.load(turtle("uhat:liver skos:closeMatch <http://purl.obolibrary.org/obo/XYZ_12> ."))
    assert [(p, c.curie) for p, c in mapped_to(taxonomy, "XYZ:12")] == [("closeMatch", "uhat:liver")]


def test_suggestions_for_a_misspelling(taxonomy: Taxonomy) -> None:
    found = [hit.concept.curie for hit in suggestions(taxonomy, "gallblader stones")]
    assert "finding:cholelithiasis" in found[:2]
    assert len(found) == len(set(found)) <= 5
