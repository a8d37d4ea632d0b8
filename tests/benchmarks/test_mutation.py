"""Mutants: what is changed, their keys, and that they take the place of the rule; the page is that of the result."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from tests.locations import BENCHMARKS, ROOT

RULE = """
_REACH = 2
_ENDS = frozenset({",", "."})


def near(gap, word):
    if gap <= _REACH and word not in _ENDS:
        return True
    return any(letter == "-" for letter in word)
"""


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)


def _functions(source: str) -> dict[str, object]:
    """Return the function `near` of each mutant by its key."""
    from mutants import mutants

    found = {}
    for mutant in mutants(source, "rule.py"):
        names: dict[str, object] = {}
        exec(mutant.code(), names)
        found[mutant.key] = names["near"]
    return found


def test_every_condition_bound_distance_and_member_is_changed() -> None:
    assert list(_functions(RULE)) == [
        "_REACH: `2` more than 2",
        "_REACH: `2` less than 2",
        "_ENDS: `{',', '.'}` without `','`",
        "_ENDS: `{',', '.'}` without `'.'`",
        "near: `gap <= _REACH and word not in _ENDS` without `gap <= _REACH`",
        "near: `gap <= _REACH and word not in _ENDS` without `word not in _ENDS`",
        "near: edge of `gap <= _REACH`",
        "near: `letter == '-'` always",
        "near: `letter == '-'` never",
    ]


@pytest.mark.parametrize(
    ("key", "gap", "word"),
    [
        ("_REACH: `2` more than 2", 3, "a"),
        ("_REACH: `2` less than 2", 2, "a"),
        ("_ENDS: `{',', '.'}` without `','`", 1, ","),
        ("near: `gap <= _REACH and word not in _ENDS` without `gap <= _REACH`", 9, "a"),
        ("near: edge of `gap <= _REACH`", 2, "a"),
        ("near: `letter == '-'` always", 9, "a"),
        ("near: `letter == '-'` never", 9, "a-b"),
    ],
)
def test_a_mutant_answers_otherwise(key: str, gap: int, word: str) -> None:
    original: dict[str, object] = {}
    exec(RULE, original)
    assert _functions(RULE)[key](gap, word) != original["near"](gap, word)  # type: ignore[operator]


def test_keys_do_not_depend_on_lines() -> None:
    assert list(_functions("\n\n" + RULE)) == list(_functions(RULE))


def test_a_mutant_takes_the_place_of_loaded_functions_and_constants() -> None:
    from mutants import mutants
    from mutation import apply

    module = ModuleType("rule")
    module.__file__ = "rule.py"
    exec(RULE, vars(module))
    near = module.near
    mutant = next(m for m in mutants(RULE, "rule.py") if m.key == "near: edge of `gap <= _REACH`")
    assert near(2, "a")
    apply(mutant, module)
    assert module.near is near
    assert not near(2, "a")


def test_the_page_is_that_of_the_result() -> None:
    import mutation

    result = json.loads((BENCHMARKS / "results" / "mutation.json").read_text("utf-8"))
    assert mutation.page(result, mutation.reasons()) == Path(ROOT, "docs/reference/mutation.md").read_text("utf-8")


def test_every_reason_is_that_of_a_survivor() -> None:
    import mutation

    result = json.loads((BENCHMARKS / "results" / "mutation.json").read_text("utf-8"))["modules"]
    for module, reasons in mutation.reasons().items():
        assert reasons.keys() <= result[module]["survivors"].keys(), module
