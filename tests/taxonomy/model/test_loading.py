from __future__ import annotations

import json

import pytest

from tests.locations import SHARED
from udt.core.errors import UnknownConceptError
from udt.taxonomy.model.describe import find
from udt.taxonomy.model.taxonomy import Taxonomy

VOCABULARY = SHARED / "udt-vocabulary.json"


def test_tasks_are_complete_and_in_order(taxonomy: Taxonomy) -> None:
    assert [(d.key, d.task, len(d.values)) for d in taxonomy.tasks] == [
        ("body_system", 1, 9),
        ("organ", 2, 52),
        ("diagnosis", 3, 5),
        ("shape", 4, 7),
        ("margins", 5, 2),
        ("echogenicity", 6, 5),
        ("internal_characteristics", 7, 5),
        ("posterior_acoustics", 8, 2),
        ("vascularity", 9, 5),
    ]


@pytest.mark.skipif(not VOCABULARY.exists(), reason=f"the published vocabulary is not at {VOCABULARY}")
def test_labels_prompts_and_fields_are_those_of_the_published_vocabulary(taxonomy: Taxonomy) -> None:
    published = json.loads(VOCABULARY.read_text("utf-8"))
    organs = [organ for below in published["uhat"].values() for organ in below]
    for dimension in taxonomy.dimensions:
        expected = published["udaf"][dimension.key]
        labels = expected.get("labels") or dict.fromkeys(
            published["uhat"] if dimension.key == "body_system" else organs
        )
        assert list(dimension.labels) == list(labels)
        assert dimension.us365k_field == expected["us365k_field"]
        for value in dimension.values:
            prompt = labels[value.label] or expected["prompt"].replace("{label}", value.label)
            assert dimension.prompt(value) == prompt


def test_every_organ_is_below_its_system(taxonomy: Taxonomy) -> None:
    systems = taxonomy.dimension("body_system").values
    assert [c for s in systems for c in taxonomy.children(s.curie) if c.kind == "Organ"] == list(
        taxonomy.dimension("organ").values
    )


@pytest.mark.parametrize(
    ("name", "curie"),
    [
        ("uhat:liver", "uhat:liver"),
        ("https://w3id.org/udt/uhat/liver", "uhat:liver"),
        ("ABD-01", "uhat:liver"),
        ("liver", "uhat:liver"),
        ("肝脏", "uhat:liver"),
        ("echo-poor", "udaf:echogenicity.hypoechoic"),
        ("gall bladder", "uhat:gallbladder-bile-ducts_gallbladder"),
    ],
)
def test_a_concept_is_found_by_any_of_its_names(taxonomy: Taxonomy, name: str, curie: str) -> None:
    assert find(taxonomy, name).curie == curie


def test_the_error_of_an_unknown_name_suggests_the_closest(taxonomy: Taxonomy) -> None:
    with pytest.raises(UnknownConceptError, match=r"did you mean .*'hypoechoic'") as caught:
        find(taxonomy, "hypoechoicc")
    assert caught.value.name == "hypoechoicc"
    with pytest.raises(UnknownConceptError, match="udt taxonomy show"):
        find(taxonomy, "qqqqqqqqqqqq")


def test_an_extension_is_a_source_of_the_concepts_that_it_changes(turtle, small_core: None) -> None:
    extended = Taxonomy.load(turtle('uhat:liver skos:altLabel "jecur"@la .'))
    assert extended["uhat:liver"].source == "small.ttl, extra.ttl"
    assert extended["udaf:margins"].source == "small.ttl"


def test_blank_node_names_of_two_files_are_kept_apart(turtle, small_core: None) -> None:
    one = turtle("udaf:margins.well-defined ns:composition _:x . _:x ns:head lex:margin .", "one.ttl")
    two = turtle("udaf:margins.ill-defined ns:composition _:x . _:x ns:head lex:irregular .", "two.ttl")
    extended = Taxonomy.load(one, two)
    assert [c.head for c in extended["udaf:margins.well-defined"].compositions] == ["lex:margin"]
