"""The owner of a measurement: the finding or the structure that it measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.sentence import Sentence

# Most words from a unit of length to the name of the finding after it (*a 3 cm large anechoic cyst*).
_LENGTH_REACH = 6
# Roles and signs that separate a length from the name after it (*2 cm cyst and mass*).
_CONJUNCTIONS = frozenset({"And", "Or", "With"})
_SEPARATORS = frozenset({",", ")", "("})
# Quantities of the location of a finding.
_LOCATING = frozenset({"distance", "depth"})


def owner_of(
    read: ReadMeasurement,
    groups: Sequence[MentionGroup],
    holders: Mapping[int, MentionGroup],
    structures: Sequence[PlaceCandidate],
    sentence: Sentence,
    words: list[str],
) -> MentionGroup | None:
    """Return what a measurement measures: the finding whose name follows it, else the last one named before it.

    :param holders: the group of each structure by its `id`.
    """
    word = read.first
    located = read.measurement.quantity in _LOCATING
    if located and groups:
        return min(groups, key=lambda group: abs(group.anchor - word))
    following = _named_after(read.end - 1, groups, sentence, words)
    if following is not None and read.measurement.role == "current":
        return following
    last: tuple[int, MentionGroup] | None = None
    for group in groups:
        end = _end(group)
        if end <= word and (last is None or end >= last[0]):
            last = end, group
    for structure in structures:
        end = structure.mention.end
        if end > word or (last is not None and end <= last[0]):
            continue
        if last is not None and structure in last[1].places and _is_after_head(structure, last[1]):
            continue
        last = end, holders[id(structure)]
    return last[1] if last is not None else None


def _end(group: MentionGroup) -> int:
    return group.head.end if group.head is not None else min(m.end for m in group.mentions)


def _is_after_head(structure: PlaceCandidate, group: MentionGroup) -> bool:
    return group.head is not None and structure.mention.first >= group.head.end


def _named_after(
    word: int, groups: Sequence[MentionGroup], sentence: Sentence, words: list[str]
) -> MentionGroup | None:
    """Return the finding whose name a length directly precedes (*a 3 cm cyst*), or None."""
    for group in groups:
        anchor = group.anchor
        if group.head is None or not 0 < anchor - word <= _LENGTH_REACH:
            continue
        joined = any(m.sense.role in _CONJUNCTIONS for m in sentence.mentions if word < m.first < anchor)
        if not joined and _SEPARATORS.isdisjoint(words[word + 1 : anchor]):
            return group
    return None
