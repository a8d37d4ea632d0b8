"""Cuts text into words, numbers and signs, and folds words so that spelling variants meet.

Hyphens and apostrophes within words separate and vanish, so that *well-defined* and *well defined*, *Baker's cyst* and
*Baker cyst* give the same words. A Chinese character is a word of its own. Offsets are code points of the text.
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
    """One word, number or sign. An alternative begins with what no other begins with, so their order is free.

    :param first: what a word begins with, but for the letter s, which is no word where it is the s of a genitive.
    """
    word = rf"{first}{letter}*|s(?:{letter}+|(?<![{quote}]s)|(?=\w))"
    number = r"\d+(?:[.,\u00b7]\d+)*"
    sign = rf"[^\w\s{dash}{quote}]|_|[{_HAN}]|\n\s*"
    at_edge = rf"[{dash}](?:(?<!\w[{dash}])|(?!\w))|[{quote}](?:(?<!\w[{quote}])|(?!\w))"
    return re.compile(rf"((?! )(?:{word}|{number}|{sign}|{at_edge}))")  # blanks first, as most of what is no token


_TOKEN = _pattern(rf"[^\W\d_{_HAN}s]", rf"[^\W\d_{_HAN}]", _DASH, _QUOTE)
# The same over ASCII, where a word is plain letters; about twice as fast.
_PLAIN_TOKEN = _pattern("[a-rt-z]", "[a-z]", r"\-", "'`")


def _plain_letters() -> dict[str, str]:
    """Accented letters that fold to one plain letter."""
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

    :ivar words: folded forms; every line break with the blanks after it is the word `\\n`.
    :ivar starts: offset of each word's first character.
    :ivar ends: offset behind each word's last character.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> Tokens:
    """The words of `text`, in one pass.

    >>> tokenize("Well-defined Baker's cyst, 2.3 cm").words
    ['well', 'defined', 'baker', 'cyst', ',', '2.3', 'cm']
    """
    folded = fold(text)
    plain = folded.isascii()
    parts = (_PLAIN_TOKEN if plain else _TOKEN).split(folded)  # what is between words, word, between, …, between
    ends = list(accumulate(map(len, parts)))
    words = parts[1::2]
    if "\n" in folded:
        words = ["\n" if word[0] == "\n" else word for word in words]
    if not plain:
        words = [word if word.isascii() else unicodedata.normalize("NFKD", word) for word in words]
    return Tokens(words, ends[:-1:2], ends[1::2])


def fold(text: str) -> str:
    """`text` in lower case without accents, of the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered if lowered.isascii() else _FOLDED.sub(_plain, lowered)


def _plain(match: re.Match[str]) -> str:
    return _FOLD[match[0]]
