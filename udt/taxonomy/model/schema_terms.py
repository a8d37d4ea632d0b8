"""Classes and properties of the schema: their names, explanations and hierarchy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from udt.taxonomy.model.namespaces import NS, OWL, RDF_TYPE, RDFS, SKOS, compress
from udt.taxonomy.model.taxonomy import Taxonomy

TermKind = Literal["class", "annotation property", "object property", "data property"]

_KINDS: Mapping[str, TermKind] = {
    OWL + "Class": "class",
    OWL + "AnnotationProperty": "annotation property",
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "data property",
}
_PARENTS = {RDFS + "subClassOf", RDFS + "subPropertyOf"}


@dataclass(frozen=True, slots=True)
class SchemaTerm:
    """A class or property in the namespace of the schema.

    :ivar curie: e.g. `ns:Organ`.
    :ivar parents: CURIEs of its superclasses or superproperties, sorted.
    :ivar children: CURIEs of the terms directly below it, sorted.
    :ivar definition: whether `owl:equivalentClass` defines it by signs.
    """

    curie: str
    iri: str
    kind: TermKind
    label: str
    comment: str
    parents: tuple[str, ...]
    children: tuple[str, ...]
    defined: bool


def schema_terms(taxonomy: Taxonomy) -> dict[str, SchemaTerm]:
    """Return the classes and properties of the namespace `ns:`, by CURIE, in the order of the CURIEs."""
    facts: dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]] = {}
    for triple in taxonomy.triples:
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(NS):
            facts.setdefault(triple.subject.value, defaultdict(list))[triple.predicate.value].append(triple.object)
    children: dict[str, set[str]] = defaultdict(set)
    for iri, node in facts.items():
        for parent in _parents(node):
            children[parent].add(compress(iri))
    found = {}
    for iri, node in sorted(facts.items()):
        kinds = [_KINDS[t.value] for t in node.get(RDF_TYPE, ()) if isinstance(t, ox.NamedNode) and t.value in _KINDS]
        if kinds:
            curie = compress(iri)
            found[curie] = SchemaTerm(
                curie,
                iri,
                kinds[0],
                _text(node, RDFS + "label"),
                " ".join(filter(None, (_text(node, RDFS + "comment"), _text(node, SKOS + "scopeNote")))),
                tuple(sorted(compress(parent) for parent in _parents(node))),
                tuple(sorted(children.get(iri, ()))),
                OWL + "equivalentClass" in node,
            )
    return found


def _parents(node: Mapping[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]) -> list[str]:
    return [t.value for name in _PARENTS for t in node.get(name, ()) if isinstance(t, ox.NamedNode)]


def _text(node: Mapping[str, list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]], name: str) -> str:
    texts = sorted(t.value for t in node.get(name, ()) if isinstance(t, ox.Literal) and t.language in {None, "en"})
    return texts[0] if texts else ""
