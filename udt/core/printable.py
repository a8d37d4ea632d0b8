"""Texts from files, made safe for messages."""

from __future__ import annotations

_LONGEST = 300


def printable(text: str) -> str:
    """Return a text on one line: control characters as escapes, and the middle of a long text left out.

    >>> printable("a\\x1b[2J.png")
    'a\\\\x1b[2J.png'
    """
    half = _LONGEST // 2
    short = text if len(text) <= _LONGEST else f"{text[:half]}…{text[-half:]}"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)
