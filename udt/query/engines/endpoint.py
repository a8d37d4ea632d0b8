"""Query a remote SPARQL endpoint by the SPARQL 1.1 protocol over HTTP."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pyoxigraph as ox

from udt.core.errors import QueryError
from udt.query.answers import Answer, answer_of
from udt.query.engines.isolated import call
from udt.taxonomy.model.namespaces import PREFIXES

_JSON = "application/sparql-results+json"
_TRIPLES = "application/n-triples"
_ACCEPT = f"{_JSON}, {_TRIPLES};q=0.9, text/turtle;q=0.8"
_LONGEST_REASON = 500


class _Response(Protocol):
    headers: Mapping[str, str]

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class EndpointData:
    """A server that answers SPARQL queries.

    :ivar url: its address for queries, e.g. `http://localhost:7878/query`.
    :raises QueryError: if `url` is not an HTTP or HTTPS URL.
    """

    url: str

    has_records = True

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise QueryError(
                f"'{self.url}' is not the URL of a SPARQL endpoint; give one such as http://localhost:7878/query"
            )

    def answer(self, query: str, timeout: float) -> Answer:
        """Send a read-only query, in a process that is killed after `timeout` seconds.

        :raises QueryError: if the server cannot be reached, refuses the query or answers in another format.
        """
        return call(timeout, _answer, self.url, query)


def _answer(url: str, query: str) -> Answer:
    # Before the first line without a line break, so that line numbers in messages of the server are those of the query.
    declared = "".join(f"PREFIX {name}: <{namespace}> " for name, namespace in PREFIXES.items())
    headers = {"Content-Type": "application/sparql-query; charset=utf-8", "Accept": _ACCEPT}
    request = Request(url, (declared + query).encode(), headers, method="POST")
    try:
        with urlopen(request) as response:
            return _read(url, response, query)
    except HTTPError as error:
        reason = error.read(_LONGEST_REASON).decode("utf-8", "replace").strip() or error.reason
        raise QueryError(f"{url} answered {error.code}: {reason}") from error
    except (URLError, HTTPException, OSError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        hint = "check that the server is running and that this is its query address"
        raise QueryError(f"{url} cannot be reached: {cause}; {hint}") from error


def _read(url: str, response: _Response, query: str) -> Answer:
    kind = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    body = io.BytesIO(response.read())
    try:
        if kind in (_JSON, "application/json"):
            found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
            return answer_of(found, query, PREFIXES)
        if kind in (_TRIPLES, "text/turtle"):
            form = ox.RdfFormat.N_TRIPLES if kind == _TRIPLES else ox.RdfFormat.TURTLE
            return answer_of((quad.triple for quad in ox.parse(body, format=form)), query, PREFIXES)
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{url} answered with damaged {kind}: {error}") from error
    raise QueryError(f"{url} answered with '{kind}' instead of SPARQL results; check that this is its query address")
