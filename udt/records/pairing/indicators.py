"""Indicators of the parts of a figure in its caption: `(A)`, `A:`, `(a–c)`, `Fig. 1a`, `left image`, `(top)`.

Indicators of one series count only together: from A without a gap, both left and right. A lone `(B)` may as well be a
mark in the image, and `hepatitis B`, `left kidney` or `B-mode` are none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from udt.records.pairing.clauses import Span, first_word, last_word, lowered, sentence_ends, words_of
from udt.records.pairing.families import IndicatorFamily, Layout, indicator_families
from udt.records.pairing.words import indicator_words

_LONGEST: Final = 20_000  # characters of a caption; a longer text is no caption of a figure
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


def find_indicators(text: str) -> IndicatorSeries | None:
    """Return the indicators of the parts of a figure in its caption, or None if it has no series of them."""
    if len(text) > _LONGEST:
        return None
    for family in indicator_families():
        found = _series(text, family, list(_candidates(text, family)))
        if found is not None:
            return found
    return None


def _series(text: str, family: IndicatorFamily, found: Sequence[Indicator]) -> IndicatorSeries | None:
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


def _keys(family: IndicatorFamily, found: Sequence[Indicator]) -> tuple[str, ...] | None:
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


def _candidates(text: str, family: IndicatorFamily) -> Iterator[Indicator]:
    """Yield what may be indicators of a family, in order, without overlaps."""
    end = 0
    for match in family.pattern.finditer(text):
        style = next(name for name, keys in match.groupdict().items() if keys)
        if match.start() >= end and _is_indicator(text, match, style):
            end = match.end()
            yield Indicator(match.start(), end, family.parse(match[style]), style in ("bare", "plain"))


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
