"""Indicators of the parts of a figure in its caption: `(A)`, `A:`, `(a–c)`, `Fig. 1a`, `left image`, `(top)`.

Indicators of one series count only together: from A without a gap, both left and right. A lone `(B)` may as well be a
mark in the image, and `hepatitis B`, `left kidney` or `B-mode` are none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from udt.records.pairing.clauses import Span, first_word, last_word, lowered, sentence_ends, words_of
from udt.records.pairing.words import indicator_words

Layout = Literal["order", "horizontal", "vertical", "quadrants"]

_UPPER, _LOWER = "ABCDEFGHIJKLMNOP", "abcdefghijklmnop"
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_OPENING: Final = ".;:,!?\n(。；：，（、"
_CLOSING: Final = ".;:,!?)\n。；：，）、"


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator in a text.

    :ivar keys: the parts of the figure that it points to, e.g. `a` or `left`.
    :ivar bare: whether it is a letter or position with a sign instead of in brackets or with a noun.
    """

    start: int
    end: int
    keys: tuple[str, ...]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class IndicatorSeries:
    """The indicators of a caption.

    :ivar layout: how the parts are arranged: in reading order, or by their positions.
    :ivar trailing: whether an indicator comes after its text, as in `Longitudinal view (A) and transverse view (B)`.
    :ivar keys: the parts of the figure, in reading order.
    :ivar references: what only refers back to a part, as in `the mass in (A) is larger`.
    """

    layout: Layout
    trailing: bool
    keys: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    references: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True)
class _Family:
    """One way to name the parts of a figure.

    :ivar words: the words of each key, in reading order.
    :ivar required: keys without which there is no series; the first keys without a gap if empty.
    :ivar nouns: further nouns that its words may go with.
    :ivar numbered: whether the number of the figure may go before: `Fig. 1a`.
    """

    layout: Layout
    words: dict[str, tuple[str, ...]]
    required: frozenset[str] = frozenset()
    nouns: tuple[str, ...] = ()
    numbered: bool = False


@cache
def _families() -> tuple[_Family, ...]:
    """Return the families, the one that is looked for first coming first."""
    layouts = {name: dict(keys) for name, keys in indicator_words().layouts.items()}
    letters = [
        _Family("order", {key.lower(): (key,) for key in keys}, numbered=True) for keys in (_UPPER, _LOWER)
    ]  # fmt: skip
    romans = [
        _Family("order", {key: (change(key),) for key in _ROMAN}, numbered=True) for change in (str.upper, str.lower)
    ]
    lines = ("column", "row")
    return (
        *letters,
        _Family("quadrants", layouts["quadrants"], frozenset(layouts["quadrants"]), lines),
        _Family("horizontal", layouts["horizontal"], frozenset({"left", "right"}), lines),
        _Family("vertical", layouts["vertical"], frozenset({"top", "bottom"}), lines),
        _Family("order", layouts["ordinals"]),
        *romans,
    )


def find_indicators(text: str) -> IndicatorSeries | None:
    """Return the indicators of the parts of a figure in its caption, or None if it has no series of them."""
    for family in _families():
        found = _series(text, family, list(_candidates(text, family)))
        if found is not None:
            return found
    return None


def _series(text: str, family: _Family, found: Sequence[Indicator]) -> IndicatorSeries | None:
    if not found:
        return None
    named, found = found, _without_references(text, found)
    opening = [one.bare or _opens(text, one) for one in found]
    trailing = not opening[0] or opening.count(False) > opening.count(True)
    if trailing:
        kept = [one for one in found if not one.bare and (_closes(text, one) or not _is_boundary(text, one.start))]
    else:
        kept = [one for one, opens in zip(found, opening, strict=True) if opens]
    keys = _keys(family, kept)
    if keys is None or _is_enumeration(text, kept[0]) or _is_legend(text, kept, trailing):
        return None
    references = tuple(one for one in named if one not in kept)
    return IndicatorSeries(family.layout, trailing, keys, tuple(kept), references)


def _without_references(text: str, found: Sequence[Indicator]) -> list[Indicator]:
    """Leave out indicators that only refer back to a part: `the mass in (A) is larger`."""
    known: set[str] = set()
    kept = []
    for one in found:
        if not known.issuperset(one.keys) or _is_boundary(text, one.start):
            kept.append(one)
        known.update(one.keys)
    return kept


def _keys(family: _Family, found: Sequence[Indicator]) -> tuple[str, ...] | None:
    """Return the keys in reading order, or None if they are not complete, or letters are out of order."""
    order = list(family.words)
    named = list(dict.fromkeys(key for one in found for key in one.keys))
    ranked = sorted(named, key=order.index)
    if family.required:
        of_organs = family.layout == "horizontal" and named != ranked and any(one.bare for one in found)
        complete = family.required <= set(named) and not of_organs  # "Right: cyst. Left: normal" is of organs
    else:
        complete = len(named) > 1 and named == ranked == order[: len(named)]
    return tuple(ranked) if complete else None


def _candidates(text: str, family: _Family) -> Iterator[Indicator]:
    """Yield what may be indicators of a family, in order, without overlaps."""
    end = 0
    for match in _pattern(family).finditer(text):
        style = next(name for name, keys in match.groupdict().items() if keys)
        if match.start() >= end and _is_indicator(text, match, style):
            end = match.end()
            yield Indicator(match.start(), end, _parse(match[style], family), style in ("bare", "plain"))


@cache
def _patterns() -> dict[int, re.Pattern[str]]:
    return {}


def _pattern(family: _Family) -> re.Pattern[str]:
    known = _patterns()
    if id(family) not in known:
        known[id(family)] = _compiled(family)
    return known[id(family)]


def _compiled(family: _Family) -> re.Pattern[str]:
    """Return the pattern of a family; the groups are the keys of the three styles."""
    words = indicator_words()
    case = "" if family.numbered else "(?i:{})"
    names = sorted((word for one in family.words.values() for word in one), key=len, reverse=True)
    key = f"(?:{'|'.join(map(re.escape, names))})"
    key = case.format(key) if case else key
    link = rf"\s*(?:,\s*(?:and\b)?|&|[–—-]|、|\b(?:{'|'.join(sorted(words.ranges | {'and'}))})\b|和|及)\s*"
    number = r"(?:\d{1,2}\s?)?" if family.numbered else ""
    keys = rf"{key}(?:{link}{number}{key})*"
    stop = r"(?![^\W_]|[-–]\w)"
    noun = rf"(?i:{'|'.join(map(re.escape, (*words.nouns, *family.nouns)))})(?i:s)?"
    before, after = (rf"(?:{noun}\.?\s*)?(?:\d{{1,2}}\s?)?", "") if family.numbered else ("", rf"(?:\s*{noun})?")
    bracket = rf"(?<![(\[])[(（\[]\s*{before}(?P<bracket>{keys}){after}(?:,?\s*respectively)?\s*[)）\]](?![/)\]])"
    lead = r"(?:(?i:in|on|at)\s+)?(?i:the\s+)?"
    if family.numbered:
        pointer = rf"(?i:{'|'.join(map(re.escape, words.pointers))})(?i:s)?"
        opened = rf"(?:{noun}\s*\d{{1,2}}\s?|{pointer}\s*)[(（](?=[^()（）]*[)）])"
        named = rf"(?<!\w){lead}(?:{opened}|{noun}\s*(?:\d{{1,2}}\s?)?)(?P<noun>{keys}){stop}[)）]?\s?[:：.,]?"
    else:
        named = (
            rf"(?<![\w-]){lead}(?P<noun>{keys})\s*{noun}(?![A-Za-z-])\s?[:：,]?"
            rf"|(?<![\w-]){lead}{noun}\s+(?:on|at)\s+(?:the\s+)?(?P<place>{keys}){stop}\s?[:：,]?"
        )
    sign = r"\s?(?:[:：)）]|\.(?=\s)|,(?=\s+[A-Z])|\s[–—-](?=\s))" if family.numbered else r"\s?[:：]"
    plain = rf"|(?<![\w-])(?P<plain>{keys})\s(?=[A-Z])" if family.numbered else ""
    return re.compile(rf"{bracket}|{named}|(?<![\w-])(?P<bare>{keys}){sign}{plain}")


def _parse(found: str, family: _Family) -> tuple[str, ...]:
    """Return the keys of a list or range of them, such as `a, b` or `a–c`."""
    key_of = {word.lower(): key for key, words in family.words.items() for word in words}
    order = list(family.words)
    words = sorted(key_of, key=len, reverse=True)
    ranges = "|".join(sorted(indicator_words().ranges))
    keys: list[str] = []
    to = False
    key = rf"(?<![a-z])(?:{'|'.join(map(re.escape, words))})(?![a-z])"
    for part in re.findall(rf"{key}|[–—-]|\b(?:{ranges})\b", found.lower()):
        if part not in key_of:
            to = True
        elif to and keys:
            keys += order[order.index(keys[-1]) + 1 : order.index(key_of[part]) + 1]
            to = False
        else:
            keys.append(key_of[part])
    return tuple(keys)


def _is_indicator(text: str, match: re.Match[str], style: str) -> bool:
    """Return whether the words around a match allow it to be an indicator."""
    if style == "bracket":
        return last_word(text, match.start()) not in indicator_words().names
    if style == "place":
        return True
    if style == "plain":
        return match["plain"].islower() and _starts_sentence(text, match.start())
    if style == "noun":
        key = match["noun"]
        lone = len(key) == 1 and key.islower() and not match[0].rstrip(":：., )）")[:-1].rstrip()[-1:].isdigit()
        return not lone or match[0].rstrip()[-1] in ":：.,)）"
    sign = match[0].rstrip()[-1]
    if sign == ",":
        return _starts_sentence(text, match.start())
    if sign in ")）":
        return _bracket_before(text, match.start()) not in "(（"
    return _is_boundary(text, match.start())


def _bracket_before(text: str, start: int) -> str:
    """Return the last bracket before an offset, or `)` if there is none."""
    return max(("(", "（", ")", "）"), key=lambda bracket: text.rfind(bracket, 0, start)) if text[:start] else ")"


def _starts_sentence(text: str, start: int) -> bool:
    return not text[:start].strip() or any(end <= start and not text[end:start].strip() for end in sentence_ends(text))


def _is_boundary(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in _OPENING or "\n" in text[len(before) : start] or _joins(last_word(text, start))


def _joins(word: str) -> bool:
    return word in indicator_words().joins


def _opens(text: str, one: Indicator) -> bool:
    """Return whether a segment may start at an indicator: after a sign, a join, or a word such as *showing*."""
    before = text[: one.start].rstrip()
    return (
        _is_boundary(text, one.start)
        or before[-1:] == "&"
        or (last_word(text, one.start) in indicator_words().openers and not _closes(text, one))
    )


def _closes(text: str, one: Indicator) -> bool:
    """Return whether a segment may end at an indicator."""
    after = text[one.end :].lstrip(" ")
    return not after or after[0] in _CLOSING + "&" or _joins(first_word(text, one.end))


def _is_enumeration(text: str, first: Indicator) -> bool:
    """Return whether the words before the first indicator announce an enumeration of other things."""
    start = max((end for end in sentence_ends(text) if end <= first.start), default=0)
    words = words_of(text, Span(start, first.start))
    return not indicator_words().enumerations.isdisjoint(lowered(text, word) for word in words)


def _is_legend(text: str, found: Sequence[Indicator], trailing: bool) -> bool:
    """Return whether each letter begins the word beside it, as for marks in the image: `aorta (A)`."""
    beside = (last_word(text, one.start) if trailing else first_word(text, one.end) for one in found)
    return all(len(one.keys[0]) == 1 and word[:1] == one.keys[0] for one, word in zip(found, beside, strict=True))
