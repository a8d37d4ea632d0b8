"""The defined classes of the ontology as rules that classify individuals by their stated properties.

A definition (`owl:equivalentClass`) is read from the ontology and compiled to a test of stated triples, so that a
corpus of any size is classified without a reasoner. The rules infer classes from properties, not the reverse. They
support intersections, unions, `owl:hasValue`, `owl:someValuesFrom`, `owl:oneOf` and named classes; for those they give
the same classes as HermiT. Definitions that depend on the absence of a statement (`owl:complementOf`,
`owl:allValuesFrom`, cardinalities) are refused.

Where all that is stated is all that there is, `ns:closedWorldExcept` restricts a class further: a simple cyst is no
complex one. HermiT, which reasons under the open-world assumption, does not see these restrictions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import NS, OWL, RDF, RDF_TYPE, RDFS, compress
from udt.taxonomy.model.taxonomy import Taxonomy

_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
_EQUIVALENT = ox.NamedNode(OWL + "equivalentClass")
_TYPE = ox.NamedNode(RDF_TYPE)
_READ = "owl:intersectionOf, owl:unionOf, owl:hasValue, owl:someValuesFrom, owl:oneOf and named classes"

Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True, slots=True)
class Thing:
    """The stated classes and properties of one individual.

    :ivar iri: its IRI; empty if it has none.
    :ivar types: IRIs of its classes.
    :ivar values: IRI of a property to the IRIs of its values.
    """

    iri: str = ""
    types: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)


Look = Callable[[str], Thing]
Test = Callable[[Thing, Look], bool]


class Rules:
    """The compiled definitions of one taxonomy.

    >>> from udt.taxonomy.model.namespaces import NS
    >>> rules = Rules(Taxonomy.load())
    >>> udaf, finding = "https://w3id.org/udt/udaf/", frozenset({NS + "Finding"})
    >>> signs = {"diagnosis": "diagnosis.cyst", "internalCharacteristics": "internal.septations"}
    >>> cyst = Thing("", finding, {NS + name: frozenset({udaf + value}) for name, value in signs.items()})
    >>> [compress(name) for name in sorted(rules.classes_of(cyst))]
    ['ns:ComplexCyst', 'ns:Finding', 'ns:Labelled', 'ns:SeptatedCyst']
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        """Read the definitions of `taxonomy`, extensions included.

        :raises TaxonomyError: if a definition cannot be compiled; it lists all of them.
        """
        self._store = taxonomy.store()
        self._parents = _pairs(self._store, _SUBCLASS)
        self._things: dict[str, Thing] = {}
        compiler = _DefinitionCompiler(self._store)
        self._definitions = tuple(compiler.definitions())
        self._exceptions = _pairs(self._store, ox.NamedNode(NS + "closedWorldExcept"))
        if compiler.faults:
            raise TaxonomyError(compiler.faults)

    @property
    def defined(self) -> tuple[str, ...]:
        """IRIs of the classes that have a definition, sorted."""
        return tuple(sorted({name for name, _ in self._definitions}))

    def classes_of(self, thing: Thing, *, closed_world: bool = False) -> frozenset[str]:
        """Return the IRIs of all classes of `thing`, including the stated ones and all superclasses.

        :param closed_world: whether its statements are all that there is, so that the exceptions of classes hold.
        """
        found = self._inferred(thing, frozenset())
        excepted = {name for name, others in self._exceptions.items() if name in found and not found.isdisjoint(others)}
        if not closed_world or not excepted:
            return found
        below = {name for name in found if not self._closed([name]).isdisjoint(excepted)}
        return self._inferred(thing, frozenset(below))

    def _inferred(self, thing: Thing, excepted: frozenset[str]) -> frozenset[str]:
        """Return the classes of `thing` without `excepted` and what follows from these."""
        found = self._closed(thing.types)
        while True:
            seen = Thing(thing.iri, found, thing.values)
            fitting = [name for name, test in self._definitions if name not in excepted and test(seen, self._look)]
            more = found | self._closed(fitting)
            if more == found:
                return found
            found = more

    def _look(self, iri: str) -> Thing:
        """Return the properties of a value in the ontology, with its stated classes and their superclasses."""
        if iri not in self._things:
            values: dict[str, set[str]] = defaultdict(set)
            for quad in self._store.quads_for_pattern(ox.NamedNode(iri), None, None):
                if isinstance(quad.object, ox.NamedNode):
                    values[quad.predicate.value].add(quad.object.value)
            types = self._closed(values.pop(RDF_TYPE, set()))
            self._things[iri] = Thing(iri, types, {name: frozenset(found) for name, found in values.items()})
        return self._things[iri]

    def _closed(self, classes: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        pending = list(classes)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += self._parents.get(name, ())
        return frozenset(found)


def _pairs(store: ox.Store, path: ox.NamedNode) -> dict[str, set[str]]:
    """Return the named subjects of a property with their named objects."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, path, None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            found[quad.subject.value].add(quad.object.value)
    return found


class _DefinitionCompiler:
    """Compiles class expressions in RDF to tests, and collects a fault for each that it cannot compile."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self.faults: list[str] = []

    def definitions(self) -> Iterator[tuple[str, Test]]:
        """Yield the IRI of the class and the test of its members for every definition, in a fixed order of classes."""
        stated = list(self._store.quads_for_pattern(None, _EQUIVALENT, None))
        named = {(q.subject.value, q.object) for q in stated if isinstance(q.subject, ox.NamedNode)}
        for name, expression in sorted(named, key=str):
            yield name, self._test(expression, name)
            if isinstance(expression, ox.NamedNode):
                yield expression.value, _is(name)

    def _test(self, node: object, name: str) -> Test:
        """Compile an expression in the definition of the class `name`."""
        if isinstance(node, ox.NamedNode):
            return _is(node.value)
        terms = self._owl_terms(node) if isinstance(node, ox.BlankNode) else {}
        if parts := terms.get("intersectionOf"):
            return _every([self._test(part, name) for part in self._list(parts, name)])
        if parts := terms.get("unionOf"):
            return _some([self._test(part, name) for part in self._list(parts, name)])
        if members := terms.get("oneOf"):
            return _one_of(frozenset(m.value for m in self._list(members, name) if isinstance(m, ox.NamedNode)))
        return self._restriction(terms, name)

    def _restriction(self, terms: Mapping[str, object], name: str) -> Test:
        path, value, filler = (terms.get(key) for key in ("onProperty", "hasValue", "someValuesFrom"))
        if isinstance(path, ox.NamedNode) and isinstance(value, ox.NamedNode):
            return _has(path.value, value.value)
        if isinstance(path, ox.NamedNode) and filler is not None:
            return _reaches(path.value, self._test(filler, name))
        got = " ".join(f"owl:{key}" for key in sorted(terms)) or "something without OWL terms"
        self.faults.append(
            f"{compress(name)}: its definition uses {got}, from which no rule can be made; allowed are {_READ}: "
            "define the class by signs that are stated, or state it with rdfs:subClassOf"
        )
        return _some([])

    def _owl_terms(self, node: ox.BlankNode) -> dict[str, object]:
        """Return the local name of each OWL property of `node` with its object."""
        quads = self._store.quads_for_pattern(node, None, None)
        return {q.predicate.value.removeprefix(OWL): q.object for q in quads if q.predicate.value.startswith(OWL)}

    def _list(self, node: object, name: str) -> Iterator[object]:
        while isinstance(node, ox.BlankNode):
            cell = {q.predicate.value: q.object for q in self._store.quads_for_pattern(node, None, None)}
            first, node = cell.get(RDF + "first"), cell.get(RDF + "rest")
            if first is None or node is None:
                self.faults.append(f"{compress(name)}: its definition holds a broken list; write it as ( a b c )")
            else:
                yield first


def _is(name: str) -> Test:
    return lambda thing, look: name in thing.types


def _every(tests: list[Test]) -> Test:
    return lambda thing, look: all(test(thing, look) for test in tests)


def _some(tests: list[Test]) -> Test:
    return lambda thing, look: any(test(thing, look) for test in tests)


def _one_of(members: frozenset[str]) -> Test:
    return lambda thing, look: thing.iri in members


def _has(path: str, value: str) -> Test:
    return lambda thing, look: value in thing.values.get(path, ())


def _reaches(path: str, test: Test) -> Test:
    return lambda thing, look: any(test(look(value), look) for value in thing.values.get(path, ()))
