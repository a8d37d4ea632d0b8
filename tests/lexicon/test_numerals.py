"""Arabic and Roman numbers in names of values, and the plural before a number."""

from __future__ import annotations

import pytest

from udt.lexicon.numerals import with_numerals

ENTRY = ("udaf:x", 0, None)
ABBREVIATION = ("udaf:x", 0, "TR5")


@pytest.mark.parametrize(
    ("words", "others"),
    [
        pytest.param("level ii", {"level 2", "levels ii", "levels 2"}, id="Roman"),
        pytest.param("bosniak 2 f", {"bosniak iif", "bosniaks 2 f", "bosniaks iif"}, id="Arabic with a letter"),
        pytest.param("segment iva", {"segment 4 a", "segments iva", "segments 4 a"}, id="Roman with a letter"),
        pytest.param("grade 2 reflux", {"grade ii reflux", "grades 2 reflux", "grades ii reflux"}, id="within"),
        pytest.param("score 0", {"scores 0"}, id="no Roman number"),
        pytest.param("2 o clock", set(), id="time"),
        pytest.param("stenosis 50 %", set(), id="share"),
        pytest.param("type 1 or 2", set(), id="two numbers"),
        pytest.param("v", set(), id="number alone"),
        pytest.param("thin wall", set(), id="no number"),
    ],
)
def test_forms_of_a_number(words: str, others: set[str]) -> None:
    own = tuple(words.split())
    found = with_numerals({own: [ENTRY]})
    assert {" ".join(form) for form in found} == {words, *others}
    assert all(entries == [ENTRY] for entries in found.values())


def test_a_form_that_has_an_entry_keeps_it() -> None:
    other = ("udaf:y", 0, None)
    found = with_numerals({("level", "ii"): [ENTRY], ("level", "2"): [other]})
    assert found["level", "2"] == [other]


def test_an_abbreviation_has_no_other_number() -> None:
    assert with_numerals({("tr", "5"): [ABBREVIATION]}) == {("tr", "5"): [ABBREVIATION]}
