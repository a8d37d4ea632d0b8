"""Differences between two snapshots: concepts, labels, parents, mappings and all other facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from udt.taxonomy.comparison.snapshot import Snapshot
from udt.taxonomy.model.concept import Concept

Facts = Mapping[str, frozenset[str]]
"""Name of a property to its values as text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The values of one property that only one of the snapshots has, sorted."""

    property: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptEdit:
    """A concept that both snapshots have, with other facts.

    :ivar concept: the concept in the second snapshot.
    :ivar edits: one for each property that differs.
    """

    concept: Concept
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences from `old` to `new`, each part in the order of the CURIEs.

    :ivar deprecated: concepts that are in use in `old` and deprecated in `new`.
    :ivar changed: concepts with other facts, those of `deprecated` left out.
    """

    old: Snapshot
    new: Snapshot
    added: tuple[Concept, ...]
    removed: tuple[Concept, ...]
    deprecated: tuple[Concept, ...]
    changed: tuple[ConceptEdit, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of concepts of each part."""
        return {name: len(getattr(self, name)) for name in ("added", "removed", "deprecated", "changed")}

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data for JSON."""
        return {
            "from": _source(self.old),
            "to": _source(self.new),
            "counts": self.counts,
            "added": [_concept(concept) for concept in self.added],
            "removed": [_concept(concept) for concept in self.removed],
            "deprecated": [{**_concept(c), "replaced_by": list(c.replaced_by)} for c in self.deprecated],
            "changed": [{**_concept(one.concept), "changes": [_edit(e) for e in one.edits]} for one in self.changed],
        }


def difference(old: Snapshot, new: Snapshot) -> Difference:
    """Compare two snapshots; the files that state a fact are not compared."""
    shared = sorted(old.concepts.keys() & new.concepts.keys())
    pairs = [(old.concepts[curie], new.concepts[curie]) for curie in shared]
    deprecated = [b for a, b in pairs if b.deprecated and not a.deprecated]
    gone = {concept.curie for concept in deprecated}
    edits = [ConceptEdit(b, tuple(_edits(a, b))) for a, b in pairs if b.curie not in gone]
    return Difference(
        old,
        new,
        tuple(new.concepts[curie] for curie in sorted(new.concepts.keys() - old.concepts.keys())),
        tuple(old.concepts[curie] for curie in sorted(old.concepts.keys() - new.concepts.keys())),
        tuple(deprecated),
        tuple(one for one in edits if one.edits),
    )


def _edits(old: Concept, new: Concept) -> Iterator[Edit]:
    before, after = facts(old), facts(new)
    for name in dict.fromkeys([*before, *after]):
        one, other = before.get(name, frozenset()), after.get(name, frozenset())
        if one != other:
            yield Edit(name, tuple(sorted(one - other)), tuple(sorted(other - one)))


def facts(concept: Concept) -> Facts:
    """Return everything that is stated about a concept, without its files."""
    found: dict[str, set[str]] = {"class": {concept.kind}}
    for label in concept.labels:
        found.setdefault(f"{label.role} {label.language}", set()).add(label.text)
    found["broader"] = set(concept.broader)
    for name, text in (
        ("notation", concept.notation),
        ("definition", concept.definition),
        ("scope note", concept.scope_note),
    ):
        found[name] = {text} if text else set()
    for predicate, target in concept.mappings:
        found.setdefault(predicate, set()).add(target)
    for name, values in sorted(concept.attributes.items()):
        found[name] = {str(value) for value in values}
    found["composition"] = {
        " + ".join(filter(None, ("no" if c.negated else "", c.modifier, c.head))) for c in concept.compositions
    }
    found["compartment rule"] = {f"{rule.within} → {rule.resolves_to}" for rule in concept.compartment_rules}
    found["deprecated"] = {"true"} if concept.deprecated else set()
    found["replaced by"] = set(concept.replaced_by)
    return {name: frozenset(values) for name, values in found.items() if values}


def _source(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "name": snapshot.name,
        "version": snapshot.version,
        "sha256": snapshot.digest,
        "concepts": len(snapshot.concepts),
    }


def _concept(concept: Concept) -> dict[str, Any]:
    return {"curie": concept.curie, "kind": concept.kind, "label": concept.label}


def _edit(edit: Edit) -> dict[str, Any]:
    return {"property": edit.property, "removed": list(edit.removed), "added": list(edit.added)}
