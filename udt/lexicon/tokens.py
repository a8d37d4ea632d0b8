"""Tokenisation of text into words, numbers and signs, in lower case without accents.

Hyphens and apostrophes within words are separators and are dropped, so that *well-defined* and *well defined*, *Baker's
cyst* and *Baker cyst* give the same words. A Chinese character is a word of its own. Offsets count code points.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import Final

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_DASH: Final = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
# Distance of a full-width form from its ASCII character.
_WIDE: Final = 0xFEE0
_QUOTE: Final = "'\u2019\u2018\u02bc`\u00b4"


def _pattern(first: str, letter: str, digit: str, sign: str, within: str, dash: str, quote: str) -> str:
    """Return the pattern of one word, number or sign. No two alternatives begin alike, so their order is free.

    :param first: the first letter of a word, except the letter s, which may be the s of a genitive.
    :param sign: a sign that is a word of its own, except dashes and quotes.
    :param within: a letter, a digit or the underscore.
    """
    word = rf"{first}{letter}*+|s(?:{letter}++|(?<![{quote}]s)|(?={within}))"
    number = rf"{digit}(?:{digit}++)?+(?:[.,\u00b7]{digit}++)*+"
    at_edge = rf"[{dash}](?:(?<!{within}[{dash}])|(?!{within}))|[{quote}](?:(?<!{within}[{quote}])|(?!{within}))"
    return rf"{word}|{sign}|{number}|\n\s*+|{at_edge}"


_ANY: Final = _pattern(
    first=rf"[^\W\d_{_HAN}s]",
    letter=rf"[^\W\d_{_HAN}]",
    digit=r"\d",
    sign=rf"[^\w\s{_DASH}{_QUOTE}]|_|[{_HAN}]",
    within=r"\w",
    dash=_DASH,
    quote=_QUOTE,
)
# Spaces are tested first: they are most of the text between tokens.
_TOKEN: Final = re.compile(f"((?! )(?:{_ANY}))")
_SIGNS: Final = "".join(c for c in map(chr, range(128)) if not (c.isalnum() or c.isspace() or c in "-'`"))
_PLAIN: Final = _pattern(
    first="[a-rt-z]",
    letter="[a-z]",
    digit="[0-9]",
    sign=f"[{re.escape(_SIGNS)}]",
    within="[a-z0-9_]",
    dash=r"\-",
    quote="'`",
)
# The same for ASCII text; about three times as fast, since sets of characters are tested faster than classes like `\w`.
_PLAIN_TOKEN: Final = re.compile(f"({_PLAIN})")


def _plain_letters() -> dict[str, str]:
    """Map signs and letters to ASCII: dashes, accented letters with one base letter, and full-width forms.

    The full-width comma is left: between numbers it separates them.
    """
    table = {chr(code): chr(code - _WIDE).lower() for code in range(0xFF01, 0xFF5F) if chr(code) != "\uff0c"}
    table |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[chr(code)] = base.lower()
    return table


_FOLD: Final = _plain_letters()
_FOLDED: Final = re.compile(f"[{''.join(_FOLD)}]")


class Tokens:
    """The words of a text.

    :ivar words: folded words; a line break with the white space after it is the word `\\n`.
    :ivar starts: start offset of each word.
    :ivar ends: exclusive end offset of each word.
    """

    __slots__ = ("ends", "starts", "words")

    def __init__(self, words: list[str], starts: list[int], ends: list[int]) -> None:
        self.words, self.starts, self.ends = words, starts, ends


def tokenize(text: str) -> Tokens:
    """Split `text` into words, in one pass.

    >>> tokenize("Well-defined Baker's cyst, 2.3 cm").words
    ['well', 'defined', 'baker', 'cyst', ',', '2.3', 'cm']
    """
    folded = fold(text)
    if "\n" not in folded:
        return _split_line(folded)
    plain = folded.isascii()
    parts = (_PLAIN_TOKEN if plain else _TOKEN).split(folded)  # alternately the text between words and a word
    ends = list(accumulate(map(len, parts)))
    words = ["\n" if word[0] == "\n" else word for word in parts[1::2]]
    return Tokens(words if plain else list(map(_decomposed, words)), ends[:-1:2], ends[1::2])


def _split_line(line: str) -> Tokens:
    """Split a folded line at its spaces, and by the patterns only what is no word or number between signs."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    start = 0
    parts = line.split(" ")
    plain = line.isascii()
    for part, alphabetic in zip(parts, list(map(str.isalpha, parts)), strict=True):
        end = start + len(part)
        if not plain and not part.isascii():
            for match in _TOKEN.finditer(part):
                words.append(_decomposed(match[0]))
                starts.append(start + match.start())
                ends.append(start + match.end())
        elif alphabetic:
            words.append(part)
            starts.append(start)
            ends.append(end)
        elif part:
            inner = part.strip(_SIGNS)
            if not inner or inner.isalpha() or inner.isdigit():
                first = start + part.index(inner)
                _add_signs(line, start, first, words, starts, ends)
                if inner:
                    words.append(inner)
                    starts.append(first)
                    ends.append(first + len(inner))
                _add_signs(line, first + len(inner), end, words, starts, ends)
            else:
                for match in _PLAIN_TOKEN.finditer(part):
                    words.append(match[0])
                    starts.append(start + match.start())
                    ends.append(start + match.end())
        start = end + 1
    return Tokens(words, starts, ends)


def _add_signs(line: str, first: int, end: int, words: list[str], starts: list[int], ends: list[int]) -> None:
    """Add the signs from one offset of a line to another, each of which is a word."""
    for i in range(first, end):
        words.append(line[i])
        starts.append(i)
        ends.append(i + 1)


def _decomposed(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFKD", word)


def fold(text: str) -> str:
    """Return `text` in lower case without accents; the length stays the same."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered if lowered.isascii() else _FOLDED.sub(_plain, lowered)


def _plain(match: re.Match[str]) -> str:
    return _FOLD[match[0]]
