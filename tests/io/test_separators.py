"""The separator of a table, detected by its header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.io.readers import read_texts
from udt.io.rows import Columns, Skipped, separator_of

Written = Callable[[str, object], Path]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_each_separator_is_found(written: Written, separator: str, suffix: str) -> None:
    rows = [["id", "name", "text"], ["1", "x", '"Liver: cyst, 5 mm; benign"'], ["2", "y", "Spleen"]]
    path = written(f"a{suffix}", "".join(separator.join(row) + "\r\n" for row in rows))
    assert list(read_texts(path)) == [("1", "Liver: cyst, 5 mm; benign"), ("2", "Spleen")]


@pytest.mark.parametrize(
    ("header", "columns", "separator"),
    [
        ("id,text", Columns(), ","), ("id;text", Columns(), ";"), ("text", Columns(), ","), ("", Columns(), ","),
        ('"a;b;c","text"', Columns(), ","), ('"a, b, c";text', Columns(), ";"),
        ("a,b;c,d;befund", Columns("befund"), ";"),
        ("x;y;z", Columns(), ";"), ("x y", Columns(), ","), ("sep=;", Columns(), ";"), ("sep=\t\r\n", Columns(), "\t"),
        ('"text', Columns(), ","), ("text;report", Columns("report"), ";"), ("id;TEXT", Columns(), ";"),
    ],
)  # fmt: skip
def test_the_column_of_texts_decides(header: str, columns: Columns, separator: str) -> None:
    assert separator_of(header, columns, ",") == separator


def test_the_line_of_excel_names_the_separator(written: Written) -> None:
    path = written("a.csv", "\ufeffsep=;\r\nid;text\r\n1;liver\r\n2\r\n")
    skipped: list[Skipped] = []
    assert list(read_texts(path, on_error=skipped.append)) == [("1", "liver")]
    assert "a.csv:4: has 1 fields" in str(skipped[0])


def test_lines_are_counted_after_blank_ones(written: Written) -> None:
    skipped: list[Skipped] = []
    assert list(read_texts(written("a.csv", '\n\nid;text\n\n1;"a\nb"\n2\n'), on_error=skipped.append)) == [
        ("1", "a\nb")
    ]
    assert "a.csv:7: has 1 fields" in str(skipped[0])


@settings(max_examples=50)
@given(st.lists(st.text("ab ,;\t|\"'", max_size=8), min_size=1, max_size=5))
def test_any_header_has_one_of_the_separators(names: list[str]) -> None:
    assert separator_of(",".join(names), Columns(), "\t") in {",", ";", "\t", "|"}
