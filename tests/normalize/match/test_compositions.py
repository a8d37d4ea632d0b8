"""Values that are named in two words, and the distance between these."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, known_fault

ILL, WELL = "ill-defined/indistinct", "well-defined"
NONE, LESS, MORE = "no vascularity", "reduced/diminished vascularity", "increased vascularity"
SOME = "indeterminate/inhomogeneous vascularity"


@pytest.mark.parametrize(
    ("text", "dimension", "label"),
    [
        pytest.param("Mass with irregular margins.", "margins", ILL, id="before its head"),
        pytest.param("The margins are irregular.", "margins", ILL, id="copula"),
        pytest.param("The margins of the mass are irregular.", "margins", ILL, id="copula, after an of-phrase"),
        pytest.param("Margins: irregular.", "margins", ILL, id="colon"),
        pytest.param("Mass. Shape: oval. Margins: irregular.", "margins", ILL, id="colon, in a list of features"),
        pytest.param("Mass, margin: spiculated; calcifications: none.", "margins", ILL, id="colon, in one sentence"),
        pytest.param("Margins smooth.", "margins", WELL, id="directly after"),
        pytest.param("Mass with smooth and regular margins.", "margins", WELL, id="list"),
        pytest.param("Mass with lobulated, ill-defined margins.", "margins", ILL, id="list with a comma"),
        pytest.param(
            "Smooth margins, low echogenicity and marked vascularity.", "margins", WELL, id="one of three, first"
        ),
        pytest.param(
            "Smooth margins, low echogenicity and marked vascularity.", "echogenicity", "hypoechoic", id="second"
        ),
        pytest.param("Smooth margins, low echogenicity and marked vascularity.", "vascularity", MORE, id="third"),
        pytest.param("Increased echogenicity of the liver.", "echogenicity", "hyperechoic", id="of-phrase after"),
        pytest.param(
            "The echogenicity of the liver is increased.", "echogenicity", "hyperechoic", id="of-phrase between"
        ),
        pytest.param(
            "The liver echogenicity is diffusely increased.", "echogenicity", "hyperechoic", id="adverb between"
        ),
        pytest.param(
            "Increase in echogenicity of the cortex.", "echogenicity", "hyperechoic", id="noun and preposition"
        ),
        pytest.param("There is decreased blood flow.", "vascularity", LESS, id="flow"),
        pytest.param("Blood flow is seen in the mass.", "vascularity", SOME, id="bare head"),
        pytest.param("Peripheral vascularity.", "vascularity", SOME, id="a modifier without meaning of its own"),
        pytest.param("There is no flow in the mass.", "vascularity", NONE, id="denied head"),
        pytest.param("Blood flow was not detected.", "vascularity", NONE, id="denied from after"),
        pytest.param("Vascularity: absent.", "vascularity", NONE, id="denied with a colon"),
        pytest.param("Margins are not well-defined.", "margins", ILL, id="denied value with a meaning of its own"),
        known_fault("脾脏正常。", "diagnosis", "normal appearance", id="Chinese"),
        pytest.param("Mass with margins that are smooth and regular.", "margins", WELL, id="relative clause"),
    ],
)
def test_two_words_make_a_value(read: Read, text: str, dimension: str, label: str) -> None:
    assert read(text).labels[dimension] == (label,)


@pytest.mark.parametrize(
    ("text", "dimension", "absent"),
    [
        pytest.param("No increased vascularity.", "vascularity", MORE, id="no increased"),
        pytest.param("Vascularity is not increased.", "vascularity", MORE, id="not increased"),
        pytest.param("No irregular margins.", "margins", ILL, id="no irregular"),
        pytest.param("Margins are not smooth.", "margins", WELL, id="not smooth"),
        pytest.param("The kidney is not normal.", "diagnosis", "normal appearance", id="not normal"),
        pytest.param("Mass without increased flow.", "vascularity", MORE, id="without increased flow"),
    ],
)
def test_a_denied_modifier_denies_the_value(read: Read, text: str, dimension: str, absent: str) -> None:
    report = read(text)
    assert (set(report.labels[dimension]) - {"mass"}, report.absent[dimension]) == (set(), (absent,))


@pytest.mark.parametrize(
    ("text", "dimension", "label"),
    [
        pytest.param("Irregular mass with smooth margins.", "shape", "irregular", id="each to its own: the mass"),
        pytest.param("Irregular mass with smooth margins.", "margins", WELL, id="each to its own: its margins"),
        pytest.param(
            "The margin of the mass is smooth and its shape is irregular.", "shape", "irregular", id="two clauses"
        ),
        pytest.param(
            "The mass is irregular and the margins are smooth.", "margins", WELL, id="two clauses, mass first"
        ),
        pytest.param(
            "Hypoechoic mass with increased flow.", "echogenicity", "hypoechoic", id="flow is no echogenicity"
        ),
    ],
)
def test_a_modifier_qualifies_its_own_head(read: Read, text: str, dimension: str, label: str) -> None:
    assert read(text).labels[dimension] == (label,)


def test_evidence_of_a_composition_spans_both_words(read: Read) -> None:
    (evidence,) = read("The margins of the mass are irregular.").findings[0].evidence[:1]
    assert (evidence.text, evidence.label, evidence.reason) == ("margins of the mass are irregular", ILL, "composition")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        pytest.param("Hypo- to anechoic mass.", {"hypoechoic", "anechoic"}, id="prefix, to"),
        pytest.param("Iso/hypoechoic nodule.", {"isoechoic", "hypoechoic"}, id="prefix, slash"),
        pytest.param("Hypo to hyperechoic nodule.", {"hypoechoic", "hyperechoic"}, id="prefix without a hyphen"),
        pytest.param("Isoechoic to hyperechoic nodule.", {"isoechoic", "hyperechoic"}, id="two words"),
        pytest.param("Nodule isoechoic to the spleen.", {"isoechoic"}, id="comparison"),
    ],
)
def test_ranges(read: Read, text: str, labels: set[str]) -> None:
    assert set(read(text).labels["echogenicity"]) == labels


@pytest.mark.parametrize(
    ("text", "dimension", "labels"),
    [
        pytest.param("Nodule 1: Solid. Irregular.", "shape", {"irregular"}, id="two descriptions"),
        pytest.param("Breast mass. Vascular.", "vascularity", {SOME}, id="flow"),
        pytest.param("Mass in the liver. The spleen is normal. Irregular.", "shape", set(), id="another organ between"),
        pytest.param("There is no mass. Solid.", "internal_characteristics", set(), id="denied lesion"),
        pytest.param(
            "Composition: solid.", "internal_characteristics", {"solid components"}, id="heading of a feature"
        ),
    ],
)
def test_a_sentence_without_a_noun_describes_the_lesion_before_it(
    read: Read, text: str, dimension: str, labels: set[str]
) -> None:
    assert set(read(text).labels[dimension]) == labels


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("Node with its fatty hilum preserved, hilar flow.", SOME, id="adjective of the noun before it"),
        pytest.param("Mass with preserved, central flow.", "normal/regular vascularity", id="adjective of a list"),
    ],
)
def test_an_adjective_after_its_noun_qualifies_no_other(read: Read, text: str, label: str) -> None:
    assert read(text).labels["vascularity"] == (label,)
