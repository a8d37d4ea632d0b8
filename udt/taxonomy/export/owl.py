"""The class view as OWL: classes with `rdfs:subClassOf`, for Protégé and other editors.

It is an ontology of its own, `https://w3id.org/udt/classes`, that gives the IRIs of concepts to classes. Load it beside
the ontology itself only in tools that allow a name to be a class and an individual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from udt.taxonomy.export.class_view import CLASSES, DEFAULT_SCOPES, PART_OF, ClassTerm, ClassView, Synonym
from udt.taxonomy.export.label_sources import Scope, axiom
from udt.taxonomy.export.obo import TYPES
from udt.taxonomy.export.rdf import canonical
from udt.taxonomy.export.rdfxml import rdfxml
from udt.taxonomy.model.concept import Role
from udt.taxonomy.model.namespaces import (
    DCTERMS,
    MATCHES,
    NS,
    OBO,
    OBO_IN_OWL,
    ONTOLOGY,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    expand,
)
from udt.taxonomy.model.taxonomy import Taxonomy

_A = ox.NamedNode(RDF_TYPE)
_CLASS, _ANNOTATION, _OBJECT, _RESTRICTION = (
    ox.NamedNode(OWL + name) for name in ("Class", "AnnotationProperty", "ObjectProperty", "Restriction")
)
_LABEL, _COMMENT, _SUBCLASS, _DEFINED_BY = (
    ox.NamedNode(RDFS + name) for name in ("label", "comment", "subClassOf", "isDefinedBy")
)
_DEFINITION = ox.NamedNode(OBO + "IAO_0000115")
_REPLACED_BY = ox.NamedNode(OBO + "IAO_0100001")
_CONSIDER = ox.NamedNode(OBO_IN_OWL + "consider")
_XREF = ox.NamedNode(OBO_IN_OWL + "hasDbXref")
_SYNONYM_TYPE = ox.NamedNode(OBO_IN_OWL + "hasSynonymType")
_SYNONYM_TYPES = ox.NamedNode(OBO_IN_OWL + "SynonymTypeProperty")
_HAS_SCOPE = ox.NamedNode(OBO_IN_OWL + "hasScope")
_SOURCE = ox.NamedNode(DCTERMS + "source")
_NOTATION = ox.NamedNode(SKOS + "notation")
_SYNONYMS: Mapping[Scope, ox.NamedNode] = {
    "EXACT": ox.NamedNode(OBO_IN_OWL + "hasExactSynonym"),
    "NARROW": ox.NamedNode(OBO_IN_OWL + "hasNarrowSynonym"),
    "BROAD": ox.NamedNode(OBO_IN_OWL + "hasBroadSynonym"),
    "RELATED": ox.NamedNode(OBO_IN_OWL + "hasRelatedSynonym"),
}
_NAMES: Mapping[ox.NamedNode, str] = {
    _DEFINITION: "definition",
    _REPLACED_BY: "term replaced by",
    _CONSIDER: "consider",
    _XREF: "database cross-reference",
    _SYNONYM_TYPE: "synonym type",
    **{iri: f"has {scope.lower()} synonym" for scope, iri in _SYNONYMS.items()},
}


def owl_text(taxonomy: Taxonomy) -> str:
    """Write the class view as RDF/XML.

    It is ASCII, since pronto guesses the encoding from the first bytes. Annotation properties other than synonym types,
    and the definitions of classes, are untyped elements, since pronto warns of those that it cannot use.
    """
    triples = canonical(class_triples(taxonomy))
    types = {_type_iri(role) for role in TYPES}
    annotations = {t.subject for t in triples if t.object == _ANNOTATION and isinstance(t.subject, ox.NamedNode)}
    return rdfxml(triples, annotations - types, [OWL + "equivalentClass"]).encode("ascii", "xmlcharrefreplace").decode()


def class_triples(taxonomy: Taxonomy) -> Iterator[ox.Triple]:
    """Yield the triples of the class view."""
    view = ClassView(taxonomy)
    yield from _header(view)
    yield from _properties(view)
    for term in view.terms.values():
        yield from _class(term)
        yield from _relations(term)
    for curie, stated in view.definitions():
        yield ox.Triple(ox.NamedNode(expand(curie)), stated.predicate, stated.object)
        if isinstance(stated.object, ox.BlankNode):
            yield from view.expression(stated.object)


def _header(view: ClassView) -> Iterator[ox.Triple]:
    ontology = ox.NamedNode(CLASSES)
    yield ox.Triple(ontology, _A, ox.NamedNode(OWL + "Ontology"))
    yield ox.Triple(ontology, ox.NamedNode(OWL + "versionIRI"), ox.NamedNode(view.version_iri))
    yield ox.Triple(ontology, _SOURCE, ox.NamedNode(ONTOLOGY))
    yield from (ox.Triple(ontology, triple.predicate, triple.object) for triple in view.metadata)


def _properties(view: ClassView) -> Iterator[ox.Triple]:
    """Yield the declarations of all properties and synonym types."""
    for iri, name in _NAMES.items():
        yield from _declared(iri, _ANNOTATION, name)
    own = {triple.predicate for triple in view.metadata if triple.predicate.value.startswith(("http://purl.org/",))}
    bare = [_SOURCE, _NOTATION, *(ox.NamedNode(SKOS + match) for match in MATCHES)]
    yield from (ox.Triple(iri, _A, _ANNOTATION) for iri in sorted({*own, *bare}, key=str))
    yield from _declared(_SYNONYM_TYPES, _ANNOTATION, "synonym type property")
    yield from _declared(_HAS_SCOPE, _ANNOTATION, "has scope")
    for role in TYPES:
        yield from _declared(_type_iri(role), _ANNOTATION, role)
        yield ox.Triple(_type_iri(role), ox.NamedNode(RDFS + "subPropertyOf"), _SYNONYM_TYPES)
        yield ox.Triple(_type_iri(role), _HAS_SCOPE, _SYNONYMS[DEFAULT_SCOPES[role]])
    part_of = ox.NamedNode(PART_OF)
    yield from _declared(part_of, _OBJECT, "part of")
    yield ox.Triple(part_of, _A, ox.NamedNode(OWL + "TransitiveProperty"))
    yield ox.Triple(part_of, ox.NamedNode(OBO_IN_OWL + "shorthand"), ox.Literal("part_of"))
    yield ox.Triple(ox.NamedNode(OBO_IN_OWL + "shorthand"), _A, _ANNOTATION)
    for relation in view.properties.values():
        iri = ox.NamedNode(relation.iri)
        yield from _declared(iri, _OBJECT, relation.label)
        yield ox.Triple(iri, _COMMENT, ox.Literal(relation.comment, language="en"))
        yield ox.Triple(iri, _DEFINED_BY, ox.NamedNode(ONTOLOGY))


def _declared(iri: ox.NamedNode, kind: ox.NamedNode, label: str) -> Iterator[ox.Triple]:
    yield ox.Triple(iri, _A, kind)
    yield ox.Triple(iri, _LABEL, ox.Literal(label, language="en"))


def _type_iri(role: Role) -> ox.NamedNode:
    """Return the IRI of a synonym type; the properties of the same names are those of the ontology itself."""
    return ox.NamedNode(f"{NS}{role}Synonym")


def _class(term: ClassTerm) -> Iterator[ox.Triple]:
    """Yield the declaration and the annotations of a class."""
    iri = ox.NamedNode(term.iri)
    yield from _declared(iri, _CLASS, term.label)
    yield ox.Triple(iri, _DEFINED_BY, ox.NamedNode(ONTOLOGY))
    if term.definition:
        definition = ox.Literal(term.definition, language="en")
        yield ox.Triple(iri, _DEFINITION, definition)
        node = ox.BlankNode()
        yield from axiom(node, term.iri, _DEFINITION.value, definition)
        yield ox.Triple(node, _XREF, ox.Literal(ONTOLOGY))
    if term.comment:
        yield ox.Triple(iri, _COMMENT, ox.Literal(term.comment, language="en"))
    if term.notation:
        yield ox.Triple(iri, _NOTATION, ox.Literal(term.notation))
    for synonym in term.synonyms:
        yield from _synonym(term, synonym)
    yield from (ox.Triple(iri, _XREF, ox.Literal(target)) for target in term.xrefs)
    for predicate, target in term.mappings:
        yield ox.Triple(iri, ox.NamedNode(SKOS + predicate), ox.NamedNode(expand(target)))
    if term.deprecated:
        true = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
        yield ox.Triple(iri, ox.NamedNode(OWL + "deprecated"), true)
        yield from (ox.Triple(iri, _REPLACED_BY, ox.NamedNode(expand(target))) for target in term.replaced_by)
        yield from (ox.Triple(iri, _CONSIDER, ox.NamedNode(expand(target))) for target in term.consider)


def _synonym(term: ClassTerm, synonym: Synonym) -> Iterator[ox.Triple]:
    iri, text = ox.NamedNode(term.iri), ox.Literal(synonym.text, language=synonym.language)
    yield ox.Triple(iri, _SYNONYMS[synonym.scope], text)
    source = synonym.source
    if synonym.role in TYPES or source.xrefs or source.source:
        node = ox.BlankNode()
        yield from axiom(node, term.iri, _SYNONYMS[synonym.scope].value, text)
        if synonym.role in TYPES:
            yield ox.Triple(node, _SYNONYM_TYPE, _type_iri(synonym.role))
        if source.source:
            yield ox.Triple(node, _SOURCE, ox.Literal(source.source))
        yield from (ox.Triple(node, _XREF, ox.Literal(xref)) for xref in source.xrefs)


def _relations(term: ClassTerm) -> Iterator[ox.Triple]:
    """Yield the superclasses, and the relations as superclasses: every member has some such value."""
    iri = ox.NamedNode(term.iri)
    yield from (ox.Triple(iri, _SUBCLASS, ox.NamedNode(expand(parent))) for parent in term.parents)
    relations = [(PART_OF, whole) for whole in term.wholes]
    relations += [(expand(name), target) for name, target in term.relations]
    for name, target in relations:
        node = ox.BlankNode()
        yield ox.Triple(iri, _SUBCLASS, node)
        yield ox.Triple(node, _A, _RESTRICTION)
        yield ox.Triple(node, ox.NamedNode(OWL + "onProperty"), ox.NamedNode(name))
        yield ox.Triple(node, ox.NamedNode(OWL + "someValuesFrom"), ox.NamedNode(expand(target)))
