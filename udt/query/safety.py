"""Refuses a query that would write or call another server, by its words alone and before anything runs."""

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
    """Let a query pass that only reads; a word in a comment, a string, an IRI or a name is no keyword.

    :raises QueryError: where `query` holds `SERVICE` (at any depth) or is an update.
    """
    words = keywords_of(query)
    if found := _SERVICE.search(words):
        raise QueryError(
            f"SERVICE at {_place(query, found.start())} would call another server; a query may read the given data "
            "alone: take the clause out, and add what it would have fetched as a Turtle file (--taxonomy FILE)"
        )
    if found := _UPDATE.search(words):
        raise QueryError(
            f"{found[1].upper()} at {_place(query, found.start())} is an update; allowed are SELECT, ASK, CONSTRUCT "
            "and DESCRIBE: to change the taxonomy, write the change as a Turtle file and pass it with --taxonomy FILE"
        )


def is_ordered(query: str) -> bool:
    """Whether the outermost query has an `ORDER BY`.

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
    """`query` with every comment, string, IRI, local name, variable and language tag blanked; offsets stay the same.

    `<` may open an IRI or mean "less than". What both readings could continue differently (a `#`, a quote or a
    parenthesis before the next `>`, without the `://` that only an IRI has) is not guessed at: from there on nothing is
    blanked, so that a keyword may be seen where there is none, but never missed.
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


def _place(query: str, offset: int) -> str:
    line = query.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - query.rfind(chr(10), 0, offset)}"
