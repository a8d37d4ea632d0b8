"""Location, count and change of a finding, from its attributes, its measurements and the words before its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast

from udt.core.report import Certainty, Change, Kind, LabelSets, Measurement
from udt.lexicon.flags import PLURAL
from udt.normalize.distances import COUNT_REACH, LONGEST_SHORT_PLACE
from udt.normalize.findings.group import ENLARGEMENT, MentionGroup
from udt.normalize.findings.naming import is_counted
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

_UNCOUNTED: Final = "multiple"
_REFERRING: Final = frozenset({"Definite", "Anaphor", "Of"})
_COUNTS: Final[Mapping[str, int | str]] = {"single": 1, "two": 2}
_CHANGES: Final[Mapping[str, Change]] = {"unchanged": "stable", "improved": "decreased", "worsening": "increased"}
_KNOWN_CHANGES: Final = frozenset({"new", "increased", "stable", "decreased", "resolved"})
_POSITIONS: Final = frozenset({"distance", "depth"})
_SIZE: Final = "mm"
# Relative change of the largest diameter from which a finding has grown or shrunk.
_GROWTH: Final = 0.1
# Kinds of words that separate a number from a name (*4 cm with stones*).
_BEFORE_NAMES: Final = frozenset({"function", "length unit", "unit"})
_MOST: Final = 99
_POSITION_NUMBER: Final = re.compile(r"[IVX]+[ab]?|\d+")


def location_of(
    group: MentionGroup, certainty: Certainty, measurements: Sequence[Measurement], passage: Passage
) -> Mapping[str, str]:
    """Return positions, distances and depths as words: `{"clock": "2", "pole": "upper pole", "distance": "50 mm"}`."""
    if not (group.attributes or measurements):
        return {}
    found: dict[str, list[str]] = {}
    for attribute in group.attributes:
        key = attribute.sense.rules.location_key if attribute.sense.rules is not None else None
        if key is not None and (certainty == "absent" or attribute.certainty != "absent"):
            # In another language than that of the labels, the label is given.
            text = "" if group.sentence.language else passage.text[slice(*passage.span(attribute))]
            words = _words_of_place(attribute.values[0].label, key, text)
            if words not in found.setdefault(key, []):
                found[key].append(words)
    for m in measurements:
        if m.quantity in _POSITIONS:
            found[m.quantity] = [" to ".join(f"{value:g}" for value in m.canonical) + f" {m.canonical_unit}"]
    return {key: ", ".join(words) for key, words in found.items()}


def _words_of_place(label: str, key: str, text: str) -> str:
    """Return the number of a position (*2 o'clock*, *segment VII*), else the words of the text, without abbreviations.

    >>> _words_of_place("segment VII", "segment", "seg 7"), _words_of_place("interpolar", "pole", "Mid  pole")
    ('VII', 'mid pole')
    """
    number = next((word for word in label.split() if _POSITION_NUMBER.fullmatch(word)), None)
    if number is not None:
        return number
    return label if len(text) <= LONGEST_SHORT_PLACE else " ".join(text.lower().split())


def count_of(
    group: MentionGroup,
    kind: Kind,
    certainty: Certainty,
    attributes: LabelSets,
    words: list[str],
    numerals: Mapping[str, int],
) -> int | str | None:
    """Return the number of a finding: the one before its name or structure, else that of its attributes, or None.

    A lesion in the plural that the text does not count is *multiple*, unless it speaks of known ones (*the cysts*). The
    name of a list is none of its items.
    """
    named = [group.head] if group.head is not None and group.head.first >= group.sentence.first else []
    named += [c.mention for c in group.places[:1] if is_counted(c) and c.sentence is group.sentence]
    for mention in named:
        measured = {i for read in group.measurements for i in range(read.first, read.end)}
        number = _number_before(mention, group.sentence, words, measured, numerals)
        if number:
            return number
    if "count" in attributes:
        count = attributes["count"][0]
        return _COUNTS.get(count, count)
    if kind != "lesion" or certainty == "absent":
        return None
    return _UNCOUNTED if any(_is_new_plural(mention, group.sentence) for mention in named) else None


def change_of(group: MentionGroup, attributes: LabelSets, measurements: Sequence[Measurement]) -> Change | None:
    """Return the change that the attributes state, else growth (*is enlarged*) or that of the size, or None."""
    stated = _stated_change(attributes["change_over_time"]) if "change_over_time" in attributes else None
    if stated is None and any(m is not group.head and m.sense.curie == ENLARGEMENT for m in group.mentions):
        return "increased"
    return stated or (_change_of_size(measurements) if len(measurements) > 1 else None)


def _number_before(
    named: Mention, sentence: Sentence, words: list[str], measured: Collection[int], numerals: Mapping[str, int]
) -> int | None:
    """Return the number before a name: *3 stones*, *two simple cysts*, *one enlarged node*; not *one is a cyst*.

    Nor is it the number of a category or a size (*BI-RADS 4 lesions*, *4 cm, with stones*); it may be before a
    size (*two 3 cm cysts*).

    :param named: the mention of a finding, or of a structure that is counted.
    :param measured: indices of the words of its measurements.
    """
    plural = bool(named.flags & PLURAL)
    for i in range(named.first - 1, max(named.first - 1 - COUNT_REACH, sentence.first - 1), -1):
        word = words[i]
        if i in measured or (word.isalpha() and word not in numerals):
            continue
        between = (m for m in sentence.mentions if i < m.first < named.first and m.first not in measured)
        if any(m.sense.kind in _BEFORE_NAMES for m in between):
            return None
        if word.isdecimal():
            categories = [a.end - 1 for a in sentence.attributes if a.sense.rules is not None and a.sense.rules.rated]
            return int(word) if plural and i not in categories and 1 < int(word[:3]) <= _MOST else None
        number = numerals.get(word)
        return number if number is not None and plural == (number > 1) else None
    return None


def _is_new_plural(named: Mention, sentence: Sentence) -> bool:
    """Return whether a name is in the plural, and no words before it refer to known ones (*the cysts*, *one of*)."""
    before = range(named.first - COUNT_REACH, named.first)
    return bool(named.flags & PLURAL) and not any(
        m.first in before and m.sense.role in _REFERRING for m in sentence.mentions
    )


def _stated_change(labels: Sequence[str]) -> Change | None:
    changes = [_CHANGES.get(change, change) for change in labels]
    return next((cast(Change, change) for change in changes if change in _KNOWN_CHANGES), None)


def _change_of_size(measurements: Sequence[Measurement]) -> Change | None:
    """Return how the first quantity with a present and a previous value has changed, or None if there is none.

    Of a length, the largest diameter counts; the others are compared with their like (*stenosis 70%, was 50%*).
    """
    found: dict[str, dict[str, float]] = {"current": {}, "previous": {}}
    for m in measurements:
        if m.role in found and m.quantity not in _POSITIONS:
            what = _SIZE if m.canonical_unit == _SIZE else f"{m.quantity} {m.canonical_unit}"
            found[m.role].setdefault(what, max(m.canonical))
    for what, now in found["current"].items():
        before = found["previous"].get(what)
        if before:
            if now > before * (1 + _GROWTH):
                return "increased"
            return "decreased" if now < before * (1 - _GROWTH) else "stable"
    return None
