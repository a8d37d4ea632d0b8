from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.full_report import full_report
from udt.core.report import Finding, Measurement, NamedConcept
from udt.reporting.findings import (
    both_ends,
    canonical_range,
    comparator,
    details,
    location,
    measurement,
    name,
    number,
    place,
    sizes,
    statement,
    summary,
)

FIBROID, GALLSTONE, OVARIES, KIDNEY, CYST, AORTA, AGAIN = full_report(("organ", "diagnosis", "margins")).findings


def size(values: tuple[float, ...], unit: str = "mm", factor: float = 1.0, **fields: Any) -> Measurement:
    return Measurement(values, unit, tuple(value * factor for value in values), 0, 1, **fields)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (size((32.0, 28.0)), "32 × 28 mm"),
        (size((2.345,), "cm", 10), "23.45 mm"),
        (size((25.0,), role="previous", examination="March 2023"), "before: 25 mm (March 2023)"),
        (size((3.0,), comparator="<=", role="reference", quantity="thickness"), "reference: thickness ≤ 3 mm"),
        (size((3.0, 8.0), range=(3.0, 8.0)), "3–8 mm"),
        (size((0.3, 0.8), "cm", 10, range=(0.3, 0.8)), "3–8 mm"),
        (size((1.1,), "cm", 10, range=(None, 1.1)), "≤ 11 mm"),
        (size((5.0,), range=(5.0, None)), "≥ 5 mm"),
        (size((5.0,), comparator="~"), "~ 5 mm"),
        (size((20.0,), role="planned"), "planned: 20 mm"),
        (size((120.0,), "cm/s", canonical_unit="cm/s", quantity="velocity", name="PSV"), "PSV 120 cm/s"),
        (size((0.7,), "1", canonical_unit="1", quantity="index", name="RI"), "RI 0.7"),
        (size((60.0,), "deg", canonical_unit="deg", quantity="angle", name="alpha angle"), "alpha angle 60°"),
        (size((70.0,), "%", canonical_unit="%", quantity="fraction"), "fraction 70%"),
        (size((25.0,), "mm[Hg]", canonical_unit="mm[Hg]", quantity="pressure"), "pressure 25 mmHg"),
        (size((12345.0,), "mm2", canonical_unit="mm2", quantity="area"), "area 12345 mm²"),
    ],
)
def test_measurements_in_words(one: Measurement, words: str) -> None:
    assert measurement(one) == words


def test_a_range_with_two_ends_has_no_comparator() -> None:
    assert comparator(size((3.0, 8.0), range=(3.0, 8.0), comparator="~")) is None
    assert both_ends(size((0.3, 0.8), "cm", 10, range=(0.3, 0.8))) == pytest.approx((3.0, 8.0))
    assert both_ends(size((0.8,), "cm", 10, range=(None, 0.8))) is None


def test_the_ends_of_a_range_are_its_canonical_values() -> None:
    small = Measurement((1.25, 4500.0), "mm3", (0.0013, 4.5), 0, 1, "mL", "volume", range=(1.25, 4500.0))
    assert both_ends(small) == (0.0013, 4.5)
    assert measurement(small) == "volume 0.0013–4.5 mL"
    assert canonical_range(small._replace(range=(None, 4500.0))) == (None, 4.5)
    assert canonical_range(small._replace(range=None)) is None


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (FIBROID, "uterine fibroid (2)"),
        (GALLSTONE, "no cholelithiasis"),
        (replace(GALLSTONE, certainty="possible"), "possible cholelithiasis"),
        (replace(GALLSTONE, certainty="unknown"), "cholelithiasis (certainty unknown)"),
        (replace(GALLSTONE, time="previous"), "no cholelithiasis (previous)"),
        (replace(FIBROID, count=None, experiencer="other"), "uterine fibroid (of another person)"),
        (replace(CYST, concept=None), "cyst"),
        (KIDNEY, "right kidney"),
        (AORTA, "Aorta"),
        (replace(FIBROID, concept=None, count=None, labels={"margins": ("well-defined",)}), "well-defined"),
        (replace(OVARIES, concept=None), "unnamed finding"),
        (replace(OVARIES, concept=None, certainty="absent"), "unnamed finding (absent)"),
    ],
)
def test_names_and_certainty(finding: Finding, words: str) -> None:
    assert statement(finding) == words
    assert name(finding) in words


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (FIBROID, "fundus of uterus, left"),
        (OVARIES, "Adnexa, bilateral"),
        (KIDNEY, "Kidney and ureter"),
        (AORTA, ""),
        (CYST, "Breast, left, 3 o'clock"),
        (replace(FIBROID, sites=(NamedConcept("x:a", "left ovary"),)), "Uterus, left ovary"),
        (replace(FIBROID, organ=None, sites=(), laterality=None), ""),
    ],
)
def test_places(finding: Finding, words: str) -> None:
    assert place(finding) == words


def test_general_structures_are_left_out_beside_special_ones() -> None:
    wall, gallbladder = NamedConcept("uhat:a", "gallbladder wall"), NamedConcept("uhat:b", "gallbladder")
    assert place(replace(GALLSTONE, sites=(wall, gallbladder))) == "Gallbladder and bile ducts, gallbladder wall"
    assert place(replace(GALLSTONE, sites=(gallbladder,))) == "gallbladder"


def test_details_are_not_in_the_name_the_number_the_change_or_the_location() -> None:
    attributes = {"count": ("few",), "pole": ("upper pole",), "cyst_morphology": ("simple cyst",), "change": ("new",)}
    cyst = replace(
        CYST,
        concept=NamedConcept("finding:simple-renal-cyst", "simple renal cyst"),
        attributes={**attributes, "severity": ("mild",)},
        count="few",
        change="new",
        location={"pole": "upper pole"},
    )
    assert details(cyst) == {"organ": ("Breast",), "severity": ("mild",)}
    hypoechoic = replace(OVARIES, concept=None, labels={"organ": (), "echogenicity": ("hypoechoic",)})
    assert details(hypoechoic) == {"echogenicity": ("hypoechoic",)}


def test_several_interpretations_are_alternatives() -> None:
    (one,) = FIBROID.interpretations
    finding = replace(FIBROID, interpretations=(one, one._replace(certainty="absent")))
    assert summary(finding).endswith(", interpreted as possible adenomyoma or no adenomyoma")


def test_locations() -> None:
    given = {"clock": "3", "quadrant": "upper outer", "segment": "VII", "pole": "lower pole", "level": "level II"}
    assert location(replace(CYST, location=given)) == [
        "3 o'clock",
        "upper outer quadrant",
        "segment VII",
        "lower pole",
        "level II",
    ]


def test_only_extents_in_millimetres_are_sizes() -> None:
    area = size((4.0,), "mm2", canonical_unit="mm2", quantity="area")
    distance, before = size((9.0,), quantity="distance"), size((2.0,), role="previous")
    width = size((5.0,), quantity="diameter")
    assert sizes((area, distance, before, width)) == [width]
    assert sizes((area, before), "previous") == [before]


@pytest.mark.parametrize("value", [0.0, 0.001, 1.5, 9998.0, 9999.4, 123456.0])
def test_numbers_have_no_exponent(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=1e-3)
    assert "e" not in number(value)
