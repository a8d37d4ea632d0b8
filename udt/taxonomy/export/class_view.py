"""The class view: concepts as classes, for ontology editors and OBO tools.

| in the ontology | in the class view |
| --- | --- |
| class of an anatomical concept | `is_a`: the liver is an organ |
| `skos:broader` of anatomy | `part_of`: the liver is part of the abdomen |
| `skos:broader` of values and findings | `is_a`: *round* is a shape, a carcinoma is a neoplasm |
| finding without a parent, defined class | `is_a` finding |
| `ns:impliesValue`, `ns:impliesOrgan` | relations `ns:impliedValue`, `ns:impliedOrgan` |
| `owl:equivalentClass` of a defined class | logical definition, each value as a class |

Cues and words are left out. OBO, OBO Graphs and OWL are written from it, so they have the same classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from udt.taxonomy.export.label_sources import LabelSource, Scope, label_sources
from udt.taxonomy.model.concept import Concept, Label, Role
from udt.taxonomy.model.document import part_of
from udt.taxonomy.model.namespaces import OBO, ONTOLOGY, OWL, RDF, RDF_TYPE, compress
from udt.taxonomy.model.schema_terms import SchemaTerm, schema_terms
from udt.taxonomy.model.source import versioned_iri
from udt.taxonomy.model.taxonomy import Taxonomy

CLASSES = ONTOLOGY.rpartition("/")[0] + "/classes"
"""IRI of the class view."""
PART_OF = OBO + "BFO_0000050"
FINDING = "ns:Finding"
ROOTS = ("ns:Anatomy", "ns:Dimension", FINDING)
RELATIONS: Mapping[str, str] = {"impliesValue": "ns:impliedValue", "impliesOrgan": "ns:impliedOrgan"}
"""Property of a concept to the relation of its class."""

DEFAULT_SCOPES: Mapping[Role, Scope] = {
    "pref": "EXACT",
    "alt": "EXACT",
    "abbreviation": "EXACT",
    "adjective": "RELATED",
    "hidden": "RELATED",
}
"""Scope of a label by its property, unless its source gives another."""
_KINDS = {"anatomy", "dimensions", "findings"}
_NO_CLASS = {"SuffixRule"}


@dataclass(frozen=True, slots=True)
class Synonym:
    """A name of a class beside its label.

    :ivar role: property of the name: `pref` for a preferred label of another language.
    """

    text: str
    language: str
    scope: Scope
    role: Role
    source: LabelSource


@dataclass(frozen=True, slots=True)
class ClassTerm:
    """A class of the view.

    :ivar label: English name; of a deprecated class, with `obsolete` before it.
    :ivar parents: CURIEs of the superclasses.
    :ivar wholes: CURIEs of the classes that it is part of.
    :ivar relations: (relation, CURIE of the target) pairs.
    :ivar genus: for a logical definition, the CURIEs of the classes that it intersects; else empty.
    :ivar signs: for a logical definition, the (property, CURIE of the value) pairs; else empty.
    """

    curie: str
    iri: str
    label: str
    parents: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()
    definition: str = ""
    comment: str = ""
    synonyms: tuple[Synonym, ...] = ()
    mappings: tuple[tuple[str, str], ...] = ()
    notation: str = ""
    genus: tuple[str, ...] = ()
    signs: tuple[tuple[str, str], ...] = ()
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()
    consider: tuple[str, ...] = ()

    @property
    def xrefs(self) -> tuple[str, ...]:
        """CURIEs of the terms of other vocabularies with the same or nearly the same meaning, sorted."""
        return tuple(
            sorted({target for predicate, target in self.mappings if predicate in {"exactMatch", "closeMatch"}})
        )


class ClassView:
    """The classes of a taxonomy, with the properties that relate them.

    :ivar taxonomy: the taxonomy that it is made of.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self._schema = schema_terms(taxonomy)
        self._sources = label_sources(taxonomy)

    @property
    def version_iri(self) -> str:
        """Version IRI of the class view of what is loaded."""
        return versioned_iri(self.taxonomy.version, self.taxonomy.digest, "classes")

    @cached_property
    def terms(self) -> Mapping[str, ClassTerm]:
        """The classes by CURIE, sorted."""
        concepts = [c for c in self.taxonomy.all_concepts if c.label and _is_class(c)]
        known = {concept.curie for concept in concepts}
        kinds = [term for term in self._schema.values() if self._belongs(term, concepts)]
        found = [self._kind(term) for term in kinds] + [self._term(concept, known) for concept in concepts]
        return {term.curie: term for term in sorted(found, key=lambda term: term.curie)}

    @cached_property
    def properties(self) -> Mapping[str, SchemaTerm]:
        """The object properties that relate the classes, by CURIE, `part_of` excepted."""
        used = {name for term in self.terms.values() for name, _ in (*term.relations, *term.signs)}
        used |= set(RELATIONS.values()) | self._defining
        return {curie: self._schema[curie] for curie in sorted(used) if curie in self._schema}

    @cached_property
    def metadata(self) -> list[ox.Triple]:
        """The Dublin Core and similar statements about the ontology."""
        skipped = {RDF_TYPE, OWL + "versionIRI", OWL + "priorVersion", OWL + "imports"}
        ontology = ox.NamedNode(ONTOLOGY)
        return [t for t in self.taxonomy.triples if t.subject == ontology and t.predicate.value not in skipped]

    def definitions(self) -> Iterator[tuple[str, ox.Triple]]:
        """Yield the CURIE of each defined class with the triple of its definition."""
        for triple in self.taxonomy.triples:
            if triple.predicate.value == OWL + "equivalentClass" and isinstance(triple.subject, ox.NamedNode):
                curie = compress(triple.subject.value)
                if curie in self.terms and isinstance(triple.object, ox.BlankNode) and self._schema[curie].defined:
                    yield curie, triple

    def expression(self, node: ox.BlankNode) -> Iterator[ox.Triple]:
        """Yield the triples of a class expression, with `owl:someValuesFrom` for `owl:hasValue`."""
        for triple in self._nodes.get(node, ()):
            predicate = triple.predicate
            if predicate.value == OWL + "hasValue":
                predicate = ox.NamedNode(OWL + "someValuesFrom")
            yield ox.Triple(node, predicate, triple.object)
            if isinstance(triple.object, ox.BlankNode):
                yield from self.expression(triple.object)

    @cached_property
    def _nodes(self) -> Mapping[ox.BlankNode, list[ox.Triple]]:
        found: dict[ox.BlankNode, list[ox.Triple]] = {}
        for triple in self.taxonomy.triples:
            if isinstance(triple.subject, ox.BlankNode):
                found.setdefault(triple.subject, []).append(triple)
        return found

    @cached_property
    def _defining(self) -> set[str]:
        """CURIEs of the properties in all definitions."""
        triples = (t for _, stated in self.definitions() for t in self.expression(_blank(stated.object)))
        paths = (t.object for t in triples if t.predicate.value == OWL + "onProperty")
        return {compress(path.value) for path in paths if isinstance(path, ox.NamedNode)}

    def _belongs(self, term: SchemaTerm, concepts: list[Concept]) -> bool:
        """Return whether a class of the schema is a root, a defined finding, or the class of anatomical concepts."""
        if term.kind != "class":
            return False
        used = {f"ns:{concept.kind}" for concept in concepts if part_of(concept) == "anatomy"}
        return term.curie in ROOTS or term.curie in used or (term.defined and FINDING in term.parents)

    def _kind(self, term: SchemaTerm) -> ClassTerm:
        genus, signs = self._logical(term) if term.defined else ((), ())
        parents = () if term.curie in ROOTS else term.parents
        return ClassTerm(term.curie, term.iri, term.label, parents, definition=term.comment, genus=genus, signs=signs)

    def _logical(self, term: SchemaTerm) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Return genus and signs of a definition that is an intersection of named classes and values; else nothing."""
        stated = [
            t.object for t in self.taxonomy.triples if _defines(t, term.iri) and isinstance(t.object, ox.BlankNode)
        ]
        genus: list[str] = []
        signs: list[tuple[str, str]] = []
        for part in self._members(stated[0]) if len(stated) == 1 else ():
            facts = {t.predicate.value.removeprefix(OWL): t.object for t in self._nodes.get(_blank(part), ())}
            path, value = facts.get("onProperty"), facts.get("hasValue")
            if isinstance(part, ox.NamedNode):
                genus.append(compress(part.value))
            elif isinstance(path, ox.NamedNode) and isinstance(value, ox.NamedNode):
                signs.append((compress(path.value), compress(value.value)))
            else:
                return (), ()
        return tuple(sorted(genus)), tuple(sorted(signs))

    def _members(self, expression: ox.BlankNode) -> Iterator[object]:
        heads = [t.object for t in self._nodes.get(expression, ()) if t.predicate.value == OWL + "intersectionOf"]
        node: object = heads[0] if heads else None
        while isinstance(node, ox.BlankNode):
            cell = {t.predicate.value: t.object for t in self._nodes.get(node, ())}
            yield cell[RDF + "first"]
            node = cell[RDF + "rest"]

    def _term(self, concept: Concept, known: set[str]) -> ClassTerm:
        part = part_of(concept)
        above = tuple(parent for parent in concept.broader if parent in known)
        kind = f"ns:{concept.kind}"
        parents = {
            "anatomy": (kind,),
            "dimensions": above or ("ns:Dimension",),
            "findings": above or (FINDING,),
        }[part]
        relations = [(RELATIONS[name], target) for name in RELATIONS for target in concept.all(name) if target in known]
        active = not concept.deprecated
        return ClassTerm(
            curie=concept.curie,
            iri=concept.iri,
            label=concept.label if active else f"obsolete {concept.label}",
            parents=parents if active else (),
            wholes=above if active and part == "anatomy" else (),
            relations=tuple(relations) if active else (),
            definition=concept.definition or "",
            comment=concept.scope_note or "",
            synonyms=tuple(self._synonyms(concept)),
            mappings=concept.mappings,
            notation=concept.notation or "",
            deprecated=concept.deprecated,
            replaced_by=concept.replaced_by,
            consider=concept.all("consider"),
        )

    def _synonyms(self, concept: Concept) -> Iterator[Synonym]:
        for label in concept.labels:
            if (label.role, label.language) != ("pref", "en"):
                source = self._sources.get(_key(concept, label), LabelSource())
                yield Synonym(
                    label.text, label.language, source.scope or DEFAULT_SCOPES[label.role], label.role, source
                )


def _is_class(concept: Concept) -> bool:
    return part_of(concept) in _KINDS and concept.kind not in _NO_CLASS


def _defines(triple: ox.Triple, iri: str) -> bool:
    return triple.predicate.value == OWL + "equivalentClass" and getattr(triple.subject, "value", "") == iri


def _blank(term: object) -> ox.BlankNode:
    return term if isinstance(term, ox.BlankNode) else ox.BlankNode()


def _key(concept: Concept, label: Label) -> tuple[str, str, str]:
    return (concept.curie, label.language, label.text)


def metadata_texts(view: ClassView) -> Iterator[tuple[str, str]]:
    """Yield the IRI of each property of the ontology's metadata with its value as text, sorted."""
    found = {
        (t.predicate.value, t.object.value) for t in view.metadata if isinstance(t.object, ox.Literal | ox.NamedNode)
    }
    yield from sorted(found)
