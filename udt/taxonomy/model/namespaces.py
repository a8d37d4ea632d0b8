"""The namespaces of the ontology, and conversion between IRIs and CURIEs."""

from __future__ import annotations

from collections.abc import Mapping

NS = "https://w3id.org/udt/ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
DCTERMS = "http://purl.org/dc/terms/"
OBO = "http://purl.obolibrary.org/obo/"
OBO_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"
ONTOLOGY = "https://w3id.org/udt/ontology"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = RDF + "type"
MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
"""Local names of the SKOS predicates of mappings, the closest first."""

PREFIXES: Mapping[str, str] = {
    "ns": NS,
    "uhat": "https://w3id.org/udt/uhat/",
    "udaf": "https://w3id.org/udt/udaf/",
    "finding": "https://w3id.org/udt/finding/",
    "lex": "https://w3id.org/udt/lex/",
    "cue": "https://w3id.org/udt/cue/",
    "skos": SKOS,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "dcterms": DCTERMS,
    "vann": "http://purl.org/vocab/vann/",
    "oboInOwl": OBO_IN_OWL,
    "sh": "http://www.w3.org/ns/shacl#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "qudt": "http://qudt.org/schema/qudt/",
    "unit": "http://qudt.org/vocab/unit/",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "BFO": OBO + "BFO_",
    "IAO": OBO + "IAO_",
    "UBERON": "http://purl.obolibrary.org/obo/UBERON_",
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "HP": "http://purl.obolibrary.org/obo/HP_",
    "PATO": "http://purl.obolibrary.org/obo/PATO_",
    "FMA": "http://purl.org/sig/ont/fma/fma",
    "RADLEX": "http://radlex.org/RID/",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM/",
    "MESH": "http://id.nlm.nih.gov/mesh/",
}


def compress(iri: str, extra: Mapping[str, str] | None = None) -> str:
    """Return the CURIE of `iri` by the longest matching namespace, or `iri` itself if none matches.

    >>> compress("https://w3id.org/udt/udaf/shape.round")
    'udaf:shape.round'

    :param extra: further prefixes, e.g. those that an extension file declares; built-in prefixes take precedence.
    """
    best: tuple[int, str] | None = None
    for prefixes in (extra or {}), PREFIXES:
        for prefix, namespace in prefixes.items():
            if prefix and iri.startswith(namespace) and (best is None or len(namespace) >= best[0]):
                best = (len(namespace), f"{prefix}:{iri[len(namespace) :]}")
    return iri if best is None else best[1]


def expand(curie: str, extra: Mapping[str, str] | None = None) -> str:
    """Return the IRI of `curie`; a string with an unknown prefix is returned unchanged.

    >>> expand("uhat:liver")
    'https://w3id.org/udt/uhat/liver'
    """
    prefix, colon, local = curie.partition(":")
    namespace = PREFIXES.get(prefix) or (extra or {}).get(prefix)
    return namespace + local if colon and namespace else curie


def property_iri(key: str) -> str:
    """Return the IRI of the property of a record's labels in the dimension `key`.

    >>> property_iri("body_system")
    'https://w3id.org/udt/ns#bodySystem'
    """
    first, *rest = key.split("_")
    return NS + first + "".join(word.capitalize() for word in rest)
