"""RDF/XML in the form that ontology tools expect: typed elements, nested blank nodes, and lists as collections.

Some readers, e.g. pronto, look for `<owl:Ontology>` and `<owl:Class>`, and not for the type of an `<rdf:Description>`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph as ox

from udt.core.errors import DataError
from udt.taxonomy.model.namespaces import OBO, ONTOLOGY, OWL, PREFIXES, RDF, RDF_TYPE

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_LANGUAGE_STRING = RDF + "langString"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_TYPES = ("Ontology", "AnnotationProperty", "ObjectProperty", "DatatypeProperty", "Class", "Restriction")
_ELEMENTS = [*(OWL + name for name in _TYPES), "", OWL + "NamedIndividual", OWL + "Axiom"]
"""Classes in the order in which their members are written; those of all other classes are at the empty name."""


def rdfxml(triples: Iterable[ox.Triple], untyped: Iterable[ox.NamedNode] = (), apart: Iterable[str] = ()) -> str:
    """Write triples as RDF/XML: the ontology, properties, classes, individuals, then axioms.

    Nodes of a class are sorted by IRI, blank nodes by their label, so `triples` should have canonical ones.

    :param untyped: nodes that are written as `rdf:Description`, with their class in an `rdf:type`.
    :param apart: properties whose values are written in an untyped element of their own.
    :raises DataError: if a property has no name that XML allows.
    """
    return _Writer(triples, frozenset(untyped), frozenset(apart)).text()


class _Writer:
    """The nodes of a document and the namespaces that it uses."""

    def __init__(self, triples: Iterable[ox.Triple], untyped: frozenset[ox.NamedNode], apart: frozenset[str]) -> None:
        self._untyped, self._apart = untyped, apart
        self._prefixes = {namespace: prefix for prefix, namespace in {**PREFIXES, "obo": OBO}.items()}
        self._used = {RDF: "rdf"}
        self._nodes: dict[Term, list[tuple[str, Term]]] = defaultdict(list)
        self._references: dict[Term, int] = defaultdict(int)
        for triple in triples:
            self._nodes[triple.subject].append((triple.predicate.value, triple.object))
            self._references[triple.object] += isinstance(triple.object, ox.BlankNode)
        for node in self._nodes.values():
            node.sort(key=lambda pair: (pair[0], str(pair[1])))

    def text(self) -> str:
        tops = [node for node in self._nodes if not self._nested(node)]
        tops.sort(key=lambda node: (_ELEMENTS.index(self._group(node)), _sort_key(node)))
        body = [line for node in tops for line in self._element(node, 1)]
        body += [line for node in tops for line in self._apart_from(node)]
        names = sorted((prefix, namespace) for namespace, prefix in self._used.items())
        spaces = "\n    ".join(f"xmlns:{prefix}={quoteattr(namespace)}" for prefix, namespace in names)
        head = f'<?xml version="1.0"?>\n<rdf:RDF xml:base="{ONTOLOGY}"\n    {spaces}>'
        return "\n".join([head, *body, "</rdf:RDF>"]) + "\n"

    def _nested(self, node: Term) -> bool:
        """Return whether a node is written within the only one that refers to it."""
        return isinstance(node, ox.BlankNode) and self._references[node] == 1

    def _types(self, node: Term) -> list[str]:
        return [o.value for p, o in self._nodes[node] if p == RDF_TYPE and isinstance(o, ox.NamedNode)]

    def _group(self, node: Term) -> str:
        return next((name for name in _ELEMENTS if name in self._types(node)), "")

    def _element(self, node: Term, depth: int) -> Iterator[str]:
        """Yield the lines of a node: its class as the element, the rest within."""
        types = [] if node in self._untyped else self._types(node)
        element = next(
            (name for name in _ELEMENTS if name and name in types), types[0] if types else RDF + "Description"
        )
        pad = "  " * depth
        name = self._name(element)
        head = f"{pad}<{name}{self._about(node)}"
        rest = [(p, o) for p, o in self._nodes[node] if not (p == RDF_TYPE and getattr(o, "value", "") == element)]
        rest = [(p, o) for p, o in rest if p not in self._apart]
        if not rest:
            yield f"{head}/>"
            return
        yield f"{head}>"
        for predicate, value in rest:
            yield from self._property(self._name(predicate), value, depth + 1)
        yield f"{pad}</{name}>"

    def _apart_from(self, node: Term) -> Iterator[str]:
        """Yield the lines of the values that are written in an element of their own."""
        values = [(p, o) for p, o in self._nodes[node] if p in self._apart]
        if values:
            yield f"  <rdf:Description{self._about(node)}>"
            for predicate, value in values:
                yield from self._property(self._name(predicate), value, 2)
            yield "  </rdf:Description>"

    def _about(self, node: Term) -> str:
        if isinstance(node, ox.NamedNode):
            return f" rdf:about={quoteattr(node.value)}"
        shared = isinstance(node, ox.BlankNode) and self._references[node] > 1
        return f' rdf:nodeID="{node.value}"' if shared and isinstance(node, ox.BlankNode) else ""

    def _property(self, name: str, value: Term, depth: int) -> Iterator[str]:
        pad = "  " * depth
        if isinstance(value, ox.Literal):
            yield f"{pad}<{name}{_literal_attributes(value)}>{escape(value.value)}</{name}>"
        elif isinstance(value, ox.NamedNode):
            yield f"{pad}<{name} rdf:resource={quoteattr(value.value)}/>"
        elif isinstance(value, ox.BlankNode) and not self._nested(value):
            yield f'{pad}<{name} rdf:nodeID="{value.value}"/>'
        elif isinstance(value, ox.BlankNode):
            members = self._members(value)
            kind = "" if members is None else ' rdf:parseType="Collection"'
            yield f"{pad}<{name}{kind}>"
            for member in [value] if members is None else members:
                yield from self._member(member, depth + 1)
            yield f"{pad}</{name}>"
        else:
            raise DataError(f"the ontology must not contain a triple term: {value}")

    def _member(self, node: Term, depth: int) -> Iterator[str]:
        if isinstance(node, ox.NamedNode):
            yield f"{'  ' * depth}<rdf:Description rdf:about={quoteattr(node.value)}/>"
        else:
            yield from self._element(node, depth)

    def _members(self, node: Term) -> Sequence[Term] | None:
        """Return the members of an RDF list of nodes; None if `node` is none, is shared, or has a literal."""
        found: list[Term] = []
        while node != ox.NamedNode(RDF + "nil"):
            cell = dict(self._nodes.get(node, ()))
            if set(cell) != {RDF + "first", RDF + "rest"} or len(self._nodes[node]) != 2 or not self._nested(node):
                return None
            found.append(cell[RDF + "first"])
            node = cell[RDF + "rest"]
        plain = all(isinstance(term, ox.NamedNode) or self._nested(term) for term in found)
        return found if found and plain else None

    def _name(self, iri: str) -> str:
        """Return the name of an element, and note its namespace.

        :raises DataError: if the IRI does not end in a name.
        """
        fitting = (n for n in self._prefixes if iri.startswith(n) and _NAME.match(iri[len(n) :]))
        namespace = max(fitting, key=len, default="")
        if not namespace:
            cut = max(iri.rfind("#"), iri.rfind("/")) + 1
            namespace = iri[:cut]
            if not namespace or not _NAME.match(iri[cut:]):
                raise DataError(f"RDF/XML cannot write the property <{iri}>, which does not end in a name; use Turtle")
            self._prefixes[namespace] = f"n{len(self._used)}"
        prefix = self._used.setdefault(namespace, self._prefixes[namespace])
        return f"{prefix}:{iri[len(namespace) :]}"


def _literal_attributes(value: ox.Literal) -> str:
    if value.language:
        return f" xml:lang={quoteattr(value.language)}"
    kind = value.datatype.value
    return "" if kind in {_STRING, _LANGUAGE_STRING} else f" rdf:datatype={quoteattr(kind)}"


def _sort_key(node: Term) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)
