"""Refuse queries that would write or call another server, by their keywords and before they run."""

from __future__ import annotations

import re

from udt.core.errors import QueryError

_LOCAL_CHAR = r"(?:[\w:{extra}]|%[0-9A-Fa-f]{{2}}|\\.)"
_SKIPPED = re.compile(
    rf"""
      \#[^\r\n]*                                                   # comment
    | \"\"\"(?:"?"?(?:[^"\\]|\\.))*\"\"\" | '''(?:'?'?(?:[^'\\]|\\.))*'''
    | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*'
    | <[A-Za-z][A-Za-z0-9+.-]*://[^>]*>                            # absolute IRI
    | (?P<unclear> <[^<>{{}}"\x00-\x20]*['\#)][^<>{{}}"\x00-\x20]*> )
    | <[^<>{{}}"\x00-\x20]*>                                       # any other IRI
    | (?P<local> :{_LOCAL_CHAR.format(extra="")}{_LOCAL_CHAR.format(extra=".-")}* )
    | [?$]\w+                                                      # variable
    | @[A-Za-z][A-Za-z0-9-]*                                       # language tag
    """,
    re.VERBOSE | re.DOTALL,
)
_SERVICE = re.compile("SERVICE", re.IGNORECASE)
_UPDATE = re.compile(r"\b(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|COPY|MOVE|ADD)\b(?!\s*:)", re.IGNORECASE)
_ORDER_BY = re.compile(r"[{}]|ORDER\s*BY", re.IGNORECASE)


def refuse_writes(query: str) -> None:
    """Raise an error unless a query only reads; words in comments, strings, IRIs and names are not keywords.

    :raises QueryError: if `query` contains `SERVICE` (at any depth) or is an update.
    """
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
    for a keyword by mistake, but no keyword is missed.
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
