"""The loaded taxonomy: concepts by name, dimensions in order, parents and children."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

import pyoxigraph as ox

from udt.core.errors import TaxonomyError, UnknownConceptError
from udt.core.texts import brief
from udt.core.vocabulary import DimensionLabels, DimensionRole, Vocabulary
from udt.taxonomy.model.amendments import Change
from udt.taxonomy.model.concept import Concept, Dimension
from udt.taxonomy.model.dimension_faults import DeclaredTerms, faults_of_dimensions, label_property
from udt.taxonomy.model.faults import faults_in, replacement_hint
from udt.taxonomy.model.implications import Implication, implications
from udt.taxonomy.model.loading import concepts_of
from udt.taxonomy.model.namespaces import NS, ONTOLOGY, OWL, RDF_TYPE, RDFS
from udt.taxonomy.model.reading import kinds_apart, reading_of
from udt.taxonomy.model.source import CoreState, TurtleSource, core_state, read, sources_digest, versioned_iri

_OWL_CLASS = ox.NamedNode(OWL + "Class")
_SUBCLASS = RDFS + "subClassOf"
_VERSION = OWL + "versionInfo"


class Taxonomy:
    """UHAT, UDAF, the finding terms and the cues, with extensions.

    :ivar concepts: CURIE to concept, in the order of the CURIEs, without deprecated ones.
    :ivar deprecated: CURIE to deprecated concept; they take no part in reading, and only look-up and exports know them.

    >>> taxonomy = Taxonomy.load()
    >>> [d.key for d in taxonomy.dimensions][:3]
    ['body_system', 'organ', 'diagnosis']
    >>> taxonomy["hypoechoic"].curie
    'udaf:echogenicity.hypoechoic'
    """

    def __init__(self, source: TurtleSource) -> None:
        """Build the taxonomy from triples.

        :raises TaxonomyError: if there is a fault; it contains all of them.
        """
        self._source = source
        concepts = concepts_of(source)
        kinds = schema_kinds(source)
        of_dimensions = faults_of_dimensions(concepts, kinds, DeclaredTerms.of(source.triples), source.prefixes)
        faults = [*source.faults, *faults_in(concepts, kinds), *of_dimensions]
        if faults:
            raise TaxonomyError(faults)
        self.concepts: Mapping[str, Concept] = {c.curie: c for c in concepts if not c.deprecated}
        self.deprecated: Mapping[str, Concept] = {c.curie: c for c in concepts if c.deprecated}
        self._ancestors_of: dict[str, tuple[Concept, ...]] = {}

    @classmethod
    def load(cls, *extensions: str | Path) -> Taxonomy:
        """Load the built-in taxonomy and extend it by Turtle files.

        A process reads the same files once, and again only after one was changed.

        :raises TaxonomyError: if a file is faulty; it contains all faults of all files.
        """
        paths = tuple(Path(extension) for extension in extensions)
        if not paths:
            return _built_in(core_state())
        digest = sources_digest(paths)
        return _extended(digest, paths) if digest else cls(read(paths))

    def __getitem__(self, name: str) -> Concept:
        """Return the concept called `name`: a CURIE, an IRI, a notation or an English preferred label.

        :raises UnknownConceptError: if there is none; the message gives the closest names.
        """
        found = self.named(name)
        if found is None:
            if old := self.deprecated.get(name):
                raise UnknownConceptError(name, f"{old.curie} is deprecated{replacement_hint(old)}")
            close = get_close_matches(name.casefold(), self._by_name, n=3, cutoff=0.6)
            hint = f"; did you mean {', '.join(repr(self._by_name[c].label) for c in close)}?" if close else ""
            raise UnknownConceptError(name, f"no concept is called '{name}'{hint}")
        return found

    def named(self, name: str) -> Concept | None:
        """Return the concept with this CURIE, IRI, notation or English preferred label, or None."""
        return self._by_name.get(name) or self._by_name.get(name.casefold())

    def __iter__(self) -> Iterator[Concept]:
        """Iterate over all concepts in the order of their CURIEs."""
        return iter(self.concepts.values())

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self.concepts)

    @cached_property
    def all_concepts(self) -> tuple[Concept, ...]:
        """All concepts, deprecated ones included, in the order of their CURIEs."""
        return tuple(sorted((*self, *self.deprecated.values()), key=lambda c: c.curie))

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Concept]]:
        found: dict[str, list[Concept]] = defaultdict(list)
        for concept in self:
            found[concept.kind].append(concept)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, Concept]:
        """Concepts by name; identifiers take precedence over labels, and values and organs over other concepts.

        Values that are read as attributes come last, since they may share labels with any other concept.
        """
        names: dict[str, Concept] = {}
        for concept in sorted(self, key=self._precedence):
            names[concept.label.casefold()] = concept
        for concept in self:
            names.update({concept.iri: concept, concept.curie: concept})
            if concept.notation:
                names[concept.notation] = names[concept.notation.casefold()] = concept
        return names

    def _precedence(self, concept: Concept) -> int:
        """Return the rank of a concept among those of one label: 0 yields to all others."""
        if self.is_apart(concept):
            return 0
        return 2 if concept.kind in {"Organ", "BodySystem"} or concept.kind.endswith("Value") else 1

    @cached_property
    def _kinds_apart(self) -> frozenset[str]:
        return kinds_apart(self)

    def is_apart(self, concept: Concept) -> bool:
        """Return whether `concept` is matched apart from labels and cues, so that others may have its labels too."""
        return concept.kind in self._kinds_apart

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """All dimensions: the classification tasks by number, then the others by `ns:order` and key."""
        found = [self._dimension(concept) for concept in self._by_kind.get("Dimension", ())]
        return tuple(sorted(found, key=lambda d: (d.task or float("inf"), d.concept.order or float("inf"), d.key)))

    @cached_property
    def tasks(self) -> tuple[Dimension, ...]:
        """The dimensions with a classification task, in task order: the nine of the paper, and those of extensions."""
        return tuple(dimension for dimension in self.dimensions if dimension.task is not None)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The labels of all classification tasks as plain data, extensions included."""
        return self._vocabulary_of(self.tasks)

    @cached_property
    def full_vocabulary(self) -> Vocabulary:
        """The labels of all dimensions as plain data; the classification tasks come first."""
        return self._vocabulary_of(self.dimensions)

    def _vocabulary_of(self, dimensions: Sequence[Dimension]) -> Vocabulary:
        found = [
            DimensionLabels(
                key=d.key,
                task=d.task,
                role=d.role,
                profiles=tuple(map(profile_name, d.profiles)),
                us365k_field=d.us365k_field,
                labels=d.labels,
                iris=tuple(value.iri for value in d.values),
                prompts=tuple(d.prompt(value) for value in d.values),
                parents=self._parents(d, dimensions),
            )
            for d in dimensions
        ]
        return Vocabulary(tuple(found), self.version, self.digest)

    def enclosing(self, dimension: Dimension) -> Dimension | None:
        """Return the dimension of the places that those of `dimension` are in, as organs in body systems, or None."""
        return _enclosing(dimension, self.dimensions)

    @staticmethod
    def _parents(dimension: Dimension, dimensions: Sequence[Dimension]) -> tuple[int, ...]:
        """Return the label ids of the values' parents, if these are the values of another dimension of places."""
        outer = _enclosing(dimension, dimensions)
        if outer is None:
            return ()
        ids = {value.curie: i for i, value in enumerate(outer.values)}
        return tuple(ids[value.broader[0]] for value in dimension.values)

    def _dimension(self, concept: Concept) -> Dimension:
        values = self._by_kind.get((concept.one("valueClass") or "").removeprefix("ns:"), ())
        return Dimension(
            key=concept.one("key") or "",
            role=dimension_role(concept),
            task=concept.number("task"),
            profiles=tuple(profile.removeprefix("ns:") for profile in concept.all("inProfile")),
            us365k_field=concept.one("us365kField") or "",
            label_property=label_property(concept, self._source.prefixes),
            concept=concept,
            values=tuple(sorted(values, key=self._sort_key)),
            reading=reading_of(concept, self.concepts),
        )

    def _sort_key(self, value: Concept) -> tuple[int, float, str]:
        system = self.concepts.get(value.broader[0]) if value.kind == "Organ" else None
        return (system.order if system else 0, value.order or float("inf"), value.label)

    def dimension(self, key: str) -> Dimension:
        """Return the dimension with this key.

        :raises UnknownConceptError: if there is none.
        """
        for dimension in self.dimensions:
            if dimension.key == key:
                return dimension
        allowed = ", ".join(d.key for d in self.dimensions)
        raise UnknownConceptError(key, f"no dimension is called '{brief(key)}'; allowed: {allowed}")

    @cached_property
    def _children(self) -> Mapping[str, tuple[Concept, ...]]:
        found: dict[str, list[Concept]] = defaultdict(list)
        for concept in self:
            for parent in concept.broader:
                found[parent].append(concept)
        return {k: tuple(sorted(v, key=lambda c: (c.order or float("inf"), c.label))) for k, v in found.items()}

    def children(self, curie: str) -> tuple[Concept, ...]:
        """Return the concepts directly below `curie`, in order."""
        return self._children.get(curie, ())

    def ancestors(self, curie: str) -> Iterator[Concept]:
        """Yield the ancestors of `curie`, nearest first, along the first parent of each."""
        concept = self.concepts.get(curie)
        while concept and concept.broader and (concept := self.concepts.get(concept.broader[0])):
            yield concept

    def all_ancestors(self, curie: str) -> tuple[Concept, ...]:
        """Return the ancestors of `curie` along all parents, each once, those of fewer steps first."""
        if curie not in self._ancestors_of:
            self._ancestors_of[curie] = tuple(self._all_ancestors(curie))
        return self._ancestors_of[curie]

    def _all_ancestors(self, curie: str) -> list[Concept]:
        found: dict[str, None] = {}
        level = [curie]
        while level:
            parents = [parent for name in level for parent in self.concepts[name].broader if parent in self.concepts]
            level = [parent for parent in dict.fromkeys(parents) if parent not in found]
            found.update(dict.fromkeys(level))
        return [self.concepts[name] for name in found]

    @cached_property
    def _implications(self) -> Mapping[str, Implication]:
        return implications(self.concepts)

    def implied(self, curie: str) -> Implication:
        """Return the labels that a mention of the concept `curie` implies, also those that a finding inherits."""
        return self._implications.get(curie, Implication())

    @property
    def version(self) -> str:
        """`owl:versionInfo` of the ontology."""
        ontology = ox.NamedNode(ONTOLOGY)
        stated = (t.object for t in self._source.triples if t.predicate.value == _VERSION and t.subject == ontology)
        return next(version.value for version in stated if isinstance(version, ox.Literal))

    @property
    def version_iri(self) -> str:
        """IRI of what is loaded: the version and the first 16 digits of the digest; it is another with an extension.

        >>> Taxonomy.load().version_iri.startswith("https://w3id.org/udt/")
        True
        """
        return versioned_iri(self.version, self.digest)

    @property
    def digest(self) -> str:
        """SHA-256 over the files of the taxonomy, extensions included; hexadecimal."""
        return self._source.digest

    @property
    def changes(self) -> Sequence[Change]:
        """The statements that extensions override, retract or deprecate, in the order of the extensions."""
        return self._source.changes

    @property
    def triples(self) -> Sequence[ox.Triple]:
        """All triples of the built-in files, then those of the extensions in their order."""
        return self._source.triples

    def store(self, *, deprecated: bool = True) -> ox.Store:
        """Load all triples into an Oxigraph store in memory, for SPARQL.

        :param deprecated: whether to load the statements about deprecated concepts.
        """
        left_out = set() if deprecated else {ox.NamedNode(concept.iri) for concept in self.deprecated.values()}
        store = ox.Store()
        triples = (t for t in self._source.triples if t.subject not in left_out)
        store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        return store


def _enclosing(dimension: Dimension, dimensions: Sequence[Dimension]) -> Dimension | None:
    """Return the first other dimension whose values are the parents of all places of `dimension`, or None."""
    if dimension.role == "place" and dimension.values:
        for other in dimensions:
            names = {value.curie for value in other.values}
            if other is not dimension and all(v.broader and v.broader[0] in names for v in dimension.values):
                return other
    return None


_ROLES: Mapping[str | None, DimensionRole] = {
    "ns:PlaceRole": "place",
    "ns:DiagnosisRole": "diagnosis",
    "ns:AttributeRole": "attribute",
    None: "attribute",
}


def profile_name(profile: str) -> str:
    """Return the name of a profile in settings: `paper` for `PaperProfile`.

    >>> profile_name("PaperProfile"), profile_name("VeinScanProfile")
    ('paper', 'vein-scan')
    """
    local = re.split(r"[:/#]", profile)[-1]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local.removesuffix("Profile") or local).lower()


def dimension_role(concept: Concept) -> DimensionRole:
    """Return the role of a dimension; without an `ns:role` its values are attributes."""
    return _ROLES[concept.one("role")]


@lru_cache(maxsize=1)
def _extended(digest: str, extensions: tuple[Path, ...]) -> Taxonomy:
    """Load the taxonomy with extensions, once for the contents of all files."""
    return Taxonomy(read(extensions))


@lru_cache(maxsize=1)
def _built_in(state: CoreState) -> Taxonomy:
    """Load the taxonomy without extensions, once for a state of its files."""
    return Taxonomy(read())


def schema_kinds(source: TurtleSource) -> dict[str, str]:
    """Return the local name of every class of the schema with that of its parent class in `ns:` (or "")."""
    classes = (t.subject for t in source.triples if t.predicate.value == RDF_TYPE and t.object == _OWL_CLASS)
    iris = {node.value for node in classes if isinstance(node, ox.NamedNode)}
    kinds = {iri.removeprefix(NS): "" for iri in iris if iri.startswith(NS)}
    for triple in source.triples:
        name = getattr(triple.subject, "value", "").removeprefix(NS)
        parent = getattr(triple.object, "value", "")
        if name in kinds and triple.predicate.value == _SUBCLASS and parent.startswith(NS):
            kinds[name] = parent.removeprefix(NS)
    return kinds
