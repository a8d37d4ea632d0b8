"""Servers of SPARQL that are not to be trusted; `tests/attacks/sparql.py` has many more."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.attacks.hostile_server import response, serving
from udt.core.errors import QueryError
from udt.query.answers import Table
from udt.query.engines import endpoint
from udt.query.engines.endpoint import EndpointData, _answer

JSON = "application/sparql-results+json"
BODY = b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "a"}}]}}'


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://e/",
        "http://",
        "http://[::1",
        "http://e:99999/",
        "http://e/é",
        "http://e/a b",
        "http://e/\x1b[2J",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(QueryError, match="is not the URL of a SPARQL endpoint") as caught:
        EndpointData(url)
    assert "\x1b" not in str(caught.value)


def test_a_user_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(QueryError, match="has a user name in it") as caught:
        EndpointData("http://joe:geheim@e/query")
    assert "geheim" not in str(caught.value)


def test_a_redirect_on_the_same_host_repeats_the_query() -> None:
    asked: list[str] = []

    def answer(url: str) -> list[bytes]:
        asked.append(url)
        moved = response("text/plain", b"", "301 Moved", "Location: /other\r\n")
        return [moved if len(asked) == 1 else response(JSON, BODY)]

    with serving(answer) as url:
        table = _answer(url, "SELECT * { ?s ?p ?o }")
    assert isinstance(table, Table)
    assert table.rows == ((ox.Literal("a"),),)
    assert len(asked) == 2


def test_a_body_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "MAX_BODY", 1 << 20)
    too_long = pytest.raises(QueryError, match="answered with more than 1 MiB; narrow the pattern or add LIMIT")
    with serving(lambda url: [response(JSON, b" " * (2 << 20))]) as url, too_long:
        _answer(url, "ASK { }")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (response("text/\x1b[2Jhtml", b"x"), r"answered with 'text/\\x1b\[2jhtml' instead of SPARQL results"),
        (response("text/plain", b"\x1b[2J no", "500 No"), r"answered 500: \\x1b\[2J no"),
        (
            response("text/plain", b"", "302 Found", "Location: file:///etc/passwd\r\n"),
            "redirects to 'file:///etc/passwd'",
        ),
        (response(JSON, BODY, headers="Content-Encoding: gzip\r\n"), "in the coding gzip"),
    ],
)
def test_an_answer_that_is_refused(answer: bytes, message: str) -> None:
    with serving(lambda url: [answer]) as url, pytest.raises(QueryError, match=message):
        _answer(url, "ASK { }")
