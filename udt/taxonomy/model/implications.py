"""The labels that the name of a finding implies: stated by the finding itself, or inherited over `skos:broader`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from udt.taxonomy.model.concept import Concept

_STATES = ("impliesValue", "impliesOrgan", "impliesNothing")
_FINDING = "FindingTerm"


@dataclass(frozen=True, slots=True)
class Implication:
    """The labels that a mention of a concept implies by itself.

    :ivar values: CURIEs of the values, sorted.
    :ivar organs: CURIEs of the anatomy outside which the finding cannot occur, sorted.
    :ivar weak: whether the values count only if the text has no other label of their dimension.
    :ivar specificity: `ns:` CURIE of how definite the organs are; empty for the default.
    :ivar stated_by: CURIEs of the concepts that state it, sorted: the concept itself, or its nearest ancestors that do.
    """

    values: tuple[str, ...] = ()
    organs: tuple[str, ...] = ()
    weak: bool = False
    specificity: str = ""
    stated_by: tuple[str, ...] = ()


def implications(concepts: Mapping[str, Concept]) -> dict[str, Implication]:
    """Return the implication of every concept that has one, in the order of `concepts`.

    A concept that has `ns:impliesValue`, `ns:impliesOrgan` or `ns:impliesNothing` implies that and no more. Any other
    finding implies all that its nearest ancestors with such a statement do: those that have no other such ancestor of
    the finding below them.

    :param concepts: concepts by CURIE, without cycles of `skos:broader`.
    """
    above: dict[str, frozenset[str]] = {}
    nearest: dict[str, frozenset[str]] = {}
    for curie in concepts:
        for name in _parents_first(curie, concepts, above):
            parents = _parents(concepts[name], concepts)
            above[name] = frozenset(parents).union(*(above[parent] for parent in parents))
            nearest[name] = _nearest(concepts[name], [nearest[parent] for parent in parents], above)
    found = {curie: _joined([concepts[name] for name in sorted(nearest[curie])]) for curie in concepts}
    return {curie: implication for curie, implication in found.items() if implication is not None}


def _parents(concept: Concept, concepts: Mapping[str, Concept]) -> list[str]:
    return [parent for parent in concept.broader if parent in concepts]


def _parents_first(curie: str, concepts: Mapping[str, Concept], done: Collection[str]) -> Iterator[str]:
    """Yield `curie` and its ancestors, except those in `done`, each after its parents."""
    pending = [curie]
    while pending:
        name = pending[-1]
        missing = [parent for parent in _parents(concepts[name], concepts) if parent not in done]
        if name in done or not missing:
            pending.pop()
            if name not in done:
                yield name
        else:
            pending += missing


def _nearest(concept: Concept, of_parents: list[frozenset[str]], above: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the CURIEs of the concepts whose statements hold for `concept`."""
    if any(concept.attributes.get(name) for name in _STATES):
        return frozenset((concept.curie,))
    if concept.kind != _FINDING:
        return frozenset()
    found = frozenset[str]().union(*of_parents)
    return found - frozenset[str]().union(*(above[name] for name in found))


def _joined(stating: list[Concept]) -> Implication | None:
    """Join statements: weak, or of a specificity, only if all are that have values, or organs."""
    valued = [concept for concept in stating if concept.all("impliesValue")]
    placed = [concept for concept in stating if concept.all("impliesOrgan")]
    if not valued and not placed:
        return None
    specificity = {concept.one("specificity") or "" for concept in placed}
    return Implication(
        values=tuple(sorted({value for concept in valued for value in concept.all("impliesValue")})),
        organs=tuple(sorted({organ for concept in placed for organ in concept.all("impliesOrgan")})),
        weak=all(concept.is_true("weak") for concept in valued or placed),
        specificity=specificity.pop() if len(specificity) == 1 else "",
        stated_by=tuple(concept.curie for concept in stating if concept in valued or concept in placed),
    )
