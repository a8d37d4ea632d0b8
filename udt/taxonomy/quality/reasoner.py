"""OWL reasoning with HermiT: consistency of the ontology, and classification of findings by its defined classes.

owlready2 includes HermiT but does not read Turtle, so it gets the triples as N-Triples, in memory, in a separate world.
`owl:imports` are left out and so never fetched. owlready2 and Java are optional; without them the status is
`unavailable`.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from udt.taxonomy.export.closure import closed_store
from udt.taxonomy.model.namespaces import OWL, RDF_TYPE, RDFS, compress
from udt.taxonomy.model.taxonomy import Taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Status = Literal["consistent", "inconsistent", "unavailable"]

_TYPE = ox.NamedNode(RDF_TYPE)
_CLASS = ox.NamedNode(OWL + "Class")
_INDIVIDUAL = ox.NamedNode(OWL + "NamedIndividual")
_ANNOTATION = ox.NamedNode(OWL + "AnnotationProperty")
_IMPORTS = ox.NamedNode(OWL + "imports")
_NOTHING = OWL + "Nothing"
_BELOW = {RDFS + "subClassOf", OWL + "equivalentClass"}
_ONTOLOGY = "https://w3id.org/udt/ontology"
_INSTALL = {
    "owlready2": "owlready2 is not installed; install it with: pip install 'udt-toolkit[owl]'",
    "java": "no Java was found; install a Java runtime (8 or later), or set owlready2.JAVA_EXE",
}


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The result of the reasoner.

    :ivar message: summary of the result, one line.
    :ivar types: CURIE of an individual to the CURIEs of all its classes, stated and inferred.
    :ivar inferred: (subclass, superclass) pairs of named classes that follow from the definitions and are not stated.
    :ivar unsatisfiable: classes that can have no member.
    :ivar punned: names that are used as a class and as an individual; owlready2 does not list those as individuals.
    """

    status: Status
    message: str
    types: dict[str, tuple[str, ...]]
    inferred: tuple[tuple[str, str], ...] = ()
    unsatisfiable: tuple[str, ...] = ()
    punned: tuple[str, ...] = ()


def reason(taxonomy: Taxonomy, data: Iterable[ox.Triple] = ()) -> Reasoning:
    """Check `taxonomy`, closed over its values, together with `data`, and classify.

    :param data: findings and records as RDF, e.g. read with `pyoxigraph.parse`.
    :returns: the result; its status is `unavailable` if owlready2 or Java is missing.
    """
    missing = _missing()
    if missing:
        return Reasoning("unavailable", f"HermiT was not run: {_INSTALL[missing]}", {})
    store = closed_store(taxonomy)
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in data)
    return _run_hermit(store, punned_names(store))


def punned_names(store: ox.Store) -> tuple[str, ...]:
    """Return the CURIEs that `store` uses as a class and as an individual, sorted."""
    classes = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, _CLASS)}
    individuals = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, _INDIVIDUAL)}
    return tuple(sorted(compress(node.value) for node in classes & individuals if isinstance(node, ox.NamedNode)))


def _missing() -> str | None:
    try:
        import owlready2
    except ImportError:
        return "owlready2"
    return None if shutil.which(owlready2.JAVA_EXE) else "java"


def _run_hermit(store: ox.Store, punned: tuple[str, ...]) -> Reasoning:
    import owlready2

    world = owlready2.World()
    try:
        world.get_ontology(f"{_ONTOLOGY}#").load(fileobj=BytesIO(_logical_triples(store)))
        owlready2.sync_reasoner_hermit(world, debug=0)
        inferred = BytesIO()
        world.save(inferred, format="ntriples")
    except owlready2.OwlReadyInconsistentOntologyError:
        return Reasoning("inconsistent", "HermiT: the ontology contradicts itself", {}, punned=punned)
    except owlready2.OwlReadyJavaError as error:
        return Reasoning(
            "unavailable", f"HermiT was not run: Java failed: {_first_line(str(error))}", {}, punned=punned
        )
    finally:
        world.close()
    return _result(inferred.getvalue(), _stated(store), punned)


def _stated(store: ox.Store) -> dict[str, set[str]]:
    """Return each named class with all its named superclasses that are stated, without reasoning."""
    parents: dict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDFS + "subClassOf"), None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            parents[quad.subject.value].add(quad.object.value)
    return {name: _closure(name, parents) for name in list(parents)}


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[1] if len(lines) > 1 else "".join(lines)


def _logical_triples(store: ox.Store) -> bytes:
    """Write the triples without annotations and imports: HermiT ignores annotations, and most triples are labels."""
    annotations = {quad.subject for quad in store.quads_for_pattern(None, _TYPE, _ANNOTATION)}
    annotations |= {ox.NamedNode(RDFS + name) for name in ("label", "comment", "seeAlso", "isDefinedBy")}
    triples = [
        quad.triple
        for quad in store
        if quad.predicate not in annotations and quad.predicate != _IMPORTS and quad.object != _ANNOTATION
    ]
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _result(inferred: bytes, stated: Mapping[str, set[str]], punned: tuple[str, ...]) -> Reasoning:
    parents: dict[str, set[str]] = defaultdict(set)
    direct: dict[str, set[str]] = defaultdict(set)
    for quad in ox.parse(inferred, format=ox.RdfFormat.N_TRIPLES):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            if quad.predicate == _TYPE:
                direct[quad.subject.value].add(quad.object.value)
            elif quad.predicate.value in _BELOW or quad.object.value == _NOTHING:
                parents[quad.subject.value].add(quad.object.value)
    above = {name: _closure(name, parents) for name in parents}
    unsatisfiable = tuple(sorted(compress(name) for name, found in above.items() if _NOTHING in found))
    new = {
        (compress(name), compress(parent))
        for name, found in above.items()
        for parent in found - stated.get(name, set())
        if not parent.startswith(OWL)
    }
    return Reasoning(
        status="consistent",
        message=_message(len(new), unsatisfiable, punned),
        types={compress(name): _types(classes, above) for name, classes in sorted(direct.items())},
        inferred=tuple(sorted(new)),
        unsatisfiable=unsatisfiable,
        punned=punned,
    )


def _message(inferred: int, unsatisfiable: Iterable[str], punned: Iterable[str]) -> str:
    parts = [f"HermiT: the ontology is consistent, {inferred} subclass relations follow from the definitions"]
    if empty := ", ".join(unsatisfiable):
        parts.append(f"these classes can have no member: {empty}")
    if both := ", ".join(punned):
        parts.append(f"these names stand for a class and an individual: {both}")
    return "; ".join(parts)


def _closure(name: str, parents: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = [name]
    while pending:
        new = parents.get(pending.pop(), set()) - found
        found |= new
        pending += new
    return found - {name}


def _types(classes: Iterable[str], above: Mapping[str, set[str]]) -> tuple[str, ...]:
    every = {name for direct in classes for name in (direct, *above.get(direct, ()))}
    return tuple(sorted(compress(name) for name in every if not name.startswith(OWL)))
