"""Serialise what the default graph has beside the taxonomy: sources, makers and all ancestors of each concept."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

import pyoxigraph as ox

from udt.corpus.iris import GRAPHS, CorpusIris
from udt.corpus.nquads import TreeWriter, blank_nodes
from udt.corpus.samples import MakerRow, SourceRow
from udt.io.writers.rdf.nodes import A, Iri, Literal, RdfNode, node, text
from udt.io.writers.rdf.report import taxonomy_pairs
from udt.taxonomy.model.namespaces import NS, PREFIXES, RDF_TYPE, SKOS
from udt.taxonomy.model.taxonomy import Taxonomy

PROV = PREFIXES["prov"]

_DCTERMS = PREFIXES["dcterms"]
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_AGENTS = {"rule": "SoftwareAgent", "model": "SoftwareAgent", "human": "Agent"}
"""Kind of a maker to the class of its agent in PROV-O."""
_CURIE = attrgetter("curie")
_HERE = "default"
_TREES = TreeWriter(blank_nodes(), {}, frozenset(), frozenset())


def source_quads(sources: Iterable[SourceRow], iris: CorpusIris) -> str:
    """Serialise the sources."""
    lines = []
    for one in sources:
        texts = {
            _DCTERMS + "title": one.name,
            _VERSION: one.version,
            _DCTERMS + "rights": one.licence,
            _DCTERMS + "source": one.url,
        }
        pairs = [f"<{path}> {ox.Literal(text)}" for path, text in texts.items() if text is not None]
        graphs = [f"<{NS}{path}> <{iris.graph(one.name, kind)}>" for path, kind in GRAPHS.items()]
        lines += [f"<{iris.source(one.name)}> {pair} .\n" for pair in (*pairs, f"<{RDF_TYPE}> <{NS}Source>", *graphs)]
    return "".join(lines)


def maker_quads(makers: Iterable[MakerRow], iris: CorpusIris) -> str:
    """Serialise who or what made labels and findings: each an activity with its agent."""
    return "".join(line for one in makers for line in _TREES.lines(_maker(one, iris.maker(one.id)), _HERE, {_HERE: ""}))


def _maker(one: MakerRow, name: str) -> RdfNode:
    agent = [
        (A, Iri(f"prov:{_AGENTS[one.maker]}")),
        ("owl:versionInfo", text(one.version)),
        ("rdfs:label", Literal(one.detail)),
    ]
    used = node(f"{name}#taxonomy", taxonomy_pairs(one.taxonomy, one.taxonomy_sha256))
    return node(
        name,
        [
            (A, Iri("prov:Activity")),
            ("ns:maker", Literal(str(one.maker))),
            ("prov:wasAssociatedWith", node(f"{name}#agent", agent)),
            ("prov:used", used if one.taxonomy is not None else None),
        ],
    )


def closure_quads(taxonomy: Taxonomy) -> str:
    """Serialise `skos:broaderTransitive` from each concept to all its ancestors."""
    return "".join(
        f"<{concept.iri}> <{SKOS}broaderTransitive> <{ancestor.iri}> .\n"
        for concept in taxonomy
        for ancestor in sorted(taxonomy.all_ancestors(concept.curie), key=_CURIE)
    )
