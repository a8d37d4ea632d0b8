"""Changes that an extension makes to statements of earlier files: overriding, retracting, deprecating.

```turtle
finding:x ns:overrides skos:definition ; skos:definition "…"@en .            # replaces the definition in English
finding:x ns:retracts [ skos:altLabel "y"@en ; skos:broader finding:z ] .    # removes statements
finding:x owl:deprecated true ; dcterms:isReplacedBy finding:w .             # is no longer used
```

Every change is recorded. A value that contradicts an earlier one without `ns:overrides`, and a change that finds
nothing to change, are faults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pyoxigraph as ox

from udt.core.texts import abridged, printable
from udt.taxonomy.model.namespaces import DCTERMS, NS, OWL, compress

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Subject = ox.NamedNode | ox.BlankNode | ox.Triple
Action = Literal["overrides", "retracts", "deprecates"]

RETRACTS = ox.NamedNode(NS + "retracts")
OVERRIDES = ox.NamedNode(NS + "overrides")
DEPRECATED = ox.NamedNode(OWL + "deprecated")
REPLACED_BY = ox.NamedNode(DCTERMS + "isReplacedBy")
_AT_MOST = ox.NamedNode(NS + "atMost")
_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
_MAX_NESTING = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an extension to an earlier statement.

    :ivar file: name of the extension.
    :ivar subject: CURIE of the concept.
    :ivar property: CURIE of the property.
    :ivar old: values that no longer hold, as in Turtle.
    :ivar new: values in their place; empty for a retraction.
    """

    file: str
    action: Action
    subject: str
    property: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain data for JSON."""
        return {**asdict(self), "old": list(self.old), "new": list(self.new)}


@dataclass(frozen=True, slots=True)
class Amended:
    """The triples of earlier files and of an extension after its changes.

    :ivar earlier: triples of the earlier files that still hold, in their order.
    :ivar added: triples of the extension, without its retractions.
    :ivar faults: a sentence for each change that cannot be made.
    """

    earlier: list[ox.Triple]
    added: list[ox.Triple]
    changes: list[Change]
    faults: list[str]


def amend(earlier: list[ox.Triple], extension: list[ox.Triple], name: str) -> Amended:
    """Apply the changes of `extension` to the triples of earlier files.

    :param name: file name of the extension, for changes and faults.
    """
    return _Amendment(earlier, extension, name).apply()


class _Amendment:
    """The work on one extension."""

    def __init__(self, earlier: list[ox.Triple], extension: list[ox.Triple], name: str) -> None:
        self._earlier, self._extension, self._name = earlier, extension, name
        self._own = _by_subject(extension)
        touched = set(self._own)
        self._known = _by_subject(t for t in earlier if t.subject in touched)
        self._nodes: Mapping[Subject, list[ox.Triple]] | None = None
        self._removed: set[ox.Triple] = set()
        self._dropped: set[ox.Triple] = set()
        self._changes: list[Change] = []
        self._faults: list[str] = []

    def apply(self) -> Amended:
        single = {t.subject for t in self._earlier if t.predicate == _AT_MOST}
        for triple in self._extension:
            if triple.predicate == RETRACTS:
                self._retract(triple)
            elif triple.predicate == OVERRIDES:
                self._override(triple)
            elif triple.predicate == DEPRECATED:
                self._deprecate(triple)
        for triple in self._extension:
            if triple.predicate in single and triple not in self._dropped:
                self._refuse_contradiction(triple)
        earlier = [t for t in self._earlier if t not in self._removed] if self._removed else self._earlier
        added = [t for t in self._extension if t not in self._dropped]
        return Amended(earlier, added, self._changes, self._faults)

    def _retract(self, triple: ox.Triple) -> None:
        """Remove the statements that a node lists, or note the fault of each that does not exist."""
        self._dropped.add(triple)
        statements = self._own.get(triple.object, []) if isinstance(triple.object, ox.BlankNode) else []
        if not statements:
            example = '[ skos:altLabel "y"@en ]'
            self._fault(triple.subject, f"ns:retracts takes a node with statements in brackets, e.g. {example}")
        for statement in statements:
            self._dropped |= {statement, *_below(statement.object, self._own)}
            values = self._values(triple.subject, statement.predicate)
            wanted = _shape(statement.object, self._own)
            found = [t for t in values if _shape(t.object, self._nested(t)) == wanted]
            shown = self._shown(statement.object, self._own)
            if not found:
                has = ", ".join(self._shown(t.object, self._nested(t)) for t in values) or "none"
                self._fault(
                    triple.subject,
                    f"retracts {_short(statement.predicate)} {shown}, which no earlier file states; "
                    f"its values are: {has}; correct or remove the retraction",
                )
            self._remove(found)
            if found:
                self._note("retracts", triple.subject, statement.predicate, (shown,), ())

    def _override(self, triple: ox.Triple) -> None:
        """Remove the earlier values of a property that this file gives new values, texts by language."""
        self._dropped.add(triple)
        subject, predicate = triple.subject, triple.object
        if not isinstance(predicate, ox.NamedNode):
            self._fault(subject, "ns:overrides takes a property, e.g. skos:definition; name one")
            return
        new = [t for t in self._own[subject] if t.predicate == predicate]
        languages = {_language(t.object) for t in new}
        old = [t for t in self._values(subject, predicate) if _language(t.object) in languages]
        if not new:
            self._fault(
                subject,
                f"overrides {_short(predicate)}, but this file gives it no value; add one, or write ns:retracts",
            )
        elif not old:
            self._fault(
                subject,
                f"overrides {_short(predicate)}, but no earlier file gives it a value to replace; "
                "correct or remove ns:overrides",
            )
        before = tuple(self._shown(t.object, self._nested(t)) for t in old)
        after = tuple(self._shown(t.object, self._own) for t in new)
        if new and old:
            self._remove(old)
            if sorted(before) != sorted(after):
                self._note("overrides", subject, predicate, before, after)

    def _deprecate(self, triple: ox.Triple) -> None:
        value = triple.object
        if not (isinstance(value, ox.Literal) and value.datatype.value == _BOOLEAN):
            shown = self._shown(value, self._own)
            self._fault(triple.subject, f"has owl:deprecated {shown}; write true or false, without quotes")
        elif value.value in {"true", "1"} and self._known.get(triple.subject):
            targets = (t for t in self._own[triple.subject] if t.predicate == REPLACED_BY)
            new = tuple(self._shown(t.object, self._own) for t in targets)
            self._note("deprecates", triple.subject, DEPRECATED, (), new)

    def _refuse_contradiction(self, triple: ox.Triple) -> None:
        """Note the fault of a second value of a property that has one, and leave the value out."""
        others = [
            t
            for t in self._values(triple.subject, triple.predicate)
            if _language(t.object) == _language(triple.object) and _shape(t.object, {}) != _shape(triple.object, {})
        ]
        if others:
            self._dropped.add(triple)
            old, new = (self._shown(term, self._own) for term in (others[0].object, triple.object))
            name, subject = _short(triple.predicate), _short(triple.subject)
            self._fault(
                triple.subject,
                f"has {name} {new}, but an earlier file has {old}; to replace it, add '{subject} ns:overrides {name}', "
                "else remove yours",
            )

    def _values(self, subject: Subject, predicate: ox.NamedNode) -> list[ox.Triple]:
        """Return the earlier statements of a property that still hold."""
        return [t for t in self._known.get(subject, ()) if t.predicate == predicate and t not in self._removed]

    def _nested(self, triple: ox.Triple) -> Mapping[Subject, list[ox.Triple]]:
        """Return the earlier triples by subject; for values without a node of their own, nothing."""
        if not isinstance(triple.object, ox.BlankNode):
            return {}
        if self._nodes is None:
            self._nodes = _by_subject(t for t in self._earlier if isinstance(t.subject, ox.BlankNode))
        return self._nodes

    def _remove(self, triples: Iterable[ox.Triple]) -> None:
        for triple in triples:
            self._removed |= {triple, *_below(triple.object, self._nested(triple))}

    def _note(
        self, action: Action, subject: Subject, predicate: ox.NamedNode, old: tuple[str, ...], new: tuple[str, ...]
    ) -> None:
        self._changes.append(Change(self._name, action, _short(subject), _short(predicate), old, new))

    def _fault(self, subject: Subject, fault: str) -> None:
        self._faults.append(f"{self._name}: {_short(subject)} {fault}")

    def _shown(self, term: Term, nodes: Mapping[Subject, list[ox.Triple]], depth: int = 0) -> str:
        if isinstance(term, ox.BlankNode):
            inner = nodes.get(term, []) if depth < _MAX_NESTING else []
            parts = sorted(f"{_short(t.predicate)} {self._shown(t.object, nodes, depth + 1)}" for t in inner)
            return f"[ {' ; '.join(parts)} ]"
        return shown_term(term)


def shown_term(term: Term) -> str:
    """Return a term as in Turtle, shortened to a line.

    >>> shown_term(ox.Literal("liver", language="en")), shown_term(ox.NamedNode("https://w3id.org/udt/uhat/liver"))
    ('"liver"@en', 'uhat:liver')
    """
    if isinstance(term, ox.Literal):
        text = abridged(term.value)
        plain = term.datatype.value.rpartition("#")[2] in {"integer", "boolean", "decimal"}
        return text if plain else f'"{text}"' + (f"@{term.language}" if term.language else "")
    return _short(term)


def _short(term: Term) -> str:
    return printable(compress(term.value) if isinstance(term, ox.NamedNode) else str(term))


def _language(term: Term) -> str | None:
    """Return the language of a text in lower case, or None for a term that is no text with a language."""
    return term.language.lower() if isinstance(term, ox.Literal) and term.language else None


def _by_subject(triples: Iterable[ox.Triple]) -> dict[Subject, list[ox.Triple]]:
    found: dict[Subject, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        found[triple.subject].append(triple)
    return dict(found)


def _below(term: Term, nodes: Mapping[Subject, list[ox.Triple]], depth: int = 0) -> Iterator[ox.Triple]:
    """Yield the triples of a blank node and of those that it refers to."""
    if isinstance(term, ox.BlankNode) and depth < _MAX_NESTING:
        for triple in nodes.get(term, ()):
            yield triple
            yield from _below(triple.object, nodes, depth + 1)


def _shape(term: Term, nodes: Mapping[Subject, list[ox.Triple]], depth: int = 0) -> object:
    """Return a value that is equal for equal terms, and for blank nodes with equal statements."""
    if isinstance(term, ox.Literal):
        return (term.value, (term.language or "").lower(), term.datatype.value)
    if isinstance(term, ox.BlankNode) and depth < _MAX_NESTING:
        return frozenset((t.predicate.value, _shape(t.object, nodes, depth + 1)) for t in nodes.get(term, ()))
    return term
