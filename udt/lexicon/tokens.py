"""Tokenisation of text into words, numbers and signs, in lower case without accents.

Hyphens and apostrophes within words are separators and are dropped, so that *well-defined* and *well defined*, *Baker's
cyst* and *Baker cyst* give the same words. A Chinese character is a word of its own. Offsets count code points.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from typing import NamedTuple

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_DASH = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
_QUOTE = "'\u2019\u2018\u02bc`\u00b4"


def _pattern(first: str, letter: str, dash: str, quote: str) -> re.Pattern[str]:
    """Compile the pattern of one word, number or sign. No two alternatives begin alike, so their order is free.

    :param first: pattern of the first letter of a word, except the letter s, which may be the s of a genitive.
    """
    word = rf"{first}{letter}*|s(?:{letter}+|(?<![{quote}]s)|(?=\w))"
    number = r"\d+(?:[.,\u00b7]\d+)*"
    sign = rf"[^\w\s{dash}{quote}]|_|[{_HAN}]|\n\s*"
    at_edge = rf"[{dash}](?:(?<!\w[{dash}])|(?!\w))|[{quote}](?:(?<!\w[{quote}])|(?!\w))"
    # Spaces are tested first: they are most of the text between tokens.
    return re.compile(rf"((?! )(?:{word}|{number}|{sign}|{at_edge}))")


_TOKEN = _pattern(rf"[^\W\d_{_HAN}s]", rf"[^\W\d_{_HAN}]", _DASH, _QUOTE)
# The same for ASCII text, whose words are plain letters; about twice as fast.
_PLAIN_TOKEN = _pattern("[a-rt-z]", "[a-z]", r"\-", "'`")


def _plain_letters() -> dict[str, str]:
    """Map dashes to the hyphen, and accented letters with one base letter in ASCII to that letter."""
    table = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[chr(code)] = base.lower()
    return table


_FOLD = _plain_letters()
_FOLDED = re.compile(f"[{''.join(_FOLD)}]")


class Tokens(NamedTuple):
    """The words of a text.

    :ivar words: folded words; a line break with the white space after it is the word `\\n`.
    :ivar starts: start offset of each word.
    :ivar ends: exclusive end offset of each word.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> Tokens:
    """Split `text` into words, in one pass.

    >>> tokenize("Well-defined Baker's cyst, 2.3 cm").words
    ['well', 'defined', 'baker', 'cyst', ',', '2.3', 'cm']
    """
    folded = fold(text)
    plain = folded.isascii()
    parts = (_PLAIN_TOKEN if plain else _TOKEN).split(folded)  # alternately the text between words and a word
    ends = list(accumulate(map(len, parts)))
    words = parts[1::2]
    if "\n" in folded:
        words = ["\n" if word[0] == "\n" else word for word in words]
    if not plain:
        words = [word if word.isascii() else unicodedata.normalize("NFKD", word) for word in words]
    return Tokens(words, ends[:-1:2], ends[1::2])


def fold(text: str) -> str:
    """Return `text` in lower case without accents; the length stays the same."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered if lowered.isascii() else _FOLDED.sub(_plain, lowered)


def _plain(match: re.Match[str]) -> str:
    return _FOLD[match[0]]
