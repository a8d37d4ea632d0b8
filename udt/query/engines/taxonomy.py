"""Query the taxonomy, extensions of the user included."""

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
from udt.taxonomy.model.turtle_file import parse


@dataclass(frozen=True, slots=True)
class TaxonomyData:
    """The built-in ontology and extensions.

    :ivar extensions: Turtle files of the user.
    """

    extensions: tuple[Path, ...] = ()

    has_records = False

    def answer(self, query: str, timeout: float) -> Answer:
        """Evaluate a read-only query, in a process that is killed after `timeout` seconds.

        :raises QueryError: if the query is malformed, fails or takes too long.
        :raises TaxonomyError: if an extension is faulty.
        """
        return call(timeout, _answer, query, self.extensions)


def _answer(query: str, extensions: tuple[Path, ...]) -> Answer:
    if extensions:
        Taxonomy.load(*extensions)  # raises with every fault; the built-in files are known to have none
    store, prefixes = load_store(extensions)
    return evaluate(store, query, prefixes)


def load_store(extensions: Iterable[Path] = ()) -> tuple[ox.Store, dict[str, str]]:
    """Load the built-in ontology and `extensions` into a store, in a fixed order; return it and the prefixes."""
    declared: dict[str, str] = {}
    store = ox.Store()
    store.bulk_extend(_quads([*core_files(), *extensions], declared))
    return store, {**declared, **PREFIXES}


def _quads(paths: Iterable[Path], prefixes: dict[str, str]) -> Iterator[ox.Quad]:
    """Yield the triples of the files in order and add the prefixes that the files declare to `prefixes`."""
    names: dict[str, ox.BlankNode] = {}
    for path in paths:
        parsed = parse(path)
        for triple in parsed.triples:
            blank = isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)
            yield _renamed(triple, names) if blank else ox.Quad(triple.subject, triple.predicate, triple.object)
        prefixes.update(parsed.new_prefixes(prefixes))


def _renamed(triple: ox.Triple, names: dict[str, ox.BlankNode]) -> ox.Quad:
    """Rename the blank nodes of a triple to b0, b1 ... in the order of the files.

    The names of the parser differ from run to run, and with them the order of results of the store.
    """
    subject, value = triple.subject, triple.object
    if isinstance(subject, ox.BlankNode):
        subject = names.setdefault(subject.value, ox.BlankNode(f"b{len(names)}"))
    if isinstance(value, ox.BlankNode):
        value = names.setdefault(value.value, ox.BlankNode(f"b{len(names)}"))
    return ox.Quad(subject, triple.predicate, value)
