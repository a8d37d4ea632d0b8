"""Vocabularies as plain data: choices of dimensions, roles, profiles, and files that were written before these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.ten_tasks import KEY, with_tenth
from udt.core.errors import DataError, UnknownConceptError
from udt.core.labels import LabelSet, positions_of
from udt.core.vocabulary import Vocabulary


@pytest.fixture
def ten(vocabulary: Vocabulary) -> Vocabulary:
    return with_tenth(vocabulary)


def test_json_is_read_unchanged(ten: Vocabulary) -> None:
    assert Vocabulary.from_json(ten.to_json()) == ten


def test_a_vocabulary_without_roles_and_profiles_is_read_as_one_with_them(vocabulary: Vocabulary) -> None:
    """As bundles and models have them that were written before dimensions had roles."""
    before = vocabulary.to_json()
    for dimension in before["dimensions"]:
        del dimension["role"], dimension["profiles"]
    assert Vocabulary.from_json(before) == vocabulary


def test_roles(ten: Vocabulary) -> None:
    assert ten.keys_of("place") == ten.nested_places == ("body_system", "organ")
    assert ten.keys_of("diagnosis") == ("diagnosis",)
    assert ten.keys_of("attribute") == (*ten.keys[3:9], KEY)


def test_places_have_to_be_nested(ten: Vocabulary) -> None:
    for keys, got in (["organ", "shape"], "organ"), (["shape"], "none"):
        with pytest.raises(DataError, match=f"within another, .*; places: {got}$"):
            _ = ten.select(keys).nested_places


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("all", range(10)),
        (["all"], range(10)),
        ("paper", range(9)),
        (["paper", KEY], range(10)),
        ("shape", [3]),
        ("orientation, diagnosis", [2, 9]),
        (["shape", "organ", "shape"], [1, 3]),
    ],
    ids=str,
)
def test_choices(ten: Vocabulary, choice: str | list[str], expected: Sequence[int]) -> None:
    assert ten.chosen(choice) == tuple(ten.keys[i] for i in expected)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("texture", "no dimension or profile is called 'texture'; allowed: all, paper, body_system, .*, orientation"),
        (["shape", "Paper"], "no dimension or profile is called 'Paper'; allowed: all, paper"),
        ([], "no dimension is chosen; allowed: all, paper, body_system"),
        ("", "no dimension or profile is called ''"),
    ],
    ids=str,
)  # fmt: skip
def test_unknown_choices_are_named(ten: Vocabulary, choice: str | list[str], message: str) -> None:
    with pytest.raises(UnknownConceptError, match=message):
        ten.chosen(choice)


def test_a_selection_keeps_order_and_labels(ten: Vocabulary, vocabulary: Vocabulary) -> None:
    found = ten.select([KEY, "organ", "diagnosis"])
    assert found.keys == ("organ", "diagnosis", KEY)
    assert found["diagnosis"] == ten["diagnosis"] and found[KEY] == ten[KEY]
    assert found["organ"] == replace(ten["organ"], parents=()), "the body systems, to which they point, are not there"
    assert ten.select(vocabulary.keys).dimensions == vocabulary.dimensions
    assert ten.select(ten.keys) is ten
    with pytest.raises(UnknownConceptError, match="no dimension is called 'paper'"):
        ten.select(["paper"])


def test_label_sets_are_arranged_for_another_vocabulary(ten: Vocabulary) -> None:
    labels = LabelSet.of({"organ": ["Liver"], "diagnosis": ["cyst", "mass"], KEY: ["parallel"]}, ten)
    few = ten.select(["diagnosis", KEY])
    chosen = labels.arranged(positions_of(few, ten))
    assert chosen.named(few) == {"diagnosis": labels.named(ten)["diagnosis"], KEY: ("parallel",)}
    back = chosen.arranged(positions_of(ten, few)).named(ten)
    assert back == {**labels.named(ten), "organ": ()}
