"""Lengths in text and in millimetres, and numbers that are no length of a finding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalize.reading import Read
from udt import Normalizer
from udt.core.report import Measurement


def measured(read: Read, text: str) -> list[Measurement]:
    return [length for finding in read(text).findings for length in finding.measurements]


@pytest.mark.parametrize(
    ("text", "values", "unit", "millimetres", "span"),
    [
        pytest.param("Cyst of 5 mm.", (5,), "mm", (5,), "5 mm", id="one"),
        pytest.param("Cyst up to 5mm in diameter.", (5,), "mm", (5,), "5mm", id="unit joined"),
        pytest.param("A 5-mm cyst.", (5,), "mm", (5,), "5-mm", id="unit with a hyphen"),
        pytest.param("Cyst of 2.3 x 1.1 cm.", (2.3, 1.1), "cm", (23, 11), "2.3 x 1.1 cm", id="two"),
        pytest.param("Cyst, 20×15×8.8-mm.", (20, 15, 8.8), "mm", (20, 15, 8.8), "20×15×8.8-mm", id="three, times sign"),
        pytest.param("Cyst of 1.2 by 0.8 cm.", (1.2, 0.8), "cm", (12, 8), "1.2 by 0.8 cm", id="by"),
        pytest.param("Cyst of 2.3*1.1 cm", (2.3, 1.1), "cm", (23, 11), "2.3*1.1 cm", id="asterisk"),
        pytest.param("Cyst of 1,2 x 0,8 cm.", (1.2, 0.8), "cm", (12, 8), "1,2 x 0,8 cm", id="decimal comma"),
        pytest.param("Cyst of 1·2 cm.", (1.2,), "cm", (12,), "1·2 cm", id="middle dot"),
        pytest.param(
            "Cyst of 2 cm x 1.1 cm x 9 cm.", (2, 1.1, 9), "cm", (20, 11, 90), "2 cm x 1.1 cm x 9 cm", id="each unit"
        ),
        pytest.param("Cyst of 2.5 centimeters.", (2.5,), "centimeters", (25,), "2.5 centimeters", id="unit in full"),
        pytest.param("Cyst of 1 inch.", (1,), "inch", (25.4,), "1 inch", id="inch"),
        pytest.param("囊肿3厘米。", (3,), "厘米", (30,), "3厘米", id="Chinese"),
        pytest.param("Cyst of 12 mm x 1.1 cm.", (1.2, 1.1), "cm", (12, 11), "12 mm x 1.1 cm", id="two units"),
        pytest.param(
            "Cyst of 2.3 (AP) x 1.1 (TR) cm.", (2.3, 1.1), "cm", (23, 11), "2.3 (AP) x 1.1 (TR) cm", id="axes named"
        ),
        pytest.param("The cyst is approx. 2 cm.", (2,), "cm", (20,), "2 cm", id="after an abbreviation"),
    ],
)
def test_length(
    read: Read, text: str, values: tuple[float, ...], unit: str, millimetres: tuple[float, ...], span: str
) -> None:
    (found,) = measured(read, text)
    assert (found.values, found.unit, found.values_mm) == (values, unit, millimetres)
    assert text[found.start : found.end] == span


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Cyst of 3.2 cm².", id="area, superscript"),
        pytest.param("Cyst of 40 mm³.", id="volume, superscript"),
        pytest.param("Cyst of 40 mm^2.", id="area, caret"),
        pytest.param("Cyst of 3.2 cm2.", id="area"),
        pytest.param("Cyst of 3.2 cm3.", id="volume"),
        pytest.param("Cyst of 12 ml.", id="millilitres"),
        pytest.param("Cyst, 4 cm from the nipple.", id="distance"),
        pytest.param("Cyst with flow of 20 cm/s.", id="speed"),
        pytest.param("Cyst in segment 4.", id="number without unit"),
        pytest.param("Cyst, mm.", id="unit without number"),
    ],
)
def test_no_length(read: Read, text: str) -> None:
    assert all(m.quantity == "distance" or not m.values_mm for m in measured(read, text))


NUMBERS = st.decimals(min_value="0.1", max_value=300, places=1)


@given(
    values=st.lists(NUMBERS, min_size=1, max_size=3),
    times=st.sampled_from([" x ", "x", " × ", "×", " by ", " X "]),
    blank=st.sampled_from(["", " ", "-", "\u00a0"]),
    unit=st.sampled_from([("mm", 1), ("cm", 10)]),
    comma=st.booleans(),
)
def test_a_formatted_length_is_read_back(normalizer: Normalizer, values, times, blank, unit, comma) -> None:  # type: ignore[no-untyped-def]
    name, millimetres = unit
    written = times.join(str(value).replace(".", ",") if comma else str(value) for value in values) + blank + name
    text = f"There is a cyst measuring {written} in the liver."
    (found,) = measured(normalizer.normalize, text)
    assert found.values == tuple(float(value) for value in values)
    assert found.values_mm == pytest.approx([float(value * millimetres) for value in values])
    assert (found.unit, text[found.start : found.end]) == (name, written)
