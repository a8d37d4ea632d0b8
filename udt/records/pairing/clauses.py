"""Sentences, clauses and words of captions, as spans of code points."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from udt.records.pairing.words import indicator_words

_END: Final = re.compile(r"[.!?](?=[\s)]|$)|;(?=\s|$)|[。！？；\n]")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_INITIAL: Final = re.compile(r"(?:^|[\s(])[A-Za-z]$")
_EDGE: Final = " \t\r\n,;:–—-、，：；"
_TAIL: Final = " \t\r\n,;–—-、，；(（["
_CLOSED: Final = ".!?。！？"


class Span(NamedTuple):
    """A part of a text: start and exclusive end, in code points."""

    start: int
    end: int


def sentence_ends(text: str) -> list[int]:
    """Return the exclusive end of each sentence, the end of the text included.

    A full stop after an abbreviation or an initial ends none.
    """
    ends = [match.end() for match in _END.finditer(text) if not _is_abbreviation(text, match)]
    return ends if ends and ends[-1] >= len(text.rstrip()) else [*ends, len(text)]


def _is_abbreviation(text: str, match: re.Match[str]) -> bool:
    if match[0] != "." or match.end() == len(text):
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    last = before.rsplit(maxsplit=1)[-1:]
    known = bool(last) and last[0].lower().lstrip("([") in indicator_words().abbreviations
    return known or (_INITIAL.search(before) is not None and text[match.end() :].lstrip()[:1].islower())


def words_of(text: str, span: Span) -> list[Span]:
    """Return the spans of the words in a span; parts joined by hyphens or full stops are one word."""
    return [Span(*match.span()) for match in _WORD.finditer(text, span.start, span.end)]


def lowered(text: str, span: Span) -> str:
    """Return the text of a span in lower case."""
    return text[span.start : span.end].lower()


def last_word(text: str, end: int) -> str:
    """Return the word that ends just before `end`, in lower case, or an empty text after a sign."""
    before = text[max(0, end - 40) : end].rstrip()
    words = words_of(before, Span(0, len(before)))
    return lowered(before, words[-1]) if words and words[-1].end == len(before) else ""


def first_word(text: str, start: int) -> str:
    """Return the word that starts just after `start`, in lower case, or an empty text before a sign."""
    after = text[start : start + 40].lstrip()
    words = words_of(after, Span(0, len(after)))
    return lowered(after, words[0]) if words and words[0].start == 0 else ""


def trimmed(text: str, span: Span) -> Span:
    """Return a span without the signs and the words that only link it to its neighbours; it may be empty.

    A bracket that the span opens and does not close, or closes and does not open, is left out at its edges.
    """
    start, end = span
    joins = indicator_words().joins
    changed = True
    while changed and start < end:
        before = start, end
        while start < end and text[start] in _EDGE + _CLOSED + ")）]":
            start += 1
        while start < end and (text[end - 1] in _TAIL or _closes_alone(text, start, end)):
            end -= 1
        if (first_word(text, start) in joins and text[start].isalnum()) or text[start : start + 1] == "&":
            start += max(1, len(first_word(text, start)))
        if last_word(text, end) in joins or (end and text[end - 1] == "&"):
            end -= max(1, len(last_word(text, end)))
        changed = (start, end) != before
    return Span(start, max(start, end))


def _closes_alone(text: str, start: int, end: int) -> bool:
    """Return whether a span ends with a bracket that it does not open; a full stop may follow the bracket."""
    pairs = {")": "(", "）": "（", "]": "["}
    part = text[start:end]
    closing = part.rstrip(_CLOSED)[-1:]
    return closing in pairs and part.count(pairs[closing]) < part.count(closing)


def is_closed(text: str) -> bool:
    """Return whether a text ends with a sign that another sentence or clause may follow."""
    return text[-1:] in _CLOSED + ":;：；"
