"""Serialise what the default graph has beside the taxonomy: sources, makers and all ancestors of each concept."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

import pyoxigraph as ox

from udt.corpus.iris import GRAPHS, CorpusIris
from udt.corpus.samples import MakerRow, SourceRow
from udt.taxonomy.model.namespaces import NS, ONTOLOGY, PREFIXES, RDF_TYPE, SKOS
from udt.taxonomy.model.taxonomy import Taxonomy

PROV = PREFIXES["prov"]

_DCTERMS = PREFIXES["dcterms"]
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_LABEL = f"<{PREFIXES['rdfs']}label>"
_AGENTS = {"rule": "SoftwareAgent", "model": "SoftwareAgent", "human": "Agent"}
"""Kind of a maker to the class of its agent in PROV-O."""
_CURIE = attrgetter("curie")


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
    lines = []
    for one in makers:
        name = iris.maker(one.id)
        about = {f"<{_VERSION}>": one.version, _LABEL: one.detail}
        agent = [
            f"<{RDF_TYPE}> <{PROV}{_AGENTS[one.maker]}>",
            *(f"{path} {ox.Literal(text)}" for path, text in about.items() if text),
        ]
        pairs = [
            f"<{RDF_TYPE}> <{PROV}Activity>",
            f"<{NS}maker> {ox.Literal(str(one.maker))}",
            f"<{PROV}wasAssociatedWith> <{name}#agent>",
        ]
        if one.taxonomy is not None:
            pairs.append(f"<{PROV}used> <{name}#taxonomy>")
            versions = {f"<{_VERSION}>": one.taxonomy, f"<{NS}sha256>": one.taxonomy_sha256}
            used = [f"<{RDF_TYPE}> <{PROV}Entity>", f"<{PROV}specializationOf> <{ONTOLOGY}>"]
            used += [f"{path} {ox.Literal(text)}" for path, text in versions.items() if text]
            lines += [f"<{name}#taxonomy> {pair} .\n" for pair in used]
        lines += [f"<{name}> {pair} .\n" for pair in pairs] + [f"<{name}#agent> {pair} .\n" for pair in agent]
    return "".join(lines)


def closure_quads(taxonomy: Taxonomy) -> str:
    """Serialise `skos:broaderTransitive` from each concept to all its ancestors."""
    return "".join(
        f"<{concept.iri}> <{SKOS}broaderTransitive> <{ancestor.iri}> .\n"
        for concept in taxonomy
        for ancestor in sorted(taxonomy.all_ancestors(concept.curie), key=_CURIE)
    )
