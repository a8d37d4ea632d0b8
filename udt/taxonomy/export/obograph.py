"""The class view as OBO Graphs JSON: nodes with their metadata, edges, and logical definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from udt.taxonomy.export.class_view import CLASSES, PART_OF, ClassTerm, ClassView, Synonym, metadata_texts
from udt.taxonomy.export.label_sources import Scope
from udt.taxonomy.export.obo import TYPES
from udt.taxonomy.model.namespaces import NS, OBO, OBO_IN_OWL, ONTOLOGY, SKOS, expand
from udt.taxonomy.model.taxonomy import Taxonomy

Json = dict[str, Any]

_SYNONYMS: Mapping[Scope, str] = {
    "EXACT": "hasExactSynonym",
    "NARROW": "hasNarrowSynonym",
    "BROAD": "hasBroadSynonym",
    "RELATED": "hasRelatedSynonym",
}


def obograph_text(taxonomy: Taxonomy) -> str:
    """Write the document with one graph; classes, properties and edges sorted by IRI."""
    view = ClassView(taxonomy)
    graph = {
        "id": CLASSES,
        "meta": {
            "version": view.version_iri,
            "basicPropertyValues": [{"pred": name, "val": value} for name, value in metadata_texts(view)],
        },
        "nodes": sorted(_nodes(view), key=lambda node: str(node["id"])),
        "edges": sorted(_edges(view), key=lambda edge: (edge["sub"], edge["pred"], edge["obj"])),
        "equivalentNodesSets": [],
        "logicalDefinitionAxioms": sorted(_definitions(view), key=lambda axiom: str(axiom["definedClassId"])),
        "domainRangeAxioms": [],
        "propertyChainAxioms": [],
    }
    return json.dumps({"graphs": [graph]}, ensure_ascii=False, indent=2) + "\n"


def _nodes(view: ClassView) -> Iterator[Json]:
    for term in view.terms.values():
        node: Json = {"id": term.iri, "lbl": term.label, "type": "CLASS"}
        meta = _meta(term)
        yield {**node, "meta": meta} if meta else node
    yield {"id": PART_OF, "lbl": "part of", "type": "PROPERTY", "propertyType": "OBJECT"}
    for relation in view.properties.values():
        definition = {"definition": {"val": relation.comment, "xrefs": [ONTOLOGY]}} if relation.comment else {}
        yield {
            "id": relation.iri,
            "lbl": relation.label,
            "type": "PROPERTY",
            "propertyType": "OBJECT",
            **({"meta": definition} if definition else {}),
        }


def _meta(term: ClassTerm) -> Json:
    found: Json = {
        "definition": {"val": term.definition, "xrefs": [ONTOLOGY]} if term.definition else None,
        "comments": [term.comment] if term.comment else None,
        "synonyms": [_synonym(synonym) for synonym in term.synonyms],
        "xrefs": [{"val": target} for target in term.xrefs],
        "basicPropertyValues": list(_values(term)),
        "deprecated": term.deprecated or None,
    }
    return {name: value for name, value in found.items() if value}


def _synonym(synonym: Synonym) -> Json:
    kind = {"synonymType": NS + synonym.role} if synonym.role in TYPES else {}
    xrefs = {"xrefs": list(synonym.source.xrefs)} if synonym.source.xrefs else {}
    return {"pred": _SYNONYMS[synonym.scope], "val": synonym.text, **kind, **xrefs}


def _values(term: ClassTerm) -> Iterator[Json]:
    if term.notation:
        yield {"pred": SKOS + "notation", "val": term.notation}
    for predicate, target in term.mappings:
        yield {"pred": SKOS + predicate, "val": expand(target)}
    for target in term.replaced_by:
        yield {"pred": OBO + "IAO_0100001", "val": expand(target)}
    for target in term.consider:
        yield {"pred": OBO_IN_OWL + "consider", "val": expand(target)}


def _edges(view: ClassView) -> Iterator[dict[str, str]]:
    iris = {curie: term.iri for curie, term in view.terms.items()}
    for term in view.terms.values():
        pairs = [("is_a", parent) for parent in term.parents]
        pairs += [(PART_OF, whole) for whole in term.wholes]
        pairs += [(expand(name), target) for name, target in term.relations]
        yield from ({"sub": term.iri, "pred": name, "obj": iris[target]} for name, target in pairs)


def _definitions(view: ClassView) -> Iterator[Json]:
    iris = {curie: term.iri for curie, term in view.terms.items()}
    for term in view.terms.values():
        if term.signs and all(value in iris for _, value in term.signs):
            yield {
                "definedClassId": term.iri,
                "genusIds": [iris.get(genus, expand(genus)) for genus in term.genus],
                "restrictions": [{"propertyId": expand(name), "fillerId": iris[value]} for name, value in term.signs],
            }
