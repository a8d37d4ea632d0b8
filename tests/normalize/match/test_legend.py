"""Legends of figures, and texts that only resemble one."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons, known_fault, places
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.legend import find_legend

MASS = "Hypoechoic mass in the pancreas (arrow). "


@pytest.mark.parametrize(
    "legend",
    [
        pytest.param("L = liver; GB = gallbladder.", id="equals"),
        pytest.param("L: liver, GB: gallbladder.", id="colon"),
        pytest.param("Arrow: aorta.", id="arrow"),
        pytest.param("Arrow = aorta.", id="arrow, equals"),
        pytest.param("White arrow: portal vein.", id="white arrow"),
        pytest.param("Asterisk: spleen.", id="asterisk"),
        pytest.param("*: spleen", id="asterisk as a sign"),
        pytest.param("(*: spleen)", id="in brackets"),
        pytest.param("IVC, inferior vena cava; Ao, aorta.", id="comma"),
        pytest.param("IVC inferior vena cava, PV portal vein.", id="blank"),
        pytest.param("AA – abdominal aorta.", id="dash"),
        pytest.param("White arrow, portal vein.", id="white arrow, comma"),
        pytest.param("GB: gallbladder.", id="known abbreviation"),
        pytest.param("AA: axillary artery, TAA: thoracoacromial artery.", id="initials of another meaning"),
        pytest.param("R: rib, L: lung.", id="letters of sides"),
        known_fault("a, aorta; v, splenic vein.", id="small letter, comma"),
    ],
)
def test_a_legend_gives_no_place(read: Read, legend: str) -> None:
    report = read(MASS + legend)
    assert places(report) == {"Pancreas"}
    assert report.labels["diagnosis"] == ("mass",)
    assert set(exclusion_reasons(report).values()) == {"legend"}


def test_a_value_in_a_legend_is_excluded(read: Read) -> None:
    assert read("Liver with a mass. Asterisk = cyst.").labels["diagnosis"] == ("mass",)


@pytest.mark.parametrize(
    ("text", "place", "diagnosis"),
    [
        pytest.param("LIVER: normal.", "Liver", "normal appearance", id="heading in capitals"),
        pytest.param("Liver: cyst.", "Liver", "cyst", id="heading"),
        pytest.param("HISTORY: pain\nLIVER: cyst.", "Liver", "cyst", id="heading on a later line"),
        pytest.param("CBD: 5 mm. Cyst.", "Gallbladder and bile ducts", "cyst", id="known abbreviation with a measure"),
        pytest.param("GB: normal.", "Gallbladder and bile ducts", "normal appearance", id="known abbreviation"),
        pytest.param("IVC: normal.", "Retroperitoneum and great vessels", "normal appearance", id="another one"),
        pytest.param("Segment VIII: cyst.", "Liver", "cyst", id="numeral at the end of a name"),
        pytest.param("BI-RADS 4: mass.", "Breast", "mass", id="BI-RADS"),
        pytest.param("US: liver cyst.", "Liver", "cyst", id="US"),
        pytest.param("LT ovary: cyst 3 cm.", "Adnexa", "cyst", id="side before a heading"),
        pytest.param(
            "The portal vein (PV) is normal. PV: 14 mm.", "Liver", "normal appearance", id="abbreviation in brackets"
        ),
        pytest.param("(A) Liver cyst.", "Liver", "cyst", id="panel in brackets"),
        pytest.param("A: Liver cyst.", "Liver", "cyst", id="panel A"),
        pytest.param("EXAM: Liver cyst.", "Liver", "cyst", id="heading on the first line"),
        pytest.param("Dx: liver cyst.", "Liver", "cyst", id="Dx"),
        pytest.param("Sonogram of the liver.Notes: A cyst is seen.", "Liver", "cyst", id="notes"),
        pytest.param("B: Liver cyst.", "Liver", "cyst", id="panel B"),
        pytest.param("T1: cyst in the thyroid.", "Thyroid gland", "cyst", id="numbered lesion"),
        pytest.param("GB: gallbladder cyst of 3 mm.", "Gallbladder and bile ducts", "cyst", id="with its size"),
        pytest.param("GB: gross cyst.", "Gallbladder and bile ducts", "cyst", id="same first letter, other meaning"),
        pytest.param("SPL: simple cyst.", "Spleen", "cyst", id="abbreviated organ"),
        pytest.param("RK: cyst of 2 cm.", "Kidney and ureter", "cyst", id="abbreviated organ with its side"),
        pytest.param("Left breast, 3:00, 4 cm FN: mass.", "Breast", "mass", id="end of a longer heading"),
        pytest.param("R: hydrocele.", "Scrotum", "fluid collection", id="single letter of a side"),
    ],
)
def test_no_legend(read: Read, text: str, place: str, diagnosis: str) -> None:
    report = read(text)
    assert (report.labels["organ"], report.labels["diagnosis"]) == ((place,), (diagnosis,))


def test_entries_are_found_with_their_keys(lexicon: Lexicon) -> None:
    text = "Mass (arrow). White arrow: portal vein. IVC, inferior vena cava; GB = gallbladder."
    assert [text[start:end] for start, end in find_legend(text, lexicon)] == [
        "White arrow: portal vein",
        "IVC, inferior vena cava",
        "GB = gallbladder",
    ]
