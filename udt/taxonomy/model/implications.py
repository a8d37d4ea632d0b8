"""The labels that the name of a finding implies: stated by the finding itself, or inherited over `skos:broader`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


_NOTHING = Implication()


def implications(concepts: Mapping[str, Concept]) -> dict[str, Implication]:
    """Return the implication of every concept that has one, in the order of `concepts`.

    A concept that has `ns:impliesValue`, `ns:impliesOrgan` or `ns:impliesNothing` implies that and no more. Any other
    finding implies all that its parents do, each by the same rule.

    :param concepts: concepts by CURIE, without cycles of `skos:broader`.
    """
    found: dict[str, Implication] = {}
    for curie in concepts:
        for name in _parents_first(curie, concepts, found):
            found[name] = _implication(concepts[name], found)
    return {curie: found[curie] for curie in concepts if found[curie].stated_by}


def _parents_first(curie: str, concepts: Mapping[str, Concept], done: Mapping[str, Implication]) -> Iterator[str]:
    """Yield `curie` and its ancestors, except those in `done`, each after its parents."""
    pending = [curie]
    while pending:
        name = pending[-1]
        missing = [parent for parent in concepts[name].broader if parent in concepts and parent not in done]
        if name in done or not missing:
            pending.pop()
            if name not in done:
                yield name
        else:
            pending += missing


def _implication(concept: Concept, found: Mapping[str, Implication]) -> Implication:
    if any(concept.attributes.get(name) for name in _STATES):
        values, organs = concept.all("impliesValue"), concept.all("impliesOrgan")
        if not values and not organs:
            return _NOTHING
        weak = bool(concept.attributes.get("weak", (False,))[0])
        return Implication(values, organs, weak, concept.one("specificity") or "", (concept.curie,))
    if concept.kind != _FINDING:
        return _NOTHING
    return _joined([found[p] for p in concept.broader if p in found and found[p].stated_by])


def _joined(parts: list[Implication]) -> Implication:
    """Join implications: weak, or of a specificity, only if all of those are that have values or organs."""
    if not parts:
        return _NOTHING
    specificity = {part.specificity for part in parts if part.organs}
    return Implication(
        values=tuple(sorted({value for part in parts for value in part.values})),
        organs=tuple(sorted({organ for part in parts for organ in part.organs})),
        weak=all(part.weak for part in [part for part in parts if part.values] or parts),
        specificity=specificity.pop() if len(specificity) == 1 else "",
        stated_by=tuple(sorted({name for part in parts for name in part.stated_by})),
    )
