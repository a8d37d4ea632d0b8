"""Format results as a text table, SPARQL 1.1 JSON or CSV, or Turtle for graphs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from udt.core.errors import QueryError
from udt.core.texts import printable
from udt.query.answers import Answer, Graph, Table, Term
from udt.taxonomy.model.namespaces import PREFIXES, compress

_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_UNFOLDED = 1_000_000
# Control characters other than tab and line feed, and marks that change the direction or the line of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def to_json(answer: Answer) -> str:
    """Format `answer` as SPARQL 1.1 Query Results JSON.

    :raises QueryError: for a graph, which that format cannot hold.
    """
    if isinstance(answer, Graph):
        raise QueryError("CONSTRUCT and DESCRIBE return a graph, which has no SPARQL JSON format; leave --format out")
    if isinstance(answer, bool):
        return json.dumps({"head": {}, "boolean": answer}, indent=2) + "\n"
    bindings = [
        {column: _json_term(term) for column, term in zip(answer.columns, row, strict=True) if term is not None}
        for row in answer.rows
    ]
    document = {"head": {"vars": list(answer.columns)}, "results": {"bindings": bindings}}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_csv(answer: Answer) -> str:
    """Format `answer` as SPARQL 1.1 Query Results CSV: a header, plain values, lines that end in CR LF.

    :raises QueryError: for a graph or a Boolean, which that format cannot hold.
    """
    if not isinstance(answer, Table):
        kind = "ASK returns yes or no" if isinstance(answer, bool) else "CONSTRUCT and DESCRIBE return a graph"
        raise QueryError(f"{kind}, which has no SPARQL CSV format; leave --format out, or use SELECT")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(answer.columns)
    writer.writerows([_csv_term(term) for term in row] for row in answer.rows)
    return text.getvalue()


def for_terminal(text: str) -> str:
    r"""Return CSV, JSON or Turtle with control characters as escapes, for a terminal that would act on them.

    JSON and Turtle keep their meaning, since both read `\u001b` as the character.

    >>> for_terminal("a\x1b[31m\r\n")
    'a\\u001b[31m\n'
    """
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def to_turtle(graph: Graph) -> str:
    """Serialise `graph` as Turtle, with the prefixes that it uses."""
    prefixes = {**graph.prefixes, **PREFIXES}
    iris = {iri for triple in graph.triples for iri in _iris(triple)}
    used = {name: space for name, space in prefixes.items() if any(iri.startswith(space) for iri in iris)}
    target = io.BytesIO()
    ox.serialize(graph.triples, target, format=ox.RdfFormat.TURTLE, prefixes=used)
    return target.getvalue().decode("utf-8")


def to_text(answer: Answer, width: int | None = None) -> str:
    """Format `answer` for reading: a table with short IRIs and its number of rows, yes or no, or Turtle.

    :param width: maximum width of the table in characters, beyond which cells are folded; None for no limit.
    """
    if isinstance(answer, bool):
        return "yes\n" if answer else "no\n"
    return to_turtle(answer) if isinstance(answer, Graph) else _grid(answer, width or _UNFOLDED)


def _grid(table: Table, width: int) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Grid
    from rich.text import Text

    from udt.reporting.console import rendered

    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in table.columns:
        grid.add_column(Text(printable(column)), overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(printable(_short(term, table.prefixes), "\n\t")) for term in row))
    count = "1 row" if len(table.rows) == 1 else f"{len(table.rows):,} rows"
    return rendered([grid, count] if table.columns else [count], width, color=False)


def _short(term: Term | None, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        return compress(term.value, prefixes)
    if isinstance(term, ox.Literal) and term.language:
        return f"{term.value} @{term.language}" if term.language != "en" else term.value
    return _csv_term(term)


def _csv_term(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def _json_term(term: Term) -> dict[str, Any]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json_term(part) for name, part in parts.items()}}
    literal = {"type": "literal", "value": term.value}
    if term.language:
        return {**literal, "xml:lang": term.language}
    return literal if term.datatype.value == _XSD_STRING else {**literal, "datatype": term.datatype.value}


def _iris(triple: ox.Triple) -> list[str]:
    terms = [triple.subject, triple.predicate, triple.object]
    datatypes = [term.datatype for term in terms if isinstance(term, ox.Literal)]
    return [term.value for term in [*terms, *datatypes] if isinstance(term, ox.NamedNode)]
