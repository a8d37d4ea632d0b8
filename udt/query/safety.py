"""Refuse queries that would write, call another server or are too large, by their keywords and before they run."""

from __future__ import annotations

import re

from udt.core.errors import QueryError
from udt.query.limits import check_length, check_size

_LOCAL_CHAR = r"(?:[\w:{extra}]|%[0-9A-Fa-f]{{2}}|\\.)"
_SKIPPED = re.compile(
    rf"""
      \#[^\r\n]*                                                   # comment
    | \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
    | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+'
    | <[A-Za-z][A-Za-z0-9+.-]*://[^>]*>                            # absolute IRI
    | (?P<unclear>
          <[A-Za-z][A-Za-z0-9+.-]*://                                # an IRI without an end
        | <[^<>{{}}"\x00-\x20'\#)]*['\#)][^<>{{}}"\x00-\x20]*>
        | ["'\\]                                                     # a string without an end, an escape
      )
    | <[^<>{{}}"\x00-\x20]*>                                       # any other IRI
    | (?P<local> :{_LOCAL_CHAR.format(extra="")}{_LOCAL_CHAR.format(extra=".-")}* )
    | [?$]\w+                                                      # variable
    | @[A-Za-z][A-Za-z0-9-]*                                       # language tag
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LAST_CODE = 0x10FFFF
_SURROGATE = re.compile("[\ud800-\udfff]")
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_UPDATE = re.compile(r"\b(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|COPY|MOVE|ADD)\b(?!\s*:)", re.IGNORECASE)
_ORDER_BY = re.compile(r"[{}]|ORDER\s*BY", re.IGNORECASE)


def check_query(query: str) -> None:
    """Check that a query only reads, and that it is small enough for an engine.

    :raises QueryError: if it would write or call another server, is too long, too deep or has too many parts, or
        contains half of a surrogate pair.
    """
    check_length(query)
    if found := _SURROGATE.search(query):
        raise QueryError(
            f"the query has half of a surrogate pair at {_position(query, found.start())}, which is no character; "
            "save or type the query as UTF-8"
        )
    refuse_writes(query)
    check_size(keywords_of(query))


def refuse_writes(query: str) -> None:
    """Raise an error unless a query only reads; words in comments, strings, IRIs and names are not keywords.

    A server may replace escapes such as `\\u0053` before it parses a query, so the query is read with and without them.

    :raises QueryError: if `query` contains `SERVICE` (at any depth) or is an update.
    """
    _refuse_words(query)
    plain = _ESCAPE.sub(_unescaped, query)
    if plain != query:
        try:
            _refuse_words(plain)
        except QueryError as error:
            raise QueryError(f"with its escapes (\\uXXXX) replaced by characters, {error}") from None


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code <= _LAST_CODE else found[0]


def _refuse_words(query: str) -> None:
    words = keywords_of(query)
    if found := _SERVICE.search(words):
        raise QueryError(
            f"SERVICE at {_position(query, found.start())} would call another server, which is not allowed; remove "
            "the clause, and add the data that it would have fetched as a Turtle file (--taxonomy FILE)"
        )
    if found := _UPDATE.search(words):
        raise QueryError(
            f"{found[1].upper()} at {_position(query, found.start())} is an update; allowed are SELECT, ASK, CONSTRUCT "
            "and DESCRIBE; to change the taxonomy, write the change as a Turtle file and pass it with --taxonomy FILE"
        )


def is_ordered(query: str) -> bool:
    """Check whether the outermost query has an `ORDER BY`.

    >>> is_ordered("SELECT * { ?s ?p ?o } ORDER BY ?s")
    True
    >>> is_ordered("SELECT * { { SELECT ?s { ?s ?p ?o } ORDER BY ?s } }")
    False
    """
    depth = 0
    for found in _ORDER_BY.finditer(keywords_of(query)):
        if found[0] not in "{}":
            if depth == 0:
                return True
        else:
            depth += 1 if found[0] == "{" else -1
    return False


def keywords_of(query: str) -> str:
    """Replace every comment, string, IRI, local name, variable and language tag by blanks; offsets stay the same.

    `<` may open an IRI or mean "less than". If the two readings continue differently (a `#`, a quote or a parenthesis
    before the next `>`, without the `://` that only an IRI has), nothing from there on is blanked: a word may be taken
    for a keyword by mistake, but no keyword is missed. The same holds from a string or an IRI on that does not end, so
    that the time grows with the length of the query alone.
    """
    kept: list[str] = []
    end = 0
    for found in _SKIPPED.finditer(query):
        if found["unclear"]:
            break
        colon = ":" if found["local"] else ""
        kept += query[end : found.start()], colon, " " * (len(found[0]) - len(colon))
        end = found.end()
    return "".join(kept) + query[end:]


def _position(query: str, offset: int) -> str:
    line = query.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - query.rfind(chr(10), 0, offset)}"
