"""Families of indicators: letters, roman numerals, positions and ordinals, with the patterns of their forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from udt.records.pairing.words import indicator_words

Layout = Literal["order", "horizontal", "vertical", "quadrants"]

_UPPER, _LOWER = "ABCDEFGHIJKLMNOP", "abcdefghijklmnop"
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_LINES: Final = ("column", "row")
_STOP: Final = r"(?![^\W_]|[-–]\w)"  # no word or compound goes on
_NUMBER: Final = r"(?:\d{1,2}\s?)?"  # of the figure
_MOST_KEYS: Final = 16  # in one list


@dataclass(frozen=True, slots=True)
class IndicatorFamily:
    """One way to name the parts of a figure.

    :ivar words: the words of each key, in reading order.
    :ivar required: keys without which there is no series; the first keys without a gap if empty.
    :ivar pattern: finds what may be an indicator; the group that matches names its style and has its keys.
    """

    layout: Layout
    words: Mapping[str, Sequence[str]]
    pattern: re.Pattern[str]
    required: frozenset[str] = frozenset()

    def parse(self, found: str) -> tuple[str, ...]:
        """Return the keys of a list or range of them, such as `a, b` or `a–c`."""
        key_of = {word.lower(): key for key, words in self.words.items() for word in words}
        order, keys, to = list(self.words), list[str](), False
        key = rf"(?<![a-z])(?:{_any(key_of)})(?![a-z])"
        for part in re.findall(rf"{key}|[–—-]|\b(?:{_any(indicator_words().ranges)})\b", found.lower()):
            if part not in key_of:
                to = True
            elif to and keys:
                keys += order[order.index(keys[-1]) + 1 : order.index(key_of[part]) + 1]
                to = False
            else:
                keys.append(key_of[part])
        return tuple(keys)


@cache
def indicator_families() -> tuple[IndicatorFamily, ...]:
    """Return the families, the one that is looked for first coming first."""
    layouts = indicator_words().layouts
    quadrants, horizontal, vertical = (layouts[name] for name in ("quadrants", "horizontal", "vertical"))
    return (
        *(_numbered({key.lower(): (key,) for key in keys}) for keys in (_UPPER, _LOWER)),
        IndicatorFamily("quadrants", quadrants, _of_words(quadrants, _LINES), frozenset(quadrants)),
        IndicatorFamily("horizontal", horizontal, _of_words(horizontal, _LINES), frozenset({"left", "right"})),
        IndicatorFamily("vertical", vertical, _of_words(vertical, _LINES), frozenset({"top", "bottom"})),
        IndicatorFamily("order", layouts["ordinals"], _of_words(layouts["ordinals"], ())),
        *(_numbered({key: (change(key),) for key in _ROMAN}) for change in _CASES),
    )


_CASES: Final[tuple[Callable[[str], str], ...]] = (str.upper, str.lower)


def _numbered(words: Mapping[str, Sequence[str]]) -> IndicatorFamily:
    """Return a family of letters or numerals, before which the number of the figure may go: `Fig. 1a`."""
    known = indicator_words()
    keys = _listed(_any(word for one in words.values() for word in one), _NUMBER)
    noun = rf"(?i:{_any(known.nouns)})(?i:s)?"
    bracket = _bracket(rf"(?:{noun}\.?\s*)?{_NUMBER}", keys, "")
    opened = rf"(?:{noun}\s*\d{{1,2}}\s?|(?i:{_any(known.pointers)})(?i:s)?\s*)[(（](?=[^()（）]*[)）])"
    named = rf"(?<!\w){_lead()}(?:{opened}|{noun}\s*{_NUMBER})(?P<noun>{keys}){_STOP}[)）]?\s?[:：.,]?"
    sign = r"\s?(?:[:：)）]|\.(?=\s)|,(?=\s+[A-Z])|\s[–—-](?=\s))"
    bare = rf"(?<![\w-])(?P<bare>{keys}){sign}|(?<![\w-])(?P<plain>{keys})\s(?=[A-Z])"
    return IndicatorFamily("order", words, re.compile(rf"{bracket}|{named}|{bare}"))


def _of_words(words: Mapping[str, Sequence[str]], nouns: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a family of words for positions.

    :param nouns: further nouns that its words may go with.
    """
    keys = _listed(f"(?i:{_any(word for one in words.values() for word in one)})", "")
    noun = rf"(?i:{_any((*indicator_words().nouns, *nouns))})(?i:s)?"
    bracket = _bracket("", keys, rf"(?:\s*{noun})?")
    named = rf"(?<![\w-]){_lead()}(?P<noun>{keys})\s*{noun}(?![A-Za-z-])\s?[:：,]?"
    known = indicator_words()
    on, the = _any(known.placing), _any(known.article)
    place = rf"(?<![\w-]){_lead()}{noun}\s+(?:{on})\s+(?:(?:{the})\s+)?(?P<place>{keys}){_STOP}\s?[:：,]?"
    return re.compile(rf"{bracket}|{named}|{place}|(?<![\w-])(?P<bare>{keys})\s?[:：]")


def _bracket(before: str, keys: str, after: str) -> str:
    order = _any(indicator_words().in_order)
    return rf"(?<![(\[])[(（\[]\s*{before}(?P<bracket>{keys}){after}(?:,?\s*(?:{order}))?\s*[)）\]](?![/)\]])"


def _lead() -> str:
    """Return the pattern of the words that may come before an indicator."""
    known = indicator_words()
    return rf"(?:(?i:{_any(known.leads)})\s+)?(?i:(?:{_any(known.article)})\s+)?"


def _listed(key: str, number: str) -> str:
    """Return the pattern of a list of keys."""
    known = indicator_words()
    joins, links = _any(known.ranges | known.links), _any(known.links)
    link = rf"\s*(?:,\s*(?:(?:{links})\b)?|&|[–—-]|、|\b(?:{joins})\b|{_any(known.links_without_spaces)})\s*"
    return rf"(?:{key})(?:{link}{number}(?:{key})){{0,{_MOST_KEYS}}}"


def _any(words: Iterable[str]) -> str:
    """Return the pattern of any of some words, longer ones first."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))
