"""The texts and names that every format and database can hold, and their form in a message."""

from __future__ import annotations

import re

LONGEST_TEXT = 10_000_000
"""Characters of one text."""

LONGEST_NAME = 1_000
"""Bytes of one name in UTF-8; an index of PostgreSQL holds 2,700 bytes in a row, of at most two names."""

_SHOWN = 40
_ABRIDGED = 60
_LONGEST_LINE = 300
_FIVE_WORDS = re.compile(r"(?:\S+\s+){4}\S")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Control characters, and marks that change the direction or the line of the text around them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def fault_of_text(text: str) -> str | None:
    """Return the reason for which a text cannot be kept, to follow its name in a message; None if it can.

    >>> fault_of_text("liver")
    """
    if len(text) > LONGEST_TEXT:
        return f"has {len(text):,} characters; allowed: {LONGEST_TEXT:,}; split it"
    if "\0" in text:
        return "holds a NUL character, so it may be no text, or UTF-16; save it as UTF-8 without NUL"
    if not text.isascii() and _SURROGATE.search(text):
        return "holds half of a surrogate pair, which is no character; repair it"
    return None


def fault_of_name(name: str) -> str | None:
    """Return the reason for which a name, a path or a label cannot be kept; None if it can.

    >>> fault_of_name("x" * 1001)
    'has 1,001 bytes; allowed: 1,000; shorten it'
    """
    if fault := fault_of_text(name):
        return fault
    size = len(name.encode())
    return f"has {size:,} bytes; allowed: {LONGEST_NAME:,}; shorten it" if size > LONGEST_NAME else None


def printable(text: str, keep: str = "") -> str:
    r"""Escape the characters that a terminal may act on, or cannot show.

    :param keep: characters that are left as they are.

    >>> printable("a\x1b[31m\n")
    'a\\x1b[31m\\n'
    """
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] in keep else _escaped(found[0]), text)


def is_prose(text: str) -> bool:
    """Return whether a name may be a text in the wrong place: more than 40 characters, and five words.

    >>> is_prose("images/case 7/view 2.png"), is_prose("The liver is of normal size and echogenicity.")
    (False, True)
    """
    return len(text) > _SHOWN and _FIVE_WORDS.search(text) is not None


def brief_path(path: str) -> str:
    """Return the path of a file in a data set for a message, on one line; of prose, only the length is given."""
    return f"(a name of {len(path):,} characters)" if is_prose(path) else one_line(path)


def one_line(text: str) -> str:
    """Return a path or message on one line, `printable`, with the middle of a long one left out."""
    return printable(shortened(text, _LONGEST_LINE))


def shortened(text: str, longest: int) -> str:
    """Return a text, with its middle left out if it has more than `longest` characters.

    >>> shortened("abcdefgh", 4)
    'ab … gh'
    """
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]} … {text[-half:]}"


def abridged(text: str) -> str:
    """Return a label or value for a message: printable, and only its first 60 characters.

    >>> abridged("x" * 70) == "x" * 60 + "…"
    True
    """
    return printable(text if len(text) <= _ABRIDGED else f"{text[:_ABRIDGED]}…")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def brief(text: str) -> str:
    """Return a name for a message; a long one may be a text in the wrong place, so only its length is given.

    >>> brief("text")
    'text'
    """
    return text if len(text) <= _SHOWN else f"(a name of {len(text):,} characters)"
