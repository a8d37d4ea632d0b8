"""Conversion of triples to concepts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache, partial

import pyoxigraph as ox

from udt.taxonomy.model.amendments import DEPRECATED, REPLACED_BY
from udt.taxonomy.model.concept import (
    LABEL_PROPERTIES,
    CompartmentRule,
    Composition,
    Concept,
    Label,
    LabelPattern,
    PatternKind,
    Value,
)
from udt.taxonomy.model.namespaces import MATCHES, NS, RDF_TYPE, SKOS, compress
from udt.taxonomy.model.source import TurtleSource

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Node = Mapping[str, list[Term]]
Short = Callable[[str], str]
"""A function from an IRI to its CURIE."""

_PLACE_OF_ROLE = {role: place for place, role in enumerate(LABEL_PROPERTIES)}
# No number of the ontology is longer, and Python refuses to read very long ones.
_INTEGER = re.compile("[+-]?[0-9]{1,18}")
_NAMED = (ox.NamedNode, ox.Literal)
_PATTERNS: dict[str, PatternKind] = {"labelPattern": "any", "finalPattern": "final", "barePattern": "bare"}
_STRUCTURAL = {"composition", "compartmentRule", "abbreviation", "adjective", *_PATTERNS}


def concepts_of(source: TurtleSource) -> list[Concept]:
    """Convert every `skos:Concept` individual of `source` to a concept, sorted by CURIE."""
    nodes: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, term in source.triples:
        nodes[_key(subject)][predicate.value].append(term)
    concept = ox.NamedNode(SKOS + "Concept")
    short = cache(partial(compress, extra=source.prefixes))
    found = [
        _concept(iri, node, nodes, short, source) for iri, node in nodes.items() if concept in node.get(RDF_TYPE, ())
    ]
    return sorted(found, key=lambda c: c.curie)


def _key(term: Term) -> str:
    return term.value if isinstance(term, _NAMED) else str(term)


def _concept(iri: str, node: Node, nodes: Mapping[str, Node], short: Short, source: TurtleSource) -> Concept:
    labels = _labels(node)
    attributes = _attributes(node, short)
    return Concept(
        curie=short(iri),
        iri=iri,
        kind=_kind(node),
        label=next((x.text for x in labels if x.role == "pref" and x.language == "en"), ""),
        labels=labels,
        patterns=_patterns(node),
        broader=tuple(sorted(short(_key(t)) for t in node.get(SKOS + "broader", ()))),
        notation=_literal(node, SKOS + "notation"),
        order=next((v for v in attributes.get("order", ()) if isinstance(v, int)), 0),
        definition=_literal(node, SKOS + "definition"),
        scope_note=_literal(node, SKOS + "scopeNote"),
        mappings=tuple(sorted((name, short(_key(t))) for name in MATCHES for t in node.get(SKOS + name, ()))),
        attributes=attributes,
        compositions=_compositions(node, nodes, short),
        compartment_rules=_compartments(node, nodes, short),
        source=source.origin.get(iri, ""),
        deprecated=any(_key(term) in {"true", "1"} for term in node.get(DEPRECATED.value, ())),
        replaced_by=tuple(sorted(short(_key(t)) for t in node.get(REPLACED_BY.value, ()))),
    )


def _kind(node: Node) -> str:
    """Return the class in `ns:`, or ""; several with blanks between them, which is a fault.

    The class `LesionNoun` is ignored, since it becomes an attribute.
    """
    types = (_key(term) for term in node.get(RDF_TYPE, ()))
    names = {name.removeprefix(NS) for name in types if name.startswith(NS)}
    return " ".join(sorted(names - {"LesionNoun"}))


def _labels(node: Node) -> tuple[Label, ...]:
    found = [
        Label(term.value, (term.language or "en").lower(), role)
        for role, predicate in LABEL_PROPERTIES.items()
        for term in node.get(predicate, ())
        if isinstance(term, ox.Literal)
    ]
    return tuple(sorted(found, key=lambda x: (_PLACE_OF_ROLE[x.role], x.language, x.text)))


def _patterns(node: Node) -> tuple[LabelPattern, ...]:
    found = [
        LabelPattern(term.value, (term.language or "en").lower(), kind)
        for name, kind in _PATTERNS.items()
        for term in node.get(NS + name, ())
        if isinstance(term, ox.Literal)
    ]
    return tuple(sorted(found, key=lambda x: (x.language, x.kind, x.text)))


def _literal(node: Node, predicate: str) -> str | None:
    """Return a text of the property: an English one, one without language, or else the first in order."""
    literals = [term for term in node.get(predicate, ()) if isinstance(term, ox.Literal)]
    found = sorted(literals, key=lambda term: ((term.language or "en") != "en", term.value))
    return found[0].value if found else None


def _value(term: Term, short: Short) -> Value:
    if not isinstance(term, ox.Literal):
        return short(_key(term))
    datatype = term.datatype.value.rpartition("#")[2]
    if datatype == "integer" and _INTEGER.fullmatch(term.value):
        return int(term.value)
    return term.value == "true" if datatype == "boolean" else term.value


def _attributes(node: Node, short: Short) -> dict[str, tuple[Value, ...]]:
    found: dict[str, tuple[Value, ...]] = {}
    for predicate in sorted(node):
        name = predicate.removeprefix(NS)
        if predicate.startswith(NS) and name not in _STRUCTURAL:
            found[name] = tuple(sorted((_value(term, short) for term in node[predicate]), key=str))
    if any(_key(term) == NS + "LesionNoun" for term in node.get(RDF_TYPE, ())):
        found["lesionNoun"] = (True,)
    return found


def _related(node: Node, nodes: Mapping[str, Node], predicate: str) -> list[Node]:
    return [nodes[_key(term)] for term in node.get(NS + predicate, ()) if _key(term) in nodes]


def _target(node: Node, predicate: str, short: Short) -> str | None:
    values = sorted(short(_key(term)) for term in node.get(NS + predicate, ()))
    return values[0] if values else None


def _compositions(node: Node, nodes: Mapping[str, Node], short: Short) -> tuple[Composition, ...]:
    found = [
        Composition(
            _target(n, "modifier", short), _target(n, "head", short) or "", _literal(n, NS + "negated") == "true"
        )
        for n in _related(node, nodes, "composition")
    ]
    return tuple(sorted(found, key=lambda c: (c.head, c.modifier or "", c.negated)))


def _compartments(node: Node, nodes: Mapping[str, Node], short: Short) -> tuple[CompartmentRule, ...]:
    found = [
        CompartmentRule(_target(n, "within", short) or "", _target(n, "resolvesTo", short) or "")
        for n in _related(node, nodes, "compartmentRule")
    ]
    return tuple(sorted(found, key=lambda r: (r.within, r.resolves_to)))
