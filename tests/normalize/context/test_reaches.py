"""The reach of cues, which the ontology gives: two sentences for each, one at the distance and one beyond it."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, certainties, exclusion_reasons


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"No {'x ' * 30}mass.", "-mass by No", id="denial"),
        pytest.param(f"No {'x ' * 31}mass.", "+mass", id="beyond the denial"),
        pytest.param(f"Possible {'x ' * 30}mass.", "?mass by Possible", id="hedge"),
        pytest.param(f"Possible {'x ' * 31}mass.", "+mass", id="beyond the hedge"),
        pytest.param(f"Absent {'x ' * 30}mass.", "-mass by Absent", id="denial of either side"),
        pytest.param(f"Absent {'x ' * 31}mass.", "+mass", id="beyond the denial of either side"),
        pytest.param(f"Suspected {'x ' * 30}mass.", "?mass by Suspected", id="hedge of either side"),
        pytest.param(f"Suspected {'x ' * 31}mass.", "+mass", id="beyond the hedge of either side"),
        pytest.param(f"Suspicious for {'x ' * 30}mass.", "?mass by Suspicious for", id="forward hedge"),
        pytest.param(f"Suspicious for {'x ' * 31}mass.", "+mass", id="beyond the forward hedge"),
        pytest.param(f"Versus {'x ' * 30}mass.", "?mass by Versus", id="hedge of both sides"),
        pytest.param(f"Versus {'x ' * 31}mass.", "+mass", id="beyond the hedge of both sides"),
        pytest.param("This is not so clearly mass.", "-mass by not", id="not"),
        pytest.param("This is not so very clearly mass.", "+mass", id="beyond not"),
        pytest.param("A non-shadowing stone.", "-shadowing by non, +stone", id="joined"),
        pytest.param("A non - shadowing stone.", "+shadowing, +stone", id="beyond what is joined"),
    ],
)
def test_scopes(text: str, expected: str, read: Read) -> None:
    assert certainties(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        pytest.param("Carcinoma in her older sister.", {"carcinoma": "experiencer"}, id="relative"),
        pytest.param("Carcinoma in her much older sister.", {}, id="beyond the relative"),
        pytest.param("Hyperechoic long thin straight needle.", {"hyperechoic": "instrument"}, id="instrument"),
        pytest.param("Hyperechoic very long thin straight needle.", {}, id="beyond the instrument"),
        pytest.param("The needle is one long straight hyperechoic line.", {"hyperechoic": "instrument"}, id="after it"),
        pytest.param("The needle is one very long straight hyperechoic line.", {}, id="beyond it, after it"),
    ],
)
def test_exclusions(text: str, excluded: dict[str, str], read: Read) -> None:
    assert exclusion_reasons(read(text)) == excluded


@pytest.mark.parametrize(
    ("text", "diagnoses"),
    [
        pytest.param("Patient x with a cyst. Liver normal.", ("normal appearance",), id="patient with"),
        pytest.param("Patient x x with a cyst. Liver normal.", ("cyst", "normal appearance"), id="beyond it"),
        pytest.param("Cyst on the last external CT. Liver normal.", ("normal appearance",), id="modality"),
        pytest.param(
            "Cyst on the very last external CT. Liver normal.", ("cyst", "normal appearance"), id="beyond it, too"
        ),
    ],
)
def test_diagnoses_known_before(text: str, diagnoses: tuple[str, ...], read: Read) -> None:
    assert read(text).labels["diagnosis"] == diagnoses


@pytest.mark.parametrize(
    ("text", "years"),
    [
        pytest.param("Aged about 7 years.", 7, id="word of age"),
        pytest.param("Aged nearly about 7 years.", None, id="beyond the word of age"),
        pytest.param("A 7-year-old plain worn bent soft catheter.", None, id="thing that is so old"),
        pytest.param("A 7-year-old plain worn bent soft blue catheter.", 7, id="beyond the thing"),
    ],
)
def test_ages(text: str, years: int | None, read: Read) -> None:
    assert read(text).patient.age_years == years


@pytest.mark.parametrize(
    ("text", "organ"),
    [
        pytest.param("Delivery of a quite big heavy pink rosy lively infant. Liver cyst.", "Liver", id="birth"),
        pytest.param(
            "Delivery of one quite very big heavy pink rosy lively infant. Liver cyst.",
            "Pediatric abdomen and retroperitoneum",
            id="beyond the birth",
        ),
    ],
)
def test_a_child_that_is_born_is_not_the_patient(text: str, organ: str, read: Read) -> None:
    assert read(text).labels["organ"] == (organ,)
