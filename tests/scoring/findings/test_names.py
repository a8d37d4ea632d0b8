"""Names in all spellings, and the concepts that have them."""

from __future__ import annotations

import pytest

from udt.scoring.findings.names import GENERIC_NAMES, ConceptNames, normalized_name
from udt.taxonomy.model.concept import Concept, Label

MASS = Concept(
    "f:mass", "http://x/mass", "FindingTerm", "mass", (Label("masa", "es", "alt"), Label("bulky", "en", "adjective"))
)
FIBROID = Concept(
    "f:fibroid",
    "http://x/fibroid",
    "FindingTerm",
    "uterine fibroid",
    (Label("leiomyomata", "en-gb", "hidden"), Label("UF", "en", "abbreviation")),
    broader=("f:mass", "f:gone"),
)
OTHER = Concept("f:other", "http://x/other", "FindingTerm", "UF", (), broader=("f:fibroid",))
NAMES = ConceptNames([MASS, FIBROID, OTHER])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gallstones", "gallstone"),
        ("renal calculi", "Renal calculus"),
        ("biopsies", "biopsy"),
        ("ties", "tie"),
        ("stenoses", "stenosis"),
        ("metastases", "metastasis"),
        ("masses", "mass"),
        ("branches", "branch"),
        ("appendix", "appendix"),
        ("testes", "testis"),
        ("haematoma", "hematoma"),
        ("oedema", "edema"),
        ("tumours", "tumor"),
        ("fibre", "fiber"),
        ("Baker's cyst", "baker cyst"),
        ("Baker’s-cyst", "Baker cyst"),
        ("well_defined, mass", "well-defined mass"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert normalized_name(one) == normalized_name(other)


@pytest.mark.parametrize("word", ["thrombus", "stenosis", "abscess", "gas"])
def test_words_that_are_no_plural(word: str) -> None:
    assert normalized_name(word) == word


def test_generic_names_are_normalized() -> None:
    assert {normalized_name(name) for name in GENERIC_NAMES} == GENERIC_NAMES


@pytest.mark.parametrize(
    ("value", "curies"),
    [
        ("f:fibroid", {"f:fibroid"}),
        ("http://x/fibroid", {"f:fibroid"}),
        ("Leiomyomata", {"f:fibroid"}),
        ("uf", {"f:fibroid", "f:other"}),
        ({"concept": "f:other", "label": "UF"}, {"f:other"}),
        ({"concept": {"concept": "f:mass", "label": "mass"}, "certainty": "possible"}, {"f:mass"}),
        ({"concept": None, "label": "UF"}, {"f:fibroid", "f:other"}),
        (["mass", {"label": "uterine fibroids"}], {"f:mass", "f:fibroid"}),
        ("masa", set()),
        ("bulky", set()),
        ("", set()),
        (None, set()),
        (3, set()),
        ([], set()),
    ],
)
def test_concepts_of_a_value(value: object, curies: set[str]) -> None:
    assert NAMES.resolve(value).curies == curies


def test_names_of_a_value_are_those_of_its_concept_and_its_own() -> None:
    found = NAMES.resolve({"concept": "f:fibroid", "label": "Womb fibroids"})
    assert found.names == {"uterine fibroid", "leiomyomata", "uf", "womb fibroid"}
    assert NAMES.resolve("unheard of").names == {"unheard of"}
    assert NAMES.resolve("?").names == frozenset()


def test_ancestors_are_found_along_all_parents() -> None:
    assert NAMES.ancestors(["f:other"]) == {"f:fibroid", "f:mass", "f:gone"}
    assert NAMES.ancestors(["f:mass"]) == frozenset()
