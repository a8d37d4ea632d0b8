"""Quantity, role, comparator, range, name and unit of measurements, and numbers that measure no finding."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.core.report import Kind, Measurement
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import Tokens, tokenize
from udt.normalize.match.measurements.quantity import quantity_for
from udt.normalize.match.measurements.reading import ReadMeasurement, read_measurements
from udt.normalize.match.tables import spread_tables

from .measurement_cases import (
    COMPARATORS,
    LENGTHS,
    NOT_MEASURED,
    QUANTITIES,
    RANGES,
    ROLES,
    TABLES,
    Expected,
)
from .measurement_contexts import AMOUNTS, CONTEXTS, FURTHER, MORE, READING, TABLES_AND_TITLES


def measurements(lexicon: Lexicon, text: str) -> list[ReadMeasurement]:
    tokens = tokenize(text)
    lexicon = lexicon.in_language(lexicon.languages.divide(text, tokens)[0].tag)
    spread = spread_tables(text, tokens, lexicon)
    return read_measurements(text, spread.tokens, lexicon, spread.cells)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *LENGTHS,
        *RANGES,
        *COMPARATORS,
        *ROLES,
        *QUANTITIES,
        *TABLES,
        *CONTEXTS,
        *AMOUNTS,
        *FURTHER,
        *MORE,
        *READING,
        *TABLES_AND_TITLES,
    ],
)
def test_measurements(lexicon: Lexicon, text: str, expected: list[Expected]) -> None:
    found = [read.measurement for read in measurements(lexicon, text)]
    assert [
        Expected(
            tuple(round(value, 4) for value in m.canonical),
            m.canonical_unit,
            m.quantity,
            m.role,
            m.comparator,
            m.name,
            None if m.range is None else m.range,
            m.examination,
        )
        for m in found
    ] == expected


@pytest.mark.parametrize("text", NOT_MEASURED)
def test_numbers_that_measure_no_finding(lexicon: Lexicon, text: str) -> None:
    assert measurements(lexicon, text) == []


def test_span_words_and_unit(lexicon: Lexicon) -> None:
    text = "Mass of 2.3 (AP) x 1.1 CM, previously 2 cm."
    first, second = measurements(lexicon, text)
    assert text[first.measurement.start : first.measurement.end] == "2.3 (AP) x 1.1 CM"
    assert text[second.measurement.start : second.measurement.end] == "2 cm"
    words = tokenize(text).words
    assert words[first.first : first.end] == ["2.3", "(", "ap", ")", "x", "1.1", "cm"]
    assert (first.measurement.values, first.measurement.unit) == ((2.3, 1.1), "cm")


def test_parts_of_a_change_have_their_own_spans(lexicon: Lexicon) -> None:
    for sign in ("to", "till", "through", "-"):
        text = f"Grown from 8 {sign} 12 mm."
        assert [text[r.measurement.start : r.measurement.end] for r in measurements(lexicon, text)] == ["8", "12 mm"]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        pytest.param("10 cm", False, id="length alone"),
        pytest.param("10 cm in size", False, id="size"),
        pytest.param("10 cm long", True, id="long"),
        pytest.param("10 mL", True, id="unit of volume"),
    ],
)
def test_stated_quantity(lexicon: Lexicon, text: str, stated: bool) -> None:
    (found,) = measurements(lexicon, text)
    assert found.stated_quantity is stated


@pytest.mark.parametrize(
    ("text", "owner", "quantity"),
    [
        pytest.param("9 mm", "lesion", "size", id="lesion"),
        pytest.param("9 mm in diameter", "lesion", "size", id="diameter of a lesion"),
        pytest.param("9 mm in diameter", "finding:cholelithiasis", "size", id="diameter of a stone"),
        pytest.param("9 mm thick", "lesion", "thickness", id="thickness of a lesion"),
        pytest.param("98 mm", "uhat:spleen", "length", id="spleen"),
        pytest.param("98 x 40 mm", "uhat:spleen", "size", id="two numbers"),
        pytest.param("98 mm", "uhat:kidney-ureter_left-kidney", "length", id="kidney, of its broader concept"),
        pytest.param("6 mm", "uhat:gallbladder-bile-ducts_common-bile-duct", "diameter", id="duct"),
        pytest.param("6 mm", "uhat:gallbladder-bile-ducts_gallbladder-wall", "thickness", id="wall"),
        pytest.param("3-6 mm", "uhat:gallbladder-bile-ducts_gallbladder-wall", "thickness", id="range"),
        pytest.param("6 mm", "uhat:uterus_endometrium", "thickness", id="endometrium"),
        pytest.param("6 mm", "uhat:thyroid-gland_thyroid-isthmus", "thickness", id="isthmus"),
        pytest.param("6 mm", "uhat:liver_main-portal-vein", "diameter", id="vein in an organ with a length"),
        pytest.param("6 mm", "uhat:appendix", "diameter", id="appendix"),
        pytest.param("6 mm", "uhat:pleural-space", "thickness", id="pleural space"),
        pytest.param("6 cm", "finding:splenomegaly", "length", id="finding"),
        pytest.param("6 mm", "finding:gallbladder-wall-thickening", "thickness", id="finding below another"),
        pytest.param("6 mm from the skin", "uhat:spleen", "distance", id="distance"),
        pytest.param("6 mL", "uhat:spleen", "volume", id="volume"),
        pytest.param("9 mm in diameter", "finding:aneurysm", "diameter", id="diameter of a lesion measured so"),
        pytest.param("9 mm in diameter", "finding:hydronephrosis", "diameter", id="diameter of a state"),
        pytest.param("6 mm", "organ", "size", id="unknown organ"),
    ],
)
def test_quantity_of_what_is_measured(lexicon: Lexicon, text: str, owner: str, quantity: str) -> None:
    (found,) = measurements(lexicon, text)
    focal = owner not in lexicon.senses or lexicon.senses[owner].attributes.get("focal")
    kind: Kind = "lesion" if focal else "state"
    assert quantity_for(found.measurement, kind, [owner], lexicon, found.stated_quantity) == quantity


_PARTS = st.sampled_from(
    ["5", "12.5", "0", "1e9", "x", "mm", "cm", "mL", "%", "(", ")", ",", ".", "-", "to", "from", "up to", "previously",
     "normal", "RI", "PSV", "cm/s", "/", "|", "\n", "2021", "in", "wall", "of", "and", "<", "٣", "½", "²", "inf", "nan"]
)  # fmt: skip


@given(parts=st.lists(_PARTS, max_size=30), blank=st.sampled_from(["", " "]))
def test_any_text_gives_finite_measurements_with_exact_spans(lexicon: Lexicon, parts: list[str], blank: str) -> None:
    text = blank.join(parts)
    tokens = tokenize(text)
    end = 0
    for read in read_measurements(text, tokens, lexicon):
        m = read.measurement
        assert end <= m.start < m.end <= len(text)
        assert tokens.ends[read.end - 1] == m.end
        assert m.canonical
        assert all(math.isfinite(value) and 0 <= value <= 1e6 for value in m.canonical)
        assert m.canonical_unit != "mm" or min(m.canonical) > 0
        end = m.end


@given(
    values=st.lists(st.integers(1, 400), min_size=1, max_size=3),
    unit=st.sampled_from([("mm", 1), ("cm", 10), ("inch", 25.4)]),
)
def test_canonical_values_are_those_in_millimetres(
    lexicon: Lexicon, values: list[int], unit: tuple[str, float]
) -> None:
    text = f"Mass {' x '.join(map(str, values))} {unit[0]}"
    (read,) = read_measurements(text, tokenize(text), lexicon)
    measurement: Measurement = read.measurement
    assert measurement.values_mm == pytest.approx([value * unit[1] for value in values])


@pytest.mark.parametrize("pattern", ["5 mm ", "1 x ", "1, ", "1. ", "(5 ", "2021 ", "thickness 5 ", "normal ("])
def test_work_is_linear(lexicon: Lexicon, pattern: str) -> None:
    """The number of words looked at doubles with the text."""
    counts = [_words_read(lexicon, pattern * size) for size in (200, 400)]
    assert 0 < counts[0] < counts[1] <= 2.3 * counts[0] + 100


def _words_read(lexicon: Lexicon, text: str) -> int:
    class Counted(list[str]):
        reads = 0

        def __getitem__(self, i):  # type: ignore[no-untyped-def]
            Counted.reads += 1 if isinstance(i, int) else len(range(*i.indices(len(self))))
            return super().__getitem__(i)

    tokens = tokenize(text + " 5 mm")
    read_measurements(text + " 5 mm", Tokens(Counted(tokens.words), tokens.starts, tokens.ends), lexicon)
    return Counted.reads
