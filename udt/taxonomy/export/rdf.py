"""Reproducible serialisation of the ontology: canonical blank nodes, and triples in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from udt.taxonomy.export.closure import closed_store
from udt.taxonomy.export.label_sources import source_axioms
from udt.taxonomy.export.rdfxml import rdfxml
from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.taxonomy import Taxonomy


def ontology_graph(taxonomy: Taxonomy) -> Graph:
    """Convert the ontology with its closing axioms and sources of labels to an rdflib graph with bound prefixes.

    The graph has the store `SimpleMemory`, which keeps the order of insertion; the default store of rdflib does not.
    """
    graph = Graph(store="SimpleMemory", bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for triple in canonical(quad.triple for quad in published_store(taxonomy)):
        graph.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    return graph


def turtle_text(taxonomy: Taxonomy) -> str:
    """Write the ontology as Turtle."""
    return ontology_graph(taxonomy).serialize(format="turtle")


def rdfxml_text(taxonomy: Taxonomy) -> str:
    """Write the ontology as RDF/XML with typed elements."""
    return rdfxml(canonical(quad.triple for quad in published_store(taxonomy)))


def jsonld_text(taxonomy: Taxonomy) -> str:
    """Write the ontology as compacted JSON-LD, with sorted nodes, since their order in rdflib varies."""
    document = json.loads(ontology_graph(taxonomy).serialize(format="json-ld", auto_compact=True))
    return json.dumps(_sorted(document), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _sorted(node: Any, *, ordered: bool = False) -> Any:
    """Sort every array in `node` except those of `@list`, whose order has a meaning."""
    if isinstance(node, dict):
        return {key: _sorted(value, ordered=key == "@list") for key, value in node.items()}
    if isinstance(node, list):
        items = [_sorted(item) for item in node]
        return items if ordered else sorted(items, key=_sort_key)
    return node


def _sort_key(item: Any) -> str:
    name = item.get("@id") if isinstance(item, dict) else item
    return name if isinstance(name, str) else json.dumps(item, sort_keys=True)


def published_store(taxonomy: Taxonomy) -> ox.Store:
    """Load the ontology as it is exported: all triples, the closing axioms, and the sources of labels."""
    store = closed_store(taxonomy)
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in source_axioms(taxonomy))
    return store


def canonical(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Give blank nodes canonical labels (RDFC-1.0), and sort the triples."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in dataset), key=str)


def _node(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        plain = term.language or term.datatype.value == str(XSD.string)
        return Literal(term.value, lang=term.language, datatype=None if plain else URIRef(term.datatype.value))
    raise TypeError(f"the ontology must not contain a triple term: {term}")
