"""Attacks by SPARQL queries, and by servers that answer them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from tests.attacks.attempt import CONTROL, Attempt, check_worded, run_udt
from tests.attacks.hostile_server import Answer, response, serving

LIMIT = 3
"""Seconds that a query gets."""
MARGIN = 25
"""Seconds that a command may take beyond the limit: start, and the end of a large process, on a busy machine."""

JSON = "application/sparql-results+json"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
NOWHERE = "<http://127.0.0.1:9/>"


def attempts() -> Iterator[Attempt]:
    """Yield the attacks."""
    for name, text, message in (*_writes(), *_deep(), *_costly(), *_odd_texts()):
        yield Attempt(name, partial(_ask, text, message))
    for name, arguments, message in _usage():
        yield Attempt(name, partial(_misuse, arguments, message))
    for name, answer, message in _servers():
        yield Attempt(f"server: {name}", partial(_ask_server, answer, message, name == "reset"))


def _ask(query: bytes, message: str, folder: Path) -> None:
    """Ask `query` by standard input; it has to fail with `message`, or to be answered if `message` is empty."""
    started = time.monotonic()
    done = run_udt("query", "-", "--timeout", str(LIMIT), folder=folder, text=query, timeout=LIMIT + MARGIN)
    check_worded(done)
    errors = done.stderr.decode()
    assert not CONTROL.intersection(done.stdout.decode()), "control characters on standard output"
    assert done.returncode == (1 if message else 0), errors[-500:]
    assert any(part in errors for part in message.split("|")), errors[-500:]
    assert len(errors) < 2_000
    assert time.monotonic() - started < LIMIT + MARGIN
    assert not list(folder.iterdir())


def _misuse(arguments: tuple[str, ...], message: str, folder: Path) -> None:
    done = run_udt("query", *arguments, folder=folder, timeout=MARGIN)
    check_worded(done)
    assert done.returncode == 2
    assert message in done.stderr.decode()


def _ask_server(answer: Answer, message: str, reset: bool, folder: Path) -> None:
    with serving(answer, reset=reset) as url:
        done = run_udt(
            "query", "SELECT * { ?s ?p ?o }", "--endpoint", url, "--timeout", str(LIMIT), folder=folder,
            timeout=LIMIT + MARGIN,
        )  # fmt: skip
    check_worded(done)
    errors = done.stderr.decode()
    assert done.returncode == (1 if message else 0), errors[-500:]
    assert any(part in errors for part in message.split("|")), errors[-500:]
    assert len(errors) < 2_000
    assert not CONTROL.intersection(done.stdout.decode()), "control characters on standard output"
    assert "root:" not in done.stdout.decode()


Case = tuple[str, bytes, str]


def _writes() -> Iterator[Case]:
    """Yield updates and calls of other servers in disguise, and words that only look like them."""
    update, calls = "is an update", "would call another server"
    yield "update: insert", b"INSERT DATA { <e:a> <e:b> 1 }", update
    yield "update: delete in mixed case", b"dElEtE WHERE { ?s ?p ?o }", update
    yield "update: load a file", b"LOAD <file:///etc/passwd>", update
    yield "update: drop behind a comment and a prefix", b"# SELECT\nPREFIX e: <e:x> DROP#\nALL", update
    yield "update: after a query", b"SELECT * { ?s ?p ?o } ; CLEAR ALL", update
    yield "update: by an escape", b"\\u0049NSERT DATA { <e:a> <e:b> 1 }", update
    yield "update: with and where", b"WITH <e:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", update
    yield "service", f"SELECT * {{ SERVICE {NOWHERE} {{ ?s ?p ?o }} }}".encode(), calls
    yield "service: comments between", f"SELECT * {{ SeRvIcE#'\n#\"\n{NOWHERE}#\n{{ }} }}".encode(), calls
    yield "service: by an escape", f"SELECT * {{ \\u0053ERVICE {NOWHERE} {{ }} }}".encode(), calls
    yield "service: by a long escape", f"SELECT * {{ SER\\U00000056ICE {NOWHERE} {{ }} }}".encode(), calls
    hidden = f"SELECT * {{ ?s ?p '\\u0027 . SERVICE {NOWHERE} {{ }} #' }}"
    yield "service: string ended by an escape", hidden.encode(), calls
    nested = f"SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE SILENT {NOWHERE} {{ }} }} }} }} }}"
    yield "service: in nested subqueries", nested.encode(), calls
    yield "service: in exists", f"ASK {{ FILTER NOT EXISTS {{ SERVICE {NOWHERE} {{}} }} }}".encode(), calls
    yield "service: in a string", b"ASK { BIND('SERVICE <http://e/> { }' AS ?x) }", ""
    yield "service: in a comment", b"ASK { } # SERVICE <http://e/> { }", ""
    yield "data set: from a file", b"SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", ""
    yield "data set: from a server", f"SELECT * FROM NAMED {NOWHERE} {{ GRAPH ?g {{ ?s ?p ?o }} }}".encode(), ""


def _deep() -> Iterator[Case]:
    """Yield queries that are nested deeply, or long chains."""
    n = 30_000
    deep, long = "levels deep", "operators, clauses and groups"
    yield "depth: parentheses", _filter("(" * n + "1" + ")" * n), deep
    yield "depth: groups", f"SELECT * {'{' * n} ?s ?p ?o {'}' * n}".encode(), deep
    yield "depth: unclosed groups", f"SELECT * {'{' * n}".encode(), deep
    yield "depth: optional", f"SELECT * {{ {'OPTIONAL { ?s ?p ?o ' * n} {'}' * n} }}".encode(), deep
    yield "depth: subqueries", f"{'SELECT * { { ' * n} ?s ?p ?o {'} } ' * n}".encode(), deep
    yield "depth: blank nodes", f"SELECT * {{ ?s ?p {'[ ?p ' * n} 1 {']' * n} }}".encode(), deep
    yield "depth: lists", f"SELECT * {{ ?s ?p {'( ' * n} 1 {')' * n} }}".encode(), deep
    yield "depth: functions", _filter("STR(" * n + "?o" + ")" * n), deep
    yield "depth: property paths", f"SELECT * {{ ?s {'^(' * n} <e:p> {')*' * n} ?o }}".encode(), deep
    yield "depth: negation without parentheses", _filter("!" * n + "true"), long
    yield "depth: triples in triples", f"SELECT * {{ ?s ?p {'<<( ?s ?p ' * n} ?o {')>>' * n} }}".encode(), deep
    yield "depth: as deep as allowed", _filter("(" * 498 + "1" + ")" * 498), ""
    yield "chain: union", f"SELECT * {{ {{ ?s ?p ?o }} {'UNION { ?s ?p ?o } ' * n} }}".encode(), long
    yield "chain: sums", _filter("1" + "+1" * n), long
    yield "chain: path", f"SELECT * {{ ?s <e:p>{'/<e:p>' * n} ?o }}".encode(), long
    yield "chain: filters", f"SELECT * {{ ?s ?p ?o {'FILTER(?o) ' * n} }}".encode(), long
    binds = "".join(f"BIND(?v{i} + 1 AS ?v{i + 1}) " for i in range(n))
    yield "chain: binds", f"SELECT * {{ BIND(1 AS ?v0) {binds} }}".encode(), long


def _costly() -> Iterator[Case]:
    """Yield queries that need much time or memory; a small machine may reach either limit first."""
    stopped = "was stopped after 3 s|needed more than 4 GiB of memory|too little memory"
    yield "cost: cross product", f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}".encode(), stopped
    yield "cost: sorted cross product", f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f ?i".encode(), stopped
    yield "cost: grouped cross product", f"SELECT ?c ?f {{ {CROSS} }} GROUP BY ?c ?f".encode(), stopped
    yield "cost: distinct cross product", f"SELECT DISTINCT * {{ {CROSS} }}".encode(), stopped
    yield "cost: paths from everything", b"SELECT (COUNT(*) AS ?n) { ?a (!<e:x>|^!<e:x>)* ?b }", stopped
    doubled = " ".join(f"BIND(CONCAT(?v{i}, ?v{i}) AS ?v{i + 1})" for i in range(40))
    yield "cost: string doubled 40 times", f"SELECT ?v40 {{ BIND('ab' AS ?v0) {doubled} }}".encode(), stopped
    joined = f"SELECT (GROUP_CONCAT(?c; SEPARATOR='{'x' * 1000}') AS ?x) {{ ?a ?b ?c . ?d ?e ?f }}"
    yield "cost: group concat", joined.encode(), stopped
    regex = f"ASK {{ FILTER(REGEX('{'a' * 30_000}!', '^(a+)+$')) }}"
    yield "cost: regular expression of many ways", regex.encode(), ""
    huge = "ASK { FILTER(REGEX('a', '((((a{1,100}){1,100}){1,100}){1,100}){1,100}')) }"
    yield "cost: regular expression of great size", huge.encode(), ""
    values = "SELECT (COUNT(*) AS ?n) { VALUES ?x { " + "'a' " * 100_000 + "} }"
    yield "cost: 100,000 values", values.encode(), ""
    yield "cost: literal of 900,000 characters", f"ASK {{ FILTER('{'é' * 900_000}' = 'a') }}".encode(), ""
    replaced = "SELECT (STRLEN(?x) AS ?n) { BIND(REPLACE('" + "a" * 5000 + "', 'a', '" + "b" * 5000 + "') AS ?x) }"
    yield "cost: replacement that grows", replaced.encode(), ""


def _odd_texts() -> Iterator[Case]:
    yield "text: empty", b"", "the query is empty"
    yield "text: blanks", b" \n\t ", "the query is empty"
    yield "text: byte order mark", "\ufeffASK { }".encode(), ""
    yield "text: NUL", b"ASK { }\0", "not valid SPARQL"
    yield "text: not UTF-8", b"ASK { '\xff' }", "not UTF-8"
    yield "text: UTF-16", "ASK { }".encode("utf-16"), "not UTF-8"
    yield "text: surrogate in UTF-8", b"ASK { '\xed\xa0\x80' }", "not UTF-8"
    yield "text: control characters in an error", b"SELECT \x1b[31m\x9b \x07 { }", "not UTF-8|not valid SPARQL"
    yield "text: control characters in a result", "SELECT ('\x1b[2J\u202e\x9b31m' AS ?x) { }".encode(), ""
    yield "text: control characters in a graph", b"CONSTRUCT { <e:a> <e:b> '\x1b[2J\x07' } { }", ""
    yield (
        "text: 10 MB of comments",
        b"# nothing\n" * 1_000_000 + b"ASK { }",
        "more than 1,000,000 characters|characters",
    )
    yield "text: error on a long line", b"ASK { " + b"?s ?p ?o . " * 800 + b"?s }", "not valid SPARQL"
    yield "text: an endless word", b"x" * 900_000, "not valid SPARQL"
    yield "text: quotes of many ways", b"ASK { '''" + b"<'" * 100_000 + b" }", "operators"
    yield "text: escaped quotes", b'ASK { "' + b'\\"' * 400_000, "not valid SPARQL"
    yield "text: IRIs without an end", b"ASK { " + b"<a://" * 150_000, "levels|operators"
    yield "text: IRI of 900,000 characters", b"ASK { <http://e/" + b"a" * 900_000 + b"> ?p ?o }", ""


def _usage() -> Iterator[tuple[str, tuple[str, ...], str]]:
    for seconds in ("nan", "inf", "-inf", "1e300", "-1", "0", "86401"):
        yield f"time limit {seconds}", ("ASK { }", "--timeout", seconds), "up to 86,400"
    yield "time limit without a number", ("ASK { }", "--timeout", "soon"), "not a valid float"


def _servers() -> Iterator[tuple[str, Answer, str]]:
    """Yield hostile answers to a query, and what the error has to contain; the empty string for no error."""
    yield "right answer", _sends(response(JSON, _table("a"))), ""
    yield "control characters in a right answer", _sends(response(JSON, _table("\x1b[2J\u009b31m\u202e"))), ""
    yield (
        "endless body",
        _endless(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n\r\n", b" " * 65536),
        ("more than 256 MiB|stopped after"),
    )
    yield "endless page", _endless(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", b"x" * 65536), "text/html"
    yield "endless error", _endless(b"HTTP/1.1 500 Oops\r\n\r\n", b"x" * 65536), "answered 500"
    yield "endless header", _endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "cannot be reached"
    yield "endless headers", _endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000), "cannot be reached"
    yield "endless continuation", _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "stopped after"
    yield "slow drip", _drip, "stopped after"
    yield "no answer", lambda url: iter(()), "cannot be reached"
    yield (
        "reset",
        _sends(b"HTTP/1.1 200 OK\r\nContent-Type: " + JSON.encode() + b"\r\n\r\n{"),
        ("cannot be reached|damaged"),
    )
    yield "half a status line", _sends(b"HTTP/1.1 2"), "cannot be reached"
    yield "status line with control characters", _sends(b"\x1b[2J\x9b31m 200\r\n\r\n"), "cannot be reached"
    yield (
        "error with control characters",
        _sends(response("text/plain", b"\x1b[2J\x9b\x07", "500 \x1b[31m\x9bNo")),
        ("answered 500"),
    )
    yield "type with control characters", _sends(response("text/\x1b[31m\x9bhtml", b"x")), "instead of SPARQL results"
    yield "wrong type", _sends(response("image/png", b"\x89PNG")), "'image/png' instead of SPARQL results"
    yield "compressed", _sends(response(JSON, b"\x1f\x8b\x08", headers="Content-Encoding: gzip\r\n")), "coding gzip"
    yield "broken JSON", _sends(response(JSON, b'{"head": {"vars": ["x"]}, "results": {')), "damaged"
    yield "JSON that is not UTF-8", _sends(response(JSON, b'{"head": {"vars": ["\xff\x1b"]}}')), "damaged"
    yield "JSON of another shape", _sends(response(JSON, b'[1, "\\u001b[2J"]')), "damaged"
    yield (
        "deep JSON",
        _sends(response(JSON, b'{"head":{"vars":["x"]},"x":' + b"[" * 2_000_000)),
        ("damaged|nested too deeply|stopped after"),
    )
    deep = b'{"type":"triple","value":{"object":' * 200_000
    body = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + deep
    yield "deep triples in JSON", _sends(response(JSON, body)), "damaged|nested too deeply|stopped after"
    yield "broken Turtle", _sends(response("text/turtle", b"<e:a> <e:\x1b[2J> .")), "damaged"
    yield (
        "deep Turtle",
        _sends(response("text/turtle", b"<e:a> <e:b> " + b"[ <e:b> " * 300_000)),
        ("damaged|nested too deeply|stopped after"),
    )
    triples = b"<e:a> <e:b> " + b"<<( <e:a> <e:b> " * 200_000 + b"1" + b")>>" * 200_000 + b" ."
    yield "deep triple terms", _sends(response("text/turtle", triples)), "damaged|nested too deeply|stopped after|MiB"
    yield "half a body", _sends(response(JSON, _table("a"))[:-20]), "cannot be reached|damaged"
    yield (
        "chunk of a faulty size",
        _sends(f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".encode()),
        "cannot be reached|damaged",
    )
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/turtle,", "http://127.0.0.2:9/", "//e/x"):
        yield f"redirect to {target}", _redirects(target), "redirects to"
    yield "redirect with control characters", _redirects("http://e/\x1b[2J\x9b"), "redirects to"
    yield "redirect to nothing", _sends(response("text/plain", b"", "302 Found")), "redirects more than 5 times"
    yield (
        "redirect loop",
        lambda url: [response("text/plain", b"", "307 Again", f"Location: {url}\r\n")],
        ("redirects more than 5 times"),
    )


def _filter(expression: str) -> bytes:
    return f"ASK {{ FILTER({expression}) }}".encode()


def _table(text: str) -> bytes:
    document = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": text}}]}}
    return json.dumps(document, ensure_ascii=False).encode()


def _sends(*parts: bytes) -> Answer:
    return lambda url: parts


def _redirects(target: str) -> Callable[[str], Iterable[bytes]]:
    return _sends(response("text/plain", b"", "302 Found", f"Location: {target}\r\n"))


def _endless(head: bytes, part: bytes) -> Answer:
    def answer(url: str) -> Iterator[bytes]:
        yield head
        while True:
            yield part

    return answer


def _drip(url: str) -> Iterator[bytes]:
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n\r\n".encode()
    while True:
        time.sleep(0.2)
        yield b" "
