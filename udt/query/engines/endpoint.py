"""Query a remote SPARQL endpoint by the SPARQL 1.1 protocol over HTTP.

The answer of a server is not trusted: its size, its type and its redirections are limited, and control characters in
what it writes do not reach a message.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import pyoxigraph as ox

from udt.core.errors import QueryError
from udt.query.answers import Answer, answer_of
from udt.query.engines.isolated import call
from udt.query.limits import MAX_BODY
from udt.reporting.console import printable
from udt.taxonomy.model.namespaces import PREFIXES

_JSON = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
_ACCEPT = f"{_JSON}, {_TRIPLES};q=0.9, text/turtle;q=0.8"
_KINDS = (_JSON, "application/json", _TRIPLES, "text/turtle")
_LONGEST_REASON = 500
_MOST_REDIRECTS = 5


class _Response(Protocol):
    headers: Mapping[str, str]

    def read(self, amount: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class EndpointData:
    """A server that answers SPARQL queries.

    :ivar url: its address for queries, e.g. `http://localhost:7878/query`.
    :raises QueryError: if `url` is not an HTTP or HTTPS URL.
    """

    url: str

    has_records = True

    def __post_init__(self) -> None:
        parts = _parts(self.url)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise QueryError(
                f"'{_shown(self.url)}' is not the URL of a SPARQL endpoint; give one such as "
                "http://localhost:7878/query, in ASCII characters and without blanks"
            )
        if "@" in parts.netloc:
            raise QueryError("the URL of the endpoint has a user name in it, which is not supported; leave it out")

    def answer(self, query: str, timeout: float) -> Answer:
        """Send a read-only query, in a process that is killed after `timeout` seconds.

        :raises QueryError: if the server cannot be reached, refuses the query, redirects to another one, or answers in
            another format or with more than `MAX_BODY` bytes.
        """
        return call(timeout, _answer, self.url, query)


def _parts(url: str) -> SplitResult | None:
    """Split a URL; return None if it has a faulty host or port, or characters other than printable ASCII."""
    try:
        parts = urlsplit(url)
        return parts if url.isascii() and url.isprintable() and " " not in url and parts.port != 0 else None
    except ValueError:
        return None


def _shown(text: object) -> str:
    """Return text of a server for a message: its beginning, without control characters."""
    return printable(str(text).strip()[:_LONGEST_REASON])


class _Redirects(BaseHandler):
    """Repeats the query at another address of the same host; a redirection to any other place is refused."""

    def http_error_302(self, request: Request, response: Any, code: int, reason: str, headers: Any) -> Any:
        """Follow a redirection.

        :raises QueryError: if it leads to another host, to another scheme than HTTPS, or is one too many.
        """
        response.close()
        target = urljoin(request.full_url, headers.get("Location") or "")
        hops = getattr(request, "hops", 0) + 1
        old, new = urlsplit(request.full_url), _parts(target)
        if new is None or new.hostname != old.hostname or new.scheme not in (old.scheme, "https") or "@" in new.netloc:
            raise QueryError(
                f"{request.full_url} answered {code} and redirects to '{_shown(target)}'; allowed: another address of "
                "the same host by the same scheme or HTTPS; give the address itself, if you trust it"
            )
        if hops > _MOST_REDIRECTS:
            raise QueryError(
                f"{request.full_url} redirects more than {_MOST_REDIRECTS} times; check that this is its query address"
            )
        again = Request(target, request.data, request.headers, method="POST")
        again.hops = hops  # type: ignore[attr-defined]
        return self.parent.open(again)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _opener() -> OpenerDirector:
    """Return an opener for HTTP and HTTPS alone: no files, FTP or data URLs."""
    opener = OpenerDirector()
    kinds = (ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor, _Redirects)
    for kind in kinds:
        opener.add_handler(kind())
    return opener


def _answer(url: str, query: str) -> Answer:
    # Before the first line without a line break, so that line numbers in messages of the server are those of the query.
    declared = "".join(f"PREFIX {name}: <{namespace}> " for name, namespace in PREFIXES.items())
    headers = {
        "Content-Type": "application/sparql-query; charset=utf-8",
        "Accept": _ACCEPT,
        "Accept-Encoding": "identity",
    }
    request = Request(url, (declared + query).encode(), headers, method="POST")
    try:
        with _opener().open(request) as response:
            return _read(url, response, query)
    except HTTPError as error:
        with error:
            reason = _shown(error.read(_LONGEST_REASON).decode("utf-8", "replace")) or _shown(error.reason)
        raise QueryError(f"{url} answered {error.code}: {reason}") from error
    except (URLError, HTTPException, OSError, UnicodeError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        hint = "check that the server is running and that this is its query address"
        raise QueryError(f"{url} cannot be reached: {_shown(cause) or type(error).__name__}; {hint}") from error


def _read(url: str, response: _Response, query: str) -> Answer:
    kind = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    coding = response.headers.get("Content-Encoding") or "identity"
    if kind not in _KINDS or coding != "identity":
        got = kind if coding == "identity" else f"{kind} in the coding {coding}"
        raise QueryError(
            f"{url} answered with '{_shown(got)}' instead of SPARQL results ({', '.join(_KINDS)}); "
            "check that this is its query address"
        )
    body = response.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise QueryError(f"{url} answered with more than {MAX_BODY >> 20} MiB; narrow the pattern or add LIMIT")
    try:
        return answer_of(_results(kind, body), query, PREFIXES)
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        if isinstance(error, QueryError):
            raise
        raise QueryError(f"{url} answered with damaged {kind}: {_shown(error)}; ask its operator") from error


def _results(kind: str, body: bytes) -> ox.QueryBoolean | ox.QuerySolutions | Iterable[ox.Triple]:
    if kind in (_JSON, "application/json"):
        return ox.parse_query_results(io.BytesIO(body), format=ox.QueryResultsFormat.JSON)
    form = ox.RdfFormat.N_TRIPLES if kind == _TRIPLES else ox.RdfFormat.TURTLE
    return (quad.triple for quad in ox.parse(io.BytesIO(body), format=form))
