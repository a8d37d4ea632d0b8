"""Turtle for human readers: headers, terms, and lists wrapped to lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from udt.taxonomy.model.namespaces import PREFIXES, compress

_SAFE_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def header(prefixes: Iterable[str], comment: str) -> str:
    """Write a comment line and `@prefix` lines, which end in a line break."""
    lines = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in prefixes]
    return "\n".join([f"# {comment}", "", *lines, ""])


def term(iri: str) -> str:
    """Write `iri` as a CURIE if there is a built-in prefix and the grammar allows it, else in angle brackets.

    >>> term("https://w3id.org/udt/udaf/shape.round"), term("https://example.org/a/b")
    ('udaf:shape.round', '<https://example.org/a/b>')
    """
    curie = compress(iri)
    prefix, _, local = curie.partition(":")
    return curie if prefix in PREFIXES and _SAFE_LOCAL.fullmatch(local) else f"<{iri}>"


def literal(text: str, language: str) -> str:
    r"""Write a text with its language tag.

    >>> print(literal('the "bare" area', "en"))
    "the \"bare\" area"@en
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"@{language}'


def wrapped(terms: Iterable[str], indent: int, separator: str = "", width: int = 120) -> str:
    """Wrap `terms` to lines of at most `width`, indented by `indent` spaces, with `separator` after all but the last.

    >>> print(wrapped(["aa", "bb", "cc"], indent=2, separator=" ,", width=12))
      aa , bb ,
      cc
    """
    items = list(terms)
    pieces = [item + separator for item in items[:-1]] + items[-1:]
    lines: list[str] = []
    for piece in pieces:
        if lines and indent + len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return "\n".join(" " * indent + line for line in lines)
