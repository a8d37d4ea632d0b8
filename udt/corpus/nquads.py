"""Write trees of RDF nodes as N-Quads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import count

import pyoxigraph as ox

from udt.io.writers.rdf.nodes import STRING, Iri, Literal, RdfNode, full

NewLabel = Callable[[], str]


def blank_nodes() -> NewLabel:
    """Return a function that makes a new blank node, in N-Quads syntax, at each call; the taxonomy has other names."""
    numbers = count(1)
    return lambda: f"_:r{next(numbers)}"


class TreeWriter:
    """Writes the statements of trees.

    :param new_blank: makes the blank nodes.
    :param graphs: name of a predicate to the key of the graph that holds its statements and all that is below them; the
        others are in the graph of the node that they are about.
    :param left_out: keys of graphs whose statements are not written.
    :param bare: names of predicates whose objects are written as names alone, since another graph describes them.
    """

    def __init__(
        self, new_blank: NewLabel, graphs: Mapping[str, str], bare: frozenset[str], left_out: frozenset[str]
    ) -> None:
        self._new_blank = new_blank
        self._graphs = graphs
        self._bare = bare
        self._left_out = left_out

    def lines(self, node: RdfNode, graph: str, names: Mapping[str, str]) -> Iterator[str]:
        """Yield the statements of a named node and of all nodes below it, a line each.

        :param graph: key of the graph of the node.
        :param names: key of a graph to its name in N-Quads syntax.
        """
        return self._statements(node, term(node.name), graph, names)

    def _statements(self, node: RdfNode, subject: str, graph: str, names: Mapping[str, str]) -> Iterator[str]:
        for predicate, objects in node.pairs:
            place = self._graphs.get(predicate, graph)
            if place in self._left_out:
                continue
            before, after = f"{subject} {term(predicate)} ", f" {names[place]} .\n"
            for value in objects:
                if isinstance(value, Literal):
                    yield f"{before}{literal(value)}{after}"
                elif isinstance(value, Iri) or predicate in self._bare:
                    yield f"{before}{term(value.name)}{after}"
                else:
                    name = term(value.name) if value.name else self._new_blank()
                    yield f"{before}{name}{after}"
                    yield from self._statements(value, name, place, names)


@lru_cache(maxsize=50_000)
def term(name: str) -> str:
    """Return a resource in N-Quads syntax."""
    return f"<{full(name)}>"


@lru_cache(maxsize=50_000)
def literal(value: Literal) -> str:
    """Return a value in N-Quads syntax."""
    if value.language:
        return str(ox.Literal(value.text, language=value.language))
    if value.type == STRING:
        return str(ox.Literal(value.text))
    return str(ox.Literal(value.text, datatype=ox.NamedNode(full(value.type))))
