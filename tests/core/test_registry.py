"""Registries of built-in and added objects."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.entry_points import write_package
from udt.core.errors import DataError
from udt.core.registry import Registry

GROUP = "udt_test.numbers"


@pytest.fixture
def numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[float]:
    monkeypatch.syspath_prepend(str(tmp_path))
    return Registry("number", GROUP, {"pi": "math:pi", "e": "math:e"})


def test_built_in_objects(numbers: Registry[float]) -> None:
    assert numbers.names() == ("pi", "e")
    assert numbers.load("e") == pytest.approx(2.718281828)


def test_another_package_adds_an_object(numbers: Registry[float], tmp_path: Path) -> None:
    write_package(tmp_path, "golden", GROUP, {"phi": "golden:PHI", "alpha": "golden:PHI"}, "PHI = 1.618")
    assert numbers.names() == ("pi", "e", "alpha", "phi")
    assert "golden" not in sys.modules, "naming imports nothing"
    assert numbers.load("phi") == 1.618


def test_an_unknown_name(numbers: Registry[float]) -> None:
    with pytest.raises(DataError, match="there is no number 'tau'; allowed: pi, e"):
        numbers.load("tau")


def test_the_closest_name(numbers: Registry[float]) -> None:
    numbers.add("feigenbaum", 4.669)
    found = {name: numbers.closest(name) for name in ("feigenbum", "feigenbaum2", "euler", "")}
    assert found == {"feigenbum": "feigenbaum", "feigenbaum2": "feigenbaum", "euler": None, "": None}


@pytest.mark.parametrize(("value", "problem"), [("nowhere:X", "No module named"), ("math:nothing", "nothing")])
def test_an_object_that_cannot_be_imported(numbers: Registry[float], tmp_path: Path, value: str, problem: str) -> None:
    write_package(tmp_path, "broken", GROUP, {"bad": value}, "")
    with pytest.raises(DataError, match=f"'bad' of the package broken cannot be imported.*{problem}.*uninstall"):
        numbers.load("bad")


def test_an_object_of_another_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    write_package(tmp_path, "wordy", GROUP, {"word": "wordy:WORD"}, "WORD = 'one'")
    numbers: Registry[float] = Registry("number", GROUP, {"pi": "math:pi"}, expected=float)
    with pytest.raises(DataError, match=r"'word' of the package wordy .* is of the class str; it has to be of float"):
        numbers.load("word")


def test_a_name_that_is_taken(numbers: Registry[float], tmp_path: Path) -> None:
    write_package(tmp_path, "thief", GROUP, {"pi": "math:e"}, "")
    with pytest.warns(UserWarning, match="'pi' of the package thief is ignored"):
        assert numbers.names() == ("pi", "e")
    assert numbers.load("pi") == pytest.approx(3.14159265)


def test_a_process_adds_an_object(numbers: Registry[float], tmp_path: Path) -> None:
    write_package(tmp_path, "silver", GROUP, {"delta": "silver:DELTA"}, "DELTA = 2.414")
    numbers.add("zero", 1.0)
    numbers.add("zero", 0.0)
    assert numbers.names() == ("pi", "e", "delta", "zero") and numbers.load("zero") == 0.0
    for taken in ("pi", "delta"):
        with pytest.raises(DataError, match=f"there is a number '{taken}' already; give another name"):
            numbers.add(taken, 1.0)
    numbers.expected = float
    with pytest.raises(DataError, match="'one' is of the class str; it has to be of float"):
        numbers.add("one", "one")  # type: ignore[arg-type]
