"""Location, count and change of a finding, from its attributes, its measurements and the words before its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from udt.core.report import Change, LabelSets, Measurement
from udt.lexicon.build import PLURAL
from udt.normalize.findings.group import MentionGroup

_COUNTS: Final[Mapping[str, int | str]] = {"single": 1, "two": 2}
_CHANGES: Final[Mapping[str, Change]] = {"unchanged": "stable"}
_KNOWN_CHANGES: Final = frozenset({"new", "increased", "stable", "decreased", "resolved"})
# Relative change of the largest diameter from which a finding has grown or shrunk.
_GROWTH: Final = 0.1
# Words before the name of a finding among which its number is (*3 large shadowing stones*).
_NUMBER_REACH: Final = 4
_MOST: Final = 99
_NUMBER_WORDS: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def location_of(measurements: Sequence[Measurement]) -> Mapping[str, str]:
    """Return distances and depths as words: `{"distance": "50 mm"}`."""
    if not measurements:
        return {}
    return {
        m.quantity: " to ".join(f"{value:g}" for value in m.canonical) + f" {m.canonical_unit}"
        for m in measurements
        if m.quantity in {"distance", "depth"}
    }


def count_of(group: MentionGroup, attributes: LabelSets, words: list[str]) -> int | str | None:
    """Return the number of a finding: the one before its name, else that of its attributes, or None."""
    number = _number_before(group, words)
    if number is not None or "count" not in attributes:
        return number
    count = attributes["count"][0]
    return _COUNTS.get(count, count)


def change_of(attributes: LabelSets, measurements: Sequence[Measurement]) -> Change | None:
    """Return the change that the attributes state, else that of the size, or None."""
    stated = _stated_change(attributes["change_over_time"]) if "change_over_time" in attributes else None
    return stated or (_change_of_size(measurements) if len(measurements) > 1 else None)


def _number_before(group: MentionGroup, words: list[str]) -> int | None:
    """Return the number before a name in the plural: *3 stones*, *two simple cysts*."""
    head = group.head
    if head is None or not head.flags & PLURAL:
        return None
    for i in range(head.first - 1, max(head.first - 1 - _NUMBER_REACH, group.sentence.first - 1), -1):
        word = words[i]
        if word.isdecimal():
            return int(word) if 1 < int(word[:3]) <= _MOST else None
        if word in _NUMBER_WORDS:
            return _NUMBER_WORDS.index(word) + 2
        if not word.isalpha():
            return None
    return None


def _stated_change(labels: Sequence[str]) -> Change | None:
    changes = [_CHANGES.get(change, change) for change in labels]
    return next((cast(Change, change) for change in changes if change in _KNOWN_CHANGES), None)


def _change_of_size(measurements: Sequence[Measurement]) -> Change | None:
    """Return how the largest diameter changed since the previous examination, or None without two sizes."""
    sizes: dict[str, float] = {}
    for m in measurements:
        if m.canonical_unit in {"mm", "mL"} and m.quantity not in {"distance", "depth"}:
            sizes.setdefault(f"{m.role} {m.canonical_unit}", max(m.canonical))
    for unit in ("mm", "mL"):
        before, now = sizes.get(f"previous {unit}"), sizes.get(f"current {unit}")
        if before and now:
            if now > before * (1 + _GROWTH):
                return "increased"
            return "decreased" if now < before * (1 - _GROWTH) else "stable"
    return None
