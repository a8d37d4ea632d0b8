"""The taxonomy, a user's extensions included, as data to query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from udt.query.answers import Answer, evaluate
from udt.query.engines.isolated import call
from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.source import core_files
from udt.taxonomy.model.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class TaxonomyData:
    """The built-in ontology and `extensions`, Turtle files of the user."""

    extensions: tuple[Path, ...] = ()

    has_records = False

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate a query that only reads, in a process that is killed after `timeout` seconds.

        :raises QueryError: where the query is malformed, fails or takes too long.
        :raises TaxonomyError: where an extension is faulty.
        """
        return call(timeout, _answer, query, self.extensions)


def _answer(query: str, extensions: tuple[Path, ...]) -> Answer:
    if extensions:
        Taxonomy.load(*extensions)  # raises with every fault; the built-in files are known to have none
    store, prefixes = load_store(extensions)
    return evaluate(store, query, prefixes)


def load_store(extensions: Iterable[Path] = ()) -> tuple[ox.Store, dict[str, str]]:
    """The built-in ontology and `extensions` in a store, filled in the same order every time, and their prefixes."""
    declared: dict[str, str] = {}
    store = ox.Store()
    store.bulk_extend(_quads([*core_files(), *extensions], declared))
    return store, {**declared, **PREFIXES}


def _quads(paths: Iterable[Path], prefixes: dict[str, str]) -> Iterator[ox.Quad]:
    """What the files say, in order; adds their prefixes to `prefixes`."""
    names: dict[str, ox.BlankNode] = {}
    for path in paths:
        parser = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri())
        for quad in parser:
            blank = isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)
            yield _renamed(quad, names) if blank else quad
        prefixes.update(parser.prefixes)


def _renamed(quad: ox.Quad, names: dict[str, ox.BlankNode]) -> ox.Quad:
    """`quad` with its blank nodes called b0, b1 ... in the order of the files.

    The parser's own names differ from run to run, and with them the order in which the store finds things.
    """
    subject, value = quad.subject, quad.object
    if isinstance(subject, ox.BlankNode):
        subject = names.setdefault(subject.value, ox.BlankNode(f"b{len(names)}"))
    if isinstance(value, ox.BlankNode):
        value = names.setdefault(value.value, ox.BlankNode(f"b{len(names)}"))
    return ox.Quad(subject, quad.predicate, value)
