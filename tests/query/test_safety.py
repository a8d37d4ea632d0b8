"""What is refused before it runs, and what only looks as if it should be."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyoxigraph as ox
import pytest

from udt.core.errors import QueryError
from udt.query.safety import is_ordered, keywords_of, refuse_writes

SERVER = "<http://127.0.0.1:1/>"

CALLS_A_SERVER = {
    "plain": f"SELECT * {{ SERVICE {SERVER} {{ ?s ?p ?o }} }}",
    "lower case": f"select * {{ service {SERVER} {{}} }}",
    "silent": f"SELECT * {{ SERVICE SILENT {SERVER} {{}} }}",
    "nested": f"SELECT * {{ OPTIONAL {{ {{ SELECT * {{ SERVICE {SERVER} {{}} }} }} }} }}",
    "in exists": f"ASK {{ FILTER NOT EXISTS {{ SERVICE {SERVER} {{}} }} }}",
    "variable": "SELECT * { ?s ?p ?x SERVICE ?x {} }",
    "joined to silent": f"SELECT * {{ SERVICESILENT{SERVER}{{}} }}",
    "joined to a full stop": f"SELECT * {{ ?s ?p ?o.SERVICE{SERVER}{{}} }}",
    "joined to a boolean": f"SELECT * {{ ?s ?p trueSERVICE{SERVER}{{}} }}",
    "after an empty local name": f"PREFIX e: <http://e/> SELECT * {{ ?s ?p e:.SERVICE {SERVER} {{}} }}",
    "as if a prefix": "PREFIX : <http://e/> SELECT * { ?s ?p ?o . SERVICE:x {} }",
    "comment after the word": f"SELECT * {{ SERVICE#\n{SERVER} {{}} }}",
    "less-than like an IRI": f"SELECT * {{ ?a ?p ?b FILTER(?a<?b)SERVICE#>\n{SERVER} {{}} }}",
    "less-than hides a quote": f"SELECT * {{ ?a ?p ?b FILTER(?a<'>')  SERVICE {SERVER} {{ ?c ?d ?e FILTER(?c=' ') }}}}",
    "less-than hides a long quote": f"SELECT * {{ ?a ?p ?b FILTER(?a<?b#> '''\n)SERVICE {SERVER} {{}} #'''\n}}",
    "escaped quote in a name": f"PREFIX e: <http://e/> SELECT * {{ ?s e:\\' ?o . SERVICE {SERVER} {{ ?a e:\\' ?b }} }}",
    "escaped hash in a name": f"PREFIX e: <http://e/> SELECT * {{ ?s ?p e:a\\# . SERVICE {SERVER} {{}} }}",
    "escape in an IRI": f"SELECT * {{ ?s ?p <http://e/\\u0041'b> . SERVICE {SERVER} {{ ?a ?b '}}' }} }}",
    "old line end after a comment": f"SELECT * {{ # a comment\rSERVICE {SERVER} {{}} }}",
}

ONLY_READS = {
    "word in a comment": "# SERVICE <http://e/> {}\nSELECT * { ?s ?p ?o } # DROP ALL",
    "word in a string": "SELECT * { ?s ?p 'SERVICE <http://e/> {}', \"LOAD\" }",
    "word in a long string": "SELECT * { ?s ?p '''it's\nSERVICE <http://e/> {}''' }",
    "word in an IRI": "SELECT * { ?s <http://e/SERVICE#load> <http://e/a_(service)#b> }",
    "word in a name": "PREFIX e: <http://e/> SELECT * { ?s e:service e:a.service }",
    "word in a variable": "SELECT ?service $load { ?service ?insert $load }",
    "word in a language tag": "SELECT * { ?s ?p 'a'@en-service }",
    "update word as a prefix": "PREFIX load: <http://e/> SELECT * { ?s load:clear ?o }",
    "comparison": "SELECT * { ?s ?p ?o FILTER(?o<5 && ?o>3) } # service",
    "from": "SELECT * FROM <http://e/service> { ?s ?p ?o }",
}

UPDATES = {
    "INSERT": "insert data { <a:b> <a:b> 1 }",
    "DELETE": "DELETE WHERE { ?s ?p ?o }",
    "LOAD": "LOAD <http://e/data.ttl>",
    "CLEAR": "CLEAR ALL",
    "DROP": "DROP SILENT GRAPH <http://e/>",
    "CREATE": "CREATE GRAPH <http://e/>",
    "COPY": "COPY DEFAULT TO <http://e/>",
    "MOVE": "MOVE DEFAULT TO <http://e/>",
    "ADD": "PREFIX e: <http://e/>\nADD DEFAULT TO <http://e/>",
}


@pytest.mark.parametrize("query", CALLS_A_SERVER.values(), ids=CALLS_A_SERVER)
def test_a_call_to_another_server_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE at line \d+, column \d+ would call another server"):
        refuse_writes(query)


@pytest.mark.parametrize("query", ONLY_READS.values(), ids=ONLY_READS)
def test_a_query_that_only_reads_passes(query: str) -> None:
    refuse_writes(query)
    list(ox.Store().query(query))


@pytest.mark.parametrize(("word", "query"), UPDATES.items(), ids=UPDATES)
def test_an_update_is_refused(word: str, query: str) -> None:
    with pytest.raises(QueryError, match=rf"{word} at line \d, column 1 is an update; allowed are SELECT, ASK"):
        refuse_writes(query)


def test_error_names_line_and_column() -> None:
    with pytest.raises(QueryError, match="SERVICE at line 2, column 3"):
        refuse_writes(f"SELECT * {{\n  SERVICE {SERVER} {{}}\n}}")


def test_blanking_keeps_offsets() -> None:
    query = "SELECT ?x { ?x <http://e/#p> 'a b', e:local # end\n}"
    assert keywords_of(query).split() == ["SELECT", "{", ",", "e:", "}"]
    assert len(keywords_of(query)) == len(query)


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("SELECT * { ?s ?p ?o } ORDER BY ?s", True),
        ("SELECT * { ?s ?p ?o } order\n# how\nby ?s LIMIT 1", True),
        ("SELECT * { ?s ?p ?o } # ORDER BY ?s", False),
        ("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }", False),
        ("SELECT ?order { ?order ?by 'ORDER BY' }", False),
    ],
)
def test_only_the_outermost_order_counts(query: str, ordered: bool) -> None:
    assert is_ordered(query) is ordered


class _Counter(BaseHTTPRequestHandler):
    calls = 0

    def do_POST(self) -> None:
        _Counter.calls += 1
        self.send_error(500)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Counter)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    running.server_close()
    thread.join()


class _Queries:
    """Random queries, mostly valid, in which SERVICE hides behind every token that could confuse a reader."""

    def __init__(self, server: str, seed: int) -> None:
        self.server = server
        self.random = random.Random(seed)

    def __call__(self) -> str:
        return f"PREFIX e: <http://e/> PREFIX : <{self.server}> SELECT * {self.group(0)}"

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def gap(self) -> str:
        return self.one("", "", " ", " ", "\n", "#'\n", "#>\n", '#"""\n', "#<\r", "#SERVICE\n")

    def string(self) -> str:
        quote = self.one("'", '"', "'''", '"""')
        inside = [self.one("'", '"', "#", "SERVICE", ">", "<", "}", "\\'", '\\"', "\\\\") for _ in range(3)]
        return quote + "".join(inside[: self.random.randrange(4)]) + quote + self.one("", "@en", "^^e:t")

    def iri(self) -> str:
        odd = self.one("<http://e/#>", "<http://e/)#'>", "<http://e/SERVICE>", "<urn:x#>", "<urn:x'>", "<urn:)x>")
        return self.one(odd, "e:a", "e:", "e:\\'", "e:\\#", "e:a\\'b.c", ":a", ":", "e:SERVICE", "e::x", "e:%27")

    def term(self) -> str:
        return self.one("?s", "?p", "?SERVICE", "1", "1.0", "true", self.iri(), self.string(), self.string())

    def expression(self, depth: int) -> str:
        if depth == 2:
            return self.term()
        sign = self.one("<", "<", ">", "=", "&&", "+", "-")
        return self.expression(depth + 1) + self.gap() + sign + self.gap() + self.expression(depth + 1)

    def group(self, depth: int) -> str:
        elements = [self.element(depth) + self.gap() for _ in range(self.random.randint(1, 3))]
        return "{" + self.gap() + "".join(elements) + "}"

    def element(self, depth: int) -> str:
        kind = self.random.random()
        if kind < 0.3:
            return f"{self.one('?s', self.iri())} {self.one('?p', self.iri())} {self.term()}" + self.one(
                ".", " . ", " "
            )
        if kind < 0.6:
            return f"FILTER({self.gap()}{self.expression(1)}{self.gap()})"
        if kind < 0.85 or depth == 2:
            target = self.one(f"<{self.server}>", ":s", f"<{self.server}#')>", " ?s")
            return "SERVICE" + self.one("", " SILENT") + self.gap() + target + self.gap() + "{?a ?b ?c}"
        return self.one("OPTIONAL", "", "MINUS", "FILTER EXISTS", "FILTER NOT EXISTS") + self.group(depth + 1)


def test_no_query_that_passes_reaches_a_server(server: str) -> None:
    store = ox.Store()
    node = ox.NamedNode("http://e/a")
    store.extend([ox.Quad(node, node, node), ox.Quad(node, node, ox.Literal(1))])
    queries = _Queries(server, seed=7)
    refused_calls = 0
    for query in (queries() for _ in range(3000)):
        passed = _passes(query)
        _Counter.calls = 0
        with suppress(SyntaxError, OSError, RuntimeError):
            list(store.query(query))
        assert not (passed and _Counter.calls), query
        refused_calls += _Counter.calls > 0
    assert refused_calls > 100  # the generator does make queries that call


def _passes(query: str) -> bool:
    try:
        refuse_writes(query)
    except QueryError:
        return False
    return True
