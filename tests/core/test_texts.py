"""Texts and names that can be kept; their form in messages; JSON and TOML that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attacks.attempt import CONTROL
from udt.core.errors import DataError
from udt.core.strict_json import StrictJsonError, parse_json
from udt.core.texts import LONGEST_NAME, fault_of_name, fault_of_text, printable
from udt.core.toml_files import parse_toml, read_toml


@given(st.text())
def test_a_text_without_fault_can_be_written(text: str) -> None:
    if fault_of_text(text) is None:
        assert b"\0" not in text.encode()
    if fault_of_name(text) is None:
        assert len(text.encode()) <= LONGEST_NAME


@given(st.text(st.characters()))
def test_a_printable_text_has_no_control_characters(text: str) -> None:
    shown = printable(text)
    assert not CONTROL.union("\n\t").intersection(shown)
    shown.encode()
    assert printable(text, "\n").count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100 + "]" * 100, "nested too deep"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 5000, "too many digits"),
        ("[NaN]", "NaN is no number"),
        ("-Infinity", "-Infinity is no number"),
        ('[{"a": 1, "b": 1, "a": 2}]', "the key 'a' twice"),
        (f'{{"{"x" * 99}": 1, "{"x" * 99}": 2}}', r"the key '\(a name of 99 characters\)' twice"),
    ],
)
def test_json_that_its_standard_does_not_have(text: str, message: str) -> None:
    with pytest.raises(StrictJsonError, match=message):
        parse_json(text)


def test_many_brackets_in_texts_are_no_levels() -> None:
    assert parse_json('["' + "[{" * 100 + '"]') == ["[{" * 100]
    assert parse_json("[" + ",".join(["[]"] * 500) + "]") == [[]] * 500


@pytest.mark.parametrize("text", ["a = [", f"a = {'9' * 5000}", f"a = {'[' * 20_000}", "a = 1\na = 2", '"\\ud800" = 1'])
def test_toml_that_cannot_be_parsed(text: str) -> None:
    with pytest.raises(DataError, match="here: "):
        parse_toml(text, "here")


def test_toml_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"a = '\xe4'")
    for path, message in (
        (tmp_path / "latin.toml", "not UTF-8"),
        (tmp_path, "Is a directory"),
        (tmp_path / "x", "No such"),
    ):
        with pytest.raises(DataError, match=message):
            read_toml(path)
