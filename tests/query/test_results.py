"""The forms of SPARQL 1.1 results, against an independent writer and reader of them."""

from __future__ import annotations

import csv
import io
import json

import pyoxigraph as ox
import pytest

from udt.core.errors import QueryError
from udt.query.answers import Graph, Table, evaluate
from udt.query.results import for_terminal, to_csv, to_json, to_text, to_turtle

DATA = """
@prefix e: <http://e/> .
e:a e:p 1 , 2.50 , true , "plain" , "quoted \\"x\\", with comma" , "two\\nlines" , "Leber"@de , "x"^^e:t , _:b , e:b .
_:b e:q "" .
"""
QUERY = "SELECT ?o ?q { ?s <http://e/p> ?o OPTIONAL { ?o <http://e/q> ?q } } ORDER BY STR(?o) ?o"


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture
def table(store: ox.Store) -> Table:
    answer = evaluate(store, QUERY, {})
    assert isinstance(answer, Table)
    return answer


def reference(store: ox.Store, query: str, form: ox.QueryResultsFormat) -> str:
    written = store.query(query).serialize(format=form)
    assert written is not None
    return written.decode()


def test_json_agrees_with_reference(store: ox.Store, table: Table) -> None:
    assert json.loads(to_json(table)) == json.loads(reference(store, QUERY, ox.QueryResultsFormat.JSON))


def test_json_reads_back(table: Table) -> None:
    read = ox.parse_query_results(to_json(table), format=ox.QueryResultsFormat.JSON)
    assert isinstance(read, ox.QuerySolutions)
    assert tuple(variable.value for variable in read.variables) == table.columns
    assert [tuple(solution) for solution in read] == list(table.rows)


def test_json_of_a_boolean(store: ox.Store) -> None:
    answer = evaluate(store, "ASK { ?s ?p ?o }", {})
    assert json.loads(to_json(answer)) == {"head": {}, "boolean": True}


def test_csv_agrees_with_reference(store: ox.Store, table: Table) -> None:
    written = to_csv(table)
    assert written.startswith("o,q\r\n") and written.endswith("\r\n")
    expected = reference(store, QUERY, ox.QueryResultsFormat.CSV)
    rows, expected_rows = (list(csv.reader(io.StringIO(text, newline=""))) for text in (written, expected))
    blank = [n for n, row in enumerate(expected_rows) if row[0].startswith("_:")]
    assert [row for n, row in enumerate(rows) if n not in blank] == [
        row for n, row in enumerate(expected_rows) if n not in blank
    ]
    assert all(rows[n][0].startswith("_:") for n in blank)


def test_csv_of_one_unbound_column_keeps_the_row() -> None:
    assert to_csv(Table(("x",), ((None,),))) == 'x\r\n""\r\n'


@pytest.mark.parametrize("answer", [True, Graph(())], ids=["ask", "graph"])
def test_csv_holds_tables_alone(answer: bool | Graph) -> None:
    with pytest.raises(QueryError, match="no SPARQL CSV form"):
        to_csv(answer)


def test_json_holds_no_graph() -> None:
    with pytest.raises(QueryError, match="no SPARQL JSON form"):
        to_json(Graph(()))


def test_turtle_reads_back_as_the_same_graph(store: ox.Store) -> None:
    graph = evaluate(store, "CONSTRUCT { ?s a [ <http://e/v> ?o ] } { ?s <http://e/p> ?o }", {"e": "http://e/"})
    assert isinstance(graph, Graph)
    text = to_turtle(graph)
    assert "@prefix e: <http://e/> ." in text and "skos" not in text
    read = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
    written = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in graph.triples)
    for dataset in (read, written):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read == written


def test_text_shortens_and_counts() -> None:
    row = (ox.NamedNode("https://w3id.org/udt/uhat/liver"), ox.Literal("[red]肝\x1b[0m", language="zh"), None)
    lines = to_text(Table(("organ", "name", "none"), (row,))).splitlines()
    assert lines[0].split() == ["organ", "name", "none"]
    assert lines[2].split() == ["uhat:liver", "[red]肝\\x1b[0m", "@zh"]
    assert lines[3] == "1 row"


def test_text_uses_the_prefixes_of_the_data() -> None:
    rows = ((ox.NamedNode("http://e/a"),),)
    assert "e:a" in to_text(Table(("x",), rows, {"e": "http://e/"}))
    assert "http://e/a" in to_text(Table(("x",), rows))


def test_text_folds_to_the_width() -> None:
    text = to_text(Table(("x",), ((ox.Literal("long " * 40),),)), width=30)
    assert max(map(len, text.splitlines())) <= 30
    assert text.count("long") == 40


@pytest.mark.parametrize(("answer", "text"), [(True, "yes\n"), (False, "no\n"), (Table((), ((),)), "1 row\n")])
def test_text_of_small_answers(answer: bool | Table, text: str) -> None:
    assert to_text(answer) == text


def test_control_characters_are_escaped_for_a_terminal() -> None:
    hostile = "\x1b[2J\u009b31m\u202e\r"
    table = Table(("x",), ((ox.Literal(hostile),),))
    for text in (to_text(table), for_terminal(to_csv(table)), for_terminal(to_json(table))):
        assert not set("\x1b\u009b\u202e\r") & set(text)
    assert json.loads(to_json(table)) == json.loads(for_terminal(to_json(table)))
    node = ox.NamedNode("https://example.org/a")
    turtle = for_terminal(to_turtle(Graph((ox.Triple(node, node, ox.Literal(hostile)),))))
    assert not set("\x1b\u009b\u202e\r") & set(turtle)
    (quad,) = ox.parse(turtle, format=ox.RdfFormat.TURTLE)
    assert quad.object == ox.Literal(hostile)
