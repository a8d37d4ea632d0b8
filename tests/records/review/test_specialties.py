"""Specialties: the 14 of the review of US-365K, with organs of the taxonomy."""

from __future__ import annotations

from udt.records.review.specialties import covering, specialties
from udt.taxonomy.model.taxonomy import Taxonomy

PAPER = (
    "liver, kidney, bladder, scrotum, uterus, adnexa, thyroid, lymph nodes, breast, shoulder, knee, pleural space, "
    "lung, neonatal brain"
)


def test_they_are_those_of_the_paper_in_its_order(taxonomy: Taxonomy) -> None:
    assert ", ".join(one.label for one in specialties(taxonomy)) == PAPER


def test_every_one_covers_organ_classes(taxonomy: Taxonomy) -> None:
    organs = set(taxonomy.vocabulary["organ"].iris)
    for one in specialties(taxonomy):
        assert one.organs and one.organs <= organs, one.key


def test_an_organ_may_have_one_several_or_none(taxonomy: Taxonomy) -> None:
    every = specialties(taxonomy)
    found = {name: [one.key for one in covering(every, [taxonomy[name].iri])] for name in ("Liver", "Axilla", "Spleen")}
    assert found == {"Liver": ["liver"], "Axilla": ["lymph-nodes", "breast"], "Spleen": []}


def test_they_are_no_concepts(taxonomy: Taxonomy) -> None:
    """No text is matched with them, and no record is labelled with them."""
    assert not any(one.kind == "Specialty" for one in taxonomy)
