"""Evaluate a query on an Oxigraph store, with results in a deterministic order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import pyoxigraph as ox

from udt.core.errors import QueryError
from udt.core.texts import printable
from udt.query.limits import MAX_ROWS
from udt.query.safety import is_ordered

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term | None, ...]

T = TypeVar("T")

_SHOWN = 60
"""Characters of a line that a message shows on each side of a fault."""
_LONGEST_REASON = 500

_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_PLAIN_REASONS = {
    "Prefix not found": "the prefix before this position is not declared; add a PREFIX line for it",
    "IRI parsing failed": "the IRI before this position is not a valid absolute IRI",
    "contains a variable that is unbound": "SELECT names a variable that the pattern does not bind or group by",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Result of SELECT.

    :ivar columns: variables without `?`, in the order of the query.
    :ivar rows: one term for each column; None for an unbound variable.
    :ivar prefixes: prefixes that the data declares, for shortening IRIs.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Graph:
    """Result of CONSTRUCT or DESCRIBE: triples in a deterministic order, blank nodes with canonical names."""

    triples: tuple[ox.Triple, ...]
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False)


Answer = Table | Graph | bool


def evaluate(store: ox.Store, query: str, prefixes: Mapping[str, str]) -> Answer:
    """Run `query` on `store`.

    A table without `ORDER BY` is sorted by its columns from left to right (unbound, blank nodes, IRIs, literals; then
    by text). Queries are not checked for `SERVICE` and updates; see `check_query`.

    :param prefixes: prefixes that the query may use without declaring them.
    :raises QueryError: if the query is malformed, fails, or has more than `MAX_ROWS` results.
    """
    try:
        return answer_of(store.query(query, prefixes=dict(prefixes)), query, prefixes)
    except SyntaxError as error:
        raise QueryError(_syntax_message(error, query)) from error
    except (OSError, RuntimeError) as error:
        reason = printable(str(error)[:_LONGEST_REASON])
        raise QueryError(f"the evaluation of the query failed: {reason}; change or remove that part") from error


def answer_of(
    found: ox.QueryBoolean | ox.QuerySolutions | Iterable[ox.Triple], query: str, prefixes: Mapping[str, str]
) -> Answer:
    """Convert the results of an engine for `query`, in a deterministic order.

    :raises QueryError: if there are more than `MAX_ROWS`.
    """
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QuerySolutions):
        return _table(found, is_ordered(query), prefixes)
    return _graph(found, prefixes)


def _table(found: ox.QuerySolutions, ordered: bool, prefixes: Mapping[str, str]) -> Table:
    columns = tuple(variable.value for variable in found.variables)
    rows = _limited(tuple(solution) for solution in found)
    return Table(columns, tuple(rows if ordered else sorted(rows, key=_row_key)), prefixes)


def _graph(found: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> Graph:
    triples = _limited(found)
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return Graph(tuple(sorted((quad.triple for quad in dataset), key=_triple_key)), prefixes)


def _limited(results: Iterable[T]) -> list[T]:
    taken = list(islice(results, MAX_ROWS + 1))
    if len(taken) > MAX_ROWS:
        raise QueryError(f"the query has more than {MAX_ROWS:,} results; narrow its pattern or add LIMIT")
    return taken


def _row_key(row: Row) -> tuple[tuple[int, str], ...]:
    return tuple((0, "") if term is None else _term_key(term) for term in row)


def _triple_key(triple: ox.Triple) -> tuple[tuple[int, str], ...]:
    return (_term_key(triple.subject), _term_key(triple.predicate), _term_key(triple.object))


def _term_key(term: Term) -> tuple[int, str]:
    rank = (ox.BlankNode, ox.NamedNode, ox.Literal, ox.Triple).index(type(term))
    return (rank + 1, str(term))


def _syntax_message(error: SyntaxError, query: str) -> str:
    found = _POSITION.match(str(error))
    if found is None:
        return f"the query is not valid SPARQL: {printable(str(error)[:_LONGEST_REASON])}"
    if not query.strip():
        return "the query is empty; write a SELECT, ASK, CONSTRUCT or DESCRIBE query"
    line, column = int(found[1]), int(found[2])
    text = query.split("\n")[line - 1].rstrip("\r")
    before = printable(text[max(0, column - 1 - _SHOWN) : column - 1])
    after = printable(text[column - 1 : column - 1 + _SHOWN])
    return (
        f"the query is not valid SPARQL at line {line}, column {column}: {_reason(found[3], after)}\n"
        f"  {before}{after}\n  {' ' * len(before)}^"
    )


def _reason(expected: str, rest: str) -> str:
    for technical, plain in _PLAIN_REASONS.items():
        if technical in expected:
            return plain
    words = rest.split()
    return f"'{words[0]}' is not allowed here" if words else "something before this position is missing or misspelt"
