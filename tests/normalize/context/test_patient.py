"""The subject of the text: age, sex, and whether it is a patient at all."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons, known_fault, places
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.context.patient import read_patient
from udt.normalize.match.mentions import find_mentions

CHILD = {"Pediatric abdomen and retroperitoneum"}
ADULT = {"Liver"}


@pytest.mark.parametrize(
    "patient",
    [
        pytest.param("in a 7-year-old boy", id="year-old"),
        pytest.param("in a 7 year old", id="without hyphens"),
        pytest.param("in a 7 years old girl", id="years old"),
        pytest.param("in a 7-yo girl", id="yo and girl"),
        pytest.param("in a 7y old", id="y old"),
        pytest.param("in a 2.5-year-old", id="fraction"),
        pytest.param("in a seven-year-old", id="number word"),
        pytest.param("in a patient aged 7 years", id="aged"),
        pytest.param("in a 17-year-old male", id="17"),
        pytest.param("in a 3-month-old", id="months"),
        pytest.param("in an 18-month-old", id="more than 18, but months"),
        pytest.param("in a 6-week-old", id="weeks"),
        pytest.param("in a 12 days old baby", id="days"),
        pytest.param("at 10 days of age", id="of age"),
        pytest.param("in a 36-hour-old", id="hours"),
        pytest.param("in a newborn", id="newborn"),
        pytest.param("in a preterm infant", id="preterm"),
        pytest.param("in a child", id="child"),
        pytest.param("in a teenage boy", id="teenage"),
        pytest.param("(neonatal period)", id="neonatal"),
        pytest.param(", 7 yo", id="yo alone"),
        pytest.param(", 7 y/o", id="y/o"),
        pytest.param("(age: 6 weeks)", id="age, colon"),
    ],
)
def test_child(read: Read, patient: str) -> None:
    report = read(f"Liver cyst {patient}.")
    assert (set(report.labels["body_system"]), places(report)) == ({"Pediatrics"}, CHILD)


@pytest.mark.parametrize(
    "patient",
    [
        pytest.param("in an 18-year-old woman", id="18"),
        pytest.param("in a 67 years-old man", id="67"),
        pytest.param("in a patient aged 70 years", id="aged"),
        pytest.param("in a patient", id="age unknown"),
        pytest.param("in a pregnant woman", id="pregnant"),
        pytest.param("which is common in children", id="children in general"),
        pytest.param("as often seen in infants", id="infants in general"),
        pytest.param("known for 5 years", id="years that are no age"),
        pytest.param("with a 2-year history of pain", id="history of years"),
        pytest.param("in a 45-year-old woman and mother of a child", id="age goes before a word"),
        pytest.param("in a child-bearing woman", id="child-bearing"),
        pytest.param("with Child-Pugh B cirrhosis", id="Child-Pugh"),
        pytest.param("(estimated age 17 weeks)", id="estimated age"),
        pytest.param("in pregnancy, age: 17 weeks", id="weeks of a pregnancy"),
        pytest.param("after delivery of a healthy infant", id="delivery of an infant"),
        pytest.param("in the mother of a newborn", id="mother of a newborn"),
        pytest.param("beside a 17-year-old stent", id="age of an instrument"),
        pytest.param("beside a 17-year-old liver abscess", id="age of a finding"),
    ],
)
def test_adult(read: Read, patient: str) -> None:
    assert places(read(f"Liver cyst {patient}.")) == ADULT


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        pytest.param("a woman", {"Gynaecology"}, id="woman"),
        pytest.param("a 40-year-old female", {"Gynaecology"}, id="female"),
        pytest.param("a postmenopausal patient", {"Gynaecology"}, id="a word for women only"),
        pytest.param("a man", set(), id="man"),
        pytest.param("a patient", set(), id="sex unknown"),
        pytest.param("a man and a woman", set(), id="both"),
    ],
)
def test_the_pelvis_of_a_woman_is_gynaecology(read: Read, patient: str, expected: set[str]) -> None:
    assert places(read(f"Pelvic mass in {patient}.")) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Liver cyst of a dog.", id="animal"),
        pytest.param("Feline kidney with an anechoic cyst.", id="animal, adjective"),
        pytest.param("Fetal ultrasound showing a renal cyst.", id="fetal examination"),
        known_fault("Renal cyst of the fetus.", id="of the fetus"),
        pytest.param("Fetus with a renal cyst.", id="fetus with"),
        pytest.param("Agar phantom with an anechoic cyst.", id="phantom"),
    ],
)
def test_texts_not_about_a_patient_have_no_labels(read: Read, text: str) -> None:
    report = read(text)
    assert not any(report.labels.values())
    assert "not the patient" in exclusion_reasons(report).values()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Cat scratch disease: hypoechoic lymph node.", id="a disease"),
        pytest.param("Comparison with the CAT scan. Hypoechoic lymph node.", id="CAT scan"),
    ],
)
def test_names_of_animals_in_other_terms(read: Read, text: str) -> None:
    assert read(text).labels["organ"] == ("Lymph nodes",)


@pytest.mark.parametrize(
    ("text", "age", "sex"),
    [
        pytest.param("A 45-year-old woman.", 45, "female", id="woman"),
        pytest.param("A 7-year-old boy.", 7, "male", id="boy"),
        pytest.param("Patient, 6 months old.", 0.5, None, id="months"),
        pytest.param("A man and a woman.", None, None, id="both"),
        pytest.param("Liver cyst.", None, None, id="no patient"),
        pytest.param("A 30-year-old mother with a 2-year-old stent.", 30, None, id="age of a thing"),
        pytest.param("A 17-year-old right-handed girl with a cyst.", 17, "female", id="noun phrase of the patient"),
    ],
)
def test_age_and_sex(lexicon: Lexicon, text: str, age: float | None, sex: str | None) -> None:
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    patient = read_patient(tokens, mentions, [mention.sense.kind for mention in mentions], lexicon.numerals)
    assert (patient.age_years, patient.sex) == (age, sex)
