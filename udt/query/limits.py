"""The limits of a query, each with the error that states it."""

from __future__ import annotations

import re

from udt.core.errors import QueryError

TIMEOUT = 30.0
"""Seconds after which a query is stopped, unless another time is given."""
MAX_TIMEOUT = 86_400.0
"""Longest time limit in seconds: a day."""
MAX_LENGTH = 1_000_000
"""Most characters of a query."""
MAX_DEPTH = 500
"""Deepest nesting of parentheses, braces and brackets."""
MAX_PARTS = 10_000
"""Most operators, clauses, groups and statements of a query; the parser recurses for each of a chain."""
MAX_ROWS = 1_000_000
"""Most rows of a table, or triples of a graph."""
MAX_RESULT = 512 << 20
"""Most bytes of a result, as it is passed from the process of the query."""
MAX_BODY = 256 << 20
"""Most bytes of the answer of a server."""
MEMORY_LIMIT = 4 << 30
"""Memory limit of the process of a query in bytes, on systems that have one."""
STACK = 512 << 20
"""Stack of the thread of a query in bytes; the limits above need less than a tenth of it."""

_BRACKET = re.compile(r"[(){}\[\]]")
# The point of a number and the ^^ of a datatype are no operators.
_PART = re.compile(
    r"[-+*/|&!=<>;{\[]|\.(?!\d)|(?<!\^)\^(?!\^)|\b(?:AS|BIND|FILTER|MINUS|OPTIONAL|UNION|VALUES)\b", re.IGNORECASE
)


def check_timeout(seconds: float) -> None:
    """Check that a time limit is a finite number in the allowed range.

    :raises QueryError: otherwise.
    """
    if not 0 < seconds <= MAX_TIMEOUT:
        raise QueryError(
            f"the time limit is {seconds:g} s; allowed: a number of seconds above 0, up to {MAX_TIMEOUT:,.0f} (a day)"
        )


def check_length(query: str) -> None:
    """Check that a query has at most `MAX_LENGTH` characters.

    :raises QueryError: otherwise.
    """
    if len(query) > MAX_LENGTH:
        raise QueryError(
            f"the query has {len(query):,} characters; allowed: {MAX_LENGTH:,}; leave out comments, or split it"
        )


def check_size(words: str) -> None:
    """Check that a query is neither nested too deeply nor has too many parts.

    :param words: the query without comments, strings, IRIs and names; see `keywords_of`.
    :raises QueryError: otherwise.
    """
    depth = _depth(words)
    if depth > MAX_DEPTH:
        raise QueryError(
            f"the query is nested {depth:,} levels deep in parentheses, braces and brackets; allowed: {MAX_DEPTH}; "
            "write it without the superfluous ones, or as several queries"
        )
    parts = sum(1 for _ in _PART.finditer(words))
    if parts > MAX_PARTS:
        raise QueryError(
            f"the query has {parts:,} operators, clauses and groups; allowed: {MAX_PARTS:,}; "
            "put the terms into one VALUES or IN, or split the query"
        )


def _depth(words: str) -> int:
    depth = deepest = 0
    for found in _BRACKET.finditer(words):
        depth += 1 if found[0] in "({[" else -1
        deepest = max(deepest, depth)
    return deepest
