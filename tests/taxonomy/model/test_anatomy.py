"""The anatomy: components that name one structure each, and the review of their synonyms."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest

from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

REVIEW = ontology_folder() / "anatomy" / "synonym-review.tsv"
ACTIONS = {"own concept", "move", "hide", "drop"}
UMBILICAL_VEIN = "uhat:sys.gynaecology_umbilical-vein"
VERDICTS = {"narrower", "broader", "different"}


def _review() -> list[dict[str, str]]:
    with REVIEW.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _names(concept: Concept, *roles: str) -> set[str]:
    return {label.text.lower() for label in concept.labels if label.language == "en" and label.role in roles}


def _all_names(concept: Concept) -> set[str]:
    return _names(concept, "pref", "alt", "hidden", "abbreviation")


def _line(taxonomy: Taxonomy, curie: str) -> Iterator[Concept]:
    yield taxonomy[curie]
    yield from taxonomy.ancestors(curie)


def _place(taxonomy: Taxonomy, curie: str) -> tuple[str, ...]:
    """Return the organ and the body system that a mention of `curie` labels."""
    return tuple(c.curie for c in _line(taxonomy, curie) if c.kind in {"Organ", "BodySystem"})


def test_every_row_of_the_review_is_carried_out(taxonomy: Taxonomy) -> None:
    rows = _review()
    assert {row["action"] for row in rows} == ACTIONS
    assert {row["verdict"] for row in rows} == VERDICTS
    wrong = []
    for row in rows:
        name, component = row["synonym"].lower(), taxonomy[row["component"]]
        still = name in _names(component, "pref", "alt", "abbreviation")
        hidden = name in _names(component, "hidden")
        found = row["target"] == "" or name in _all_names(taxonomy[row["target"]])
        if still or hidden != (row["action"] == "hide") or not found:
            wrong.append((row["component"], row["synonym"], row["action"]))
    assert not wrong


def test_a_name_labels_the_organ_that_it_labelled_before_the_review(taxonomy: Taxonomy) -> None:
    moved = [row for row in _review() if row["target"]]
    assert len(moved) > 5_000
    elsewhere = [
        row["synonym"] for row in moved if _place(taxonomy, row["component"])[:2] != _place(taxonomy, row["target"])[:2]
    ]
    assert not elsewhere


def _rules(component: Concept) -> list[str]:
    """Return the compartments of a component, without those of single veins: a fistula, an adult's umbilical vein."""
    single = {"uhat:dialysis-fistula"} | ({"uhat:liver"} if component.curie == UMBILICAL_VEIN else set())
    return [rule.within for rule in component.compartment_rules if rule.within not in single]


def test_every_component_made_by_the_review_reads_as_definitely_as_the_one_that_it_left(taxonomy: Taxonomy) -> None:
    rows = [row for row in _review() if row["action"] == "own concept"]
    assert not [
        row["target"]
        for row in rows
        if taxonomy[row["target"]].one("specificity") != taxonomy[row["component"]].one("specificity")
        or _rules(taxonomy[row["target"]]) != _rules(taxonomy[row["component"]])
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("femoral head", "ligamentum teres of the femoral head"),
        ("portal vein", "left portal vein"),
        ("calcaneus", "medial malleolus"),
        ("bowel", "bowel gas"),
        ("phrenic nerve", "supraclavicular nerve"),
        ("lesser curvature", "greater curvature"),
        ("vulva", "clitoris"),
    ],
    ids=lambda name: str(name).replace(" ", "-"),
)
def test_neighbours_and_parts_are_structures_of_their_own(taxonomy: Taxonomy, one: str, other: str) -> None:
    anatomy = [c for c in taxonomy if c.kind in {"Organ", "Component", "Region"}]
    found = [{c.curie for c in anatomy if name in _all_names(c)} for name in (one, other)]
    assert all(len(curies) == 1 for curies in found)
    assert found[0] != found[1]


def test_definitions_are_single_sentences(taxonomy: Taxonomy) -> None:
    defined = {c.curie: c.definition for c in taxonomy if c.kind in {"Component", "Region"} and c.definition}
    assert len(defined) > 476
    sentence = re.compile(r"[A-Z][^\n]{10,280}[^. ]\.")
    assert not {curie: text for curie, text in defined.items() if not sentence.fullmatch(text) or ". " in text}
