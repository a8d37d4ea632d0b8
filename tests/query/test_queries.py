"""Running queries: order, errors, limits, isolation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.query.conftest import Ask
from udt.core.errors import QueryError, TaxonomyError
from udt.query import answers as answer_module
from udt.query.answers import Graph, Table, evaluate
from udt.query.engines.isolated import call
from udt.query.engines.taxonomy import TaxonomyData
from udt.query.queries import run_query

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

# Everything whose order could depend on chance: no ORDER BY, LIMIT alone, blank nodes, ties, groups, graphs.
CHANCY = """
from udt.query.answers import Graph
from udt.query.presets import presets
from udt.query.answers import evaluate
from udt.query.results import to_json, to_turtle
from udt.query.engines.taxonomy import load_store
store, prefixes = load_store()
for query in [preset.text for preset in presets()] + [
    "SELECT * { ?s ns:compartmentRule ?rule . ?rule ?p ?o }",
    "SELECT ?s ?p { ?s ?p ?o } LIMIT 500",
    "SELECT ?s ?p { ?s ?p ?o } ORDER BY ?p LIMIT 500",
    "SELECT ?p (SAMPLE(?o) AS ?one) (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    "CONSTRUCT { ?s ns:says [ ns:what ?o ] } { ?s ns:compartmentRule ?o }",
    "DESCRIBE udaf:margins.ill-defined",
]:
    answer = evaluate(store, query, prefixes)
    print(to_turtle(answer) if isinstance(answer, Graph) else to_json(answer))
"""


def store_of(turtle: str) -> ox.Store:
    store = ox.Store()
    store.load(turtle, format=ox.RdfFormat.TURTLE)
    return store


def test_select_ask_construct_describe() -> None:
    data = TaxonomyData()
    table = run_query("SELECT ?label { uhat:liver skos:prefLabel ?label FILTER(LANG(?label) = 'en') }", data)
    assert table == Table(("label",), ((ox.Literal("Liver", language="en"),),))
    assert run_query("ASK { uhat:liver a ns:Organ }", data) is True
    assert run_query("ASK { uhat:liver a ns:Value }", data) is False
    graph = run_query("CONSTRUCT { ?o a ns:Found } { ?o skos:broader uhat:sys.thorax ; a ns:Organ }", data)
    assert isinstance(graph, Graph) and len(graph.triples) == 4
    described = run_query("DESCRIBE uhat:liver", data)
    assert isinstance(described, Graph)
    assert {triple.subject for triple in described.triples} == {ox.NamedNode("https://w3id.org/udt/uhat/liver")}


@pytest.mark.slow
def test_two_runs_give_the_same_bytes() -> None:
    outputs = [
        subprocess.run([sys.executable, "-c", CHANCY], capture_output=True, check=True, env=os.environ | seed).stdout
        for seed in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 10_000


def test_rows_without_order_are_sorted() -> None:
    store = store_of('<e:c> <e:p> "b" . <e:a> <e:p> "c"@en , _:x , <e:z> . <e:b> <e:p> "a" .')
    answer = evaluate(store, "SELECT ?s ?o { ?s ?p ?o }", {})
    assert isinstance(answer, Table)
    assert [(str(s), type(o)) for s, o in answer.rows] == [
        ("<e:a>", ox.BlankNode),
        ("<e:a>", ox.NamedNode),
        ("<e:a>", ox.Literal),
        ("<e:b>", ox.Literal),
        ("<e:c>", ox.Literal),
    ]


def test_rows_with_order_keep_it() -> None:
    store = store_of("<e:a> <e:p> 10 , 9 , 100 .")
    answer = evaluate(store, "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o)", {})
    assert isinstance(answer, Table)
    assert [row[0] for row in answer.rows] == [ox.Literal(100), ox.Literal(10), ox.Literal(9)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query is empty"),
        ("SELECT ?x\nWHERE { ?x foo:bar ?y }", r"line 2, column \d+: the prefix before this position is not declared"),
        ("SELEC ?s { }", r"line 1, column 10: '{' is not allowed here\n  SELEC \?s { }\n {11}\^$"),
        ("SELECT ?s { ?s a ?o", "line 1, column 20: something before this position is missing"),
        ("SELECT ?s { ?s a <b> }", "not a valid absolute IRI"),
        ("SELECT ?s (COUNT(?o) AS ?n) { ?s a ?o }", "does not bind or group by"),
        (
            "SELECT ?s { ?s a ?o FILTER(<e:f>(?s)) }",
            "evaluation of the query failed: The custom function <e:f>",
        ),
    ],
)
def test_faulty_query(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        evaluate(store_of("<e:a> a <e:b> ."), query, {})


def test_too_many_results_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_module, "MAX_ROWS", 2)
    store = store_of("<e:a> <e:p> 1 , 2 , 3 .")
    assert isinstance(evaluate(store, "SELECT * { ?s ?p ?o } LIMIT 2", {}), Table)
    for query in ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(QueryError, match="more than 2 results; narrow its pattern or add LIMIT"):
            evaluate(store, query, {})


def test_query_beyond_the_time_limit() -> None:
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 1 s; .*--timeout"):
        run_query(RUNAWAY, TaxonomyData(), timeout=1)
    assert time.monotonic() - start < 3


def test_refused_before_anything_is_loaded() -> None:
    with pytest.raises(QueryError, match="DROP at line 1"):
        run_query("DROP ALL", TaxonomyData((Path("does-not-exist.ttl"),)))


def test_from_downloads_nothing(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        port = listening.getsockname()[1]
        answer = run_query(f"SELECT * FROM <http://127.0.0.1:{port}/data.ttl> {{ ?s ?p ?o }}", TaxonomyData())
        assert isinstance(answer, Table) and answer.rows == ()
        with pytest.raises(TimeoutError):
            listening.accept()


def test_an_extension_is_seen(extension: Path) -> None:
    answer = run_query("SELECT ?label { my:spigelian-lobule skos:prefLabel ?label }", TaxonomyData((extension,)))
    assert isinstance(answer, Table)
    assert answer.rows == ((ox.Literal("zzyx lobule", language="en"),),)
    assert answer.prefixes["my"] == "https://example.org/my/"


def test_error_lists_all_faults_of_an_extension(tmp_path: Path) -> None:
    bad, worse = tmp_path / "bad.ttl", tmp_path / "worse.ttl"
    bad.write_text("<a> <b")
    worse.write_text(
        "@prefix s: <http://www.w3.org/2004/02/skos/core#> . <http://e/x> a s:Concept ; s:broader <http://e/y> ."
    )
    with pytest.raises(TaxonomyError) as caught:
        run_query("ASK {}", TaxonomyData((bad, worse)))
    assert any("bad.ttl: not valid Turtle" in fault for fault in caught.value.faults)
    assert any("http://e/y, which does not exist" in fault for fault in caught.value.faults)
    assert str(caught.value).startswith(f"the taxonomy has {len(caught.value.faults)} faults")


def test_crashed_process() -> None:
    with pytest.raises(QueryError, match=r"ended early, with status 3 \(no reason given\)"):
        call(10, os._exit, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its data limit")
def test_process_beyond_the_memory_limit() -> None:
    with pytest.raises(QueryError, match="needed more than 4 GiB of memory"):
        call(30, bytes, 5 << 30)


def test_modules_of_the_current_folder_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "udt.py").write_text("raise SystemExit(7)")
    (tmp_path / "pickle.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert call(10, len, "abc") == 3
