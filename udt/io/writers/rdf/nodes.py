"""Nodes, literals and names of RDF, before they are written in a syntax.

A name is a CURIE with a prefix of `PREFIXES`, as `prov:used`, or else a full IRI.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from udt.taxonomy.model import namespaces

A = "rdf:type"

PREFIXES: Mapping[str, str] = {
    name: namespaces.PREFIXES[name]
    for name in (
        *("ns", "uhat", "udaf", "finding", "skos", "rdf", "rdfs", "owl", "dcterms", "xsd"),
        *("prov", "oa", "qudt", "unit", "quantitykind"),
    )
}
"""The prefixes that are declared in the output."""

STRING, INTEGER, DECIMAL, COUNTING = "xsd:string", "xsd:integer", "xsd:decimal", "xsd:nonNegativeInteger"


class Iri(NamedTuple):
    """A reference to a resource by its name."""

    name: str


class Literal(NamedTuple):
    """A value.

    :ivar type: name of its datatype.
    :ivar language: language tag of a text, or empty.
    """

    text: str
    type: str = STRING
    language: str = ""


@dataclass(frozen=True, slots=True)
class RdfNode:
    """A resource with its statements.

    :ivar name: its name, or empty for a blank node.
    :ivar pairs: names of predicates with their objects, none of them empty.
    """

    name: str
    pairs: tuple[tuple[str, tuple[Value, ...]], ...]


Value: TypeAlias = Iri | Literal | RdfNode
Objects: TypeAlias = Sequence[Value] | Value | None


def node(name: str, pairs: Iterable[tuple[str, Objects]]) -> RdfNode:
    """Make a node; predicates without an object are left out."""
    return RdfNode(name, tuple((predicate, found) for predicate, objects in pairs if (found := _tuple(objects))))


def _tuple(objects: Objects) -> tuple[Value, ...]:
    if objects is None:
        return ()
    if isinstance(objects, Iri | Literal | RdfNode):
        return (objects,)
    return tuple(objects)


def text(value: str | None) -> Literal | None:
    """Return a plain text; None if there is none."""
    return Literal(value) if value else None


def number(value: float) -> Literal:
    """Return a decimal number with all digits of `value`.

    >>> number(2.5).text, number(1e-7).text
    ('2.5', '0.0000001')

    :param value: a finite number.
    """
    return Literal(format(Decimal(repr(float(value))), "f"), DECIMAL)


def whole(value: int, type: str = INTEGER) -> Literal:
    """Return a whole number."""
    return Literal(str(value), type)


@lru_cache(maxsize=10_000)
def short(iri: str) -> str:
    """Return the name of an IRI: a CURIE if a prefix of `PREFIXES` fits.

    >>> short("http://www.w3.org/ns/prov#used"), short("https://example.org/a")
    ('prov:used', 'https://example.org/a')
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def full(name: str) -> str:
    """Return the IRI of a name.

    >>> full("prov:used")
    'http://www.w3.org/ns/prov#used'
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name
