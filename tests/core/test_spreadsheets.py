from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.core.spreadsheets import csv_line

CELLS = st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=2)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "-5;=1", "-"]
)
def test_a_formula_gets_an_apostrophe(cell: str) -> None:
    assert next(csv.reader(io.StringIO(csv_line([cell, "x"]), newline=""))) == [f"'{cell}", "x"]
    assert next(csv.reader(io.StringIO(csv_line([cell, "x"], formulas=True), newline=""))) == [cell, "x"]


@pytest.mark.parametrize("cell", ["-5", "+5.25", "-1e-3", "cyst", "a=b", "", "'quoted"])
def test_numbers_and_other_texts_stay(cell: str) -> None:
    assert csv_line([cell, "x"]) == f"{cell},x\n"


def test_a_carriage_return_ends_no_line() -> None:
    assert csv_line(["a\r=1+1", "x"]) == '"a\r=1+1",x\n'


@given(CELLS)
def test_any_cells_are_read_back(cells: list[str]) -> None:
    assert list(csv.reader(io.StringIO(csv_line(cells, formulas=True), newline=""))) == [cells]
