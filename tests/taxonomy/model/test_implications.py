"""The implications of findings, against a slow search of all ancestors that state one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.taxonomy.conftest import WriteTurtle
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.implications import Implication, implications
from udt.taxonomy.model.taxonomy import Taxonomy

STATES = ("impliesValue", "impliesOrgan", "impliesNothing")


def finding(curie: str, *parents: str, kind: str = "FindingTerm", **stated: tuple[str | bool, ...]) -> Concept:
    return Concept(curie, f"https://e/{curie}", kind, curie, (), broader=parents, attributes=stated)


def implied(*concepts: Concept) -> dict[str, Implication]:
    return implications({concept.curie: concept for concept in concepts})


def test_a_finding_implies_what_it_states() -> None:
    stated = finding("a", impliesValue=("v",), impliesOrgan=("o",), weak=(True,), specificity=("ns:BodyRegion",))
    assert implied(stated) == {"a": Implication(("v",), ("o",), True, "ns:BodyRegion", ("a",))}


def test_a_finding_without_a_statement_implies_what_its_nearest_ancestor_does() -> None:
    found = implied(
        finding("top", impliesValue=("w",)),
        finding("middle", "top", impliesValue=("v",)),
        finding("between", "middle"),
        finding("low", "between"),
    )
    assert found["low"] == found["between"] == Implication(("v",), stated_by=("middle",))


@pytest.mark.parametrize("own", [{"impliesOrgan": ("o",)}, {"impliesValue": ("u",)}, {"impliesNothing": (True,)}])
def test_a_statement_of_any_kind_ends_inheritance(own: dict[str, tuple[str | bool, ...]]) -> None:
    found = implied(finding("top", impliesValue=("v",), impliesOrgan=("p",)), finding("low", "top", **own))
    got = found.get("low", Implication())
    assert (got.values, got.organs) == (own.get("impliesValue", ()), own.get("impliesOrgan", ()))


def test_several_parents_are_joined() -> None:
    found = implied(
        finding("mass", impliesValue=("m",)),
        finding("site", impliesOrgan=("o",), specificity=("ns:BodyRegion",)),
        finding("both", "mass", "site"),
    )
    assert found["both"] == Implication(("m",), ("o",), False, "ns:BodyRegion", ("mass", "site"))


def test_an_ancestor_above_another_that_states_more_does_not_count() -> None:
    found = implied(
        finding("top", impliesValue=("v",)), finding("site", "top", impliesOrgan=("o",)), finding("x", "top", "site")
    )
    assert found["x"] == Implication((), ("o",), stated_by=("site",))


@pytest.mark.parametrize(("first", "second", "weak"), [(True, True, True), (True, False, False), (False, False, False)])
def test_joined_values_are_weak_only_if_all_are(first: bool, second: bool, weak: bool) -> None:
    parents = [
        finding("a", impliesValue=("v",), weak=(first,)),
        finding("b", impliesValue=("w",), weak=(second,)),
        finding("c", impliesOrgan=("o",)),
    ]
    assert implied(*parents, finding("x", "a", "b", "c"))["x"].weak is weak


def test_an_inherited_organ_alone_is_not_weak() -> None:
    assert not implied(finding("a", impliesOrgan=("o",)), finding("x", "a"))["x"].weak


@pytest.mark.parametrize("kind", ["FindingGroup", "Component", "DiagnosisValue"])
def test_only_findings_inherit(kind: str) -> None:
    assert "x" not in implied(finding("a", impliesValue=("v",)), finding("x", "a", kind=kind))


def _above(curie: str, taxonomy: Taxonomy) -> Iterator[str]:
    for parent in taxonomy.concepts[curie].broader:
        if parent in taxonomy.concepts:
            yield parent
            yield from _above(parent, taxonomy)


def _slow(concept: Concept, taxonomy: Taxonomy) -> set[str]:
    """Return the labels that `concept` implies, by comparing all ancestors that state something with one another."""
    line = {concept.curie} | (set(_above(concept.curie, taxonomy)) if concept.kind == "FindingTerm" else set())
    stating = {name for name in line if any(taxonomy.concepts[name].all(state) for state in STATES)}
    nearest = {name for name in stating if not any(name in _above(other, taxonomy) for other in stating)}
    return {label for name in nearest for state in STATES[:2] for label in taxonomy.concepts[name].all(state)}


def test_the_built_in_findings_imply_what_a_slow_search_finds(taxonomy: Taxonomy) -> None:
    for concept in taxonomy:
        found = taxonomy.implied(concept.curie)
        assert {*found.values, *found.organs} == _slow(concept, taxonomy), concept.curie


def test_a_finding_of_an_extension_inherits(turtle: WriteTurtle) -> None:
    extra: Path = turtle(
        'ex:zzyxoma a ns:FindingTerm , skos:Concept ; skos:prefLabel "zzyxoma"@en ; '
        "skos:broader finding:parathyroid-adenoma ; skos:inScheme <https://w3id.org/udt/finding> ."
    )
    found = Taxonomy.load(extra).implied("ex:zzyxoma")
    assert found.stated_by == ("finding:parathyroid-adenoma",)
    assert found.organs == ("uhat:parathyroid-glands",)
