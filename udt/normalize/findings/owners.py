"""The owner of a measurement: the finding or the structure that it measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from udt.normalize.distances import LENGTH_REACH, NUMBER_AND_UNIT, POINT_GAP
from udt.normalize.findings.group import MentionGroup, is_state
from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.findings.phrases import is_at
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.sentence import Sentence

# Roles and signs that separate a length from the name after it (*2 cm cyst and mass*).
_CONJUNCTIONS: Final = frozenset({"And", "Or", "With"})
_SEPARATORS: Final = frozenset({",", ")", "(", ":", "|"})
# Quantities of the location of a finding.
_LOCATING: Final = frozenset({"distance", "depth"})


def owner_of(
    read: ReadMeasurement,
    groups: Sequence[MentionGroup],
    holders: Mapping[int, MentionGroup],
    structures: Sequence[PlaceCandidate],
    sentence: Sentence,
    words: list[str],
    others: Sequence[int] = (),
) -> MentionGroup | None:
    """Return what a measurement measures: the finding whose name follows it, else the last one named before it.

    If none is, it is that of the only finding of the sentence. A size of a list is the name of its finding.

    :param holders: the group of each structure by its `id`.
    :param others: indices of the first words of the other measurements of the sentence.
    """
    word = read.first
    named = next((group for group in groups if group.head is not None and group.head.first == word), None)
    if named is not None:
        return named
    located = read.measurement.quantity in _LOCATING
    if located and groups:
        return min(groups, key=lambda group: abs(group.anchor - word))
    following = _named_after(read.end - 1, groups, sentence, words, others)
    if following is not None:
        return following
    part = _in_term_after(read, structures)
    if part is not None:
        return holders[id(part)]
    if sentence.row is not None:
        named, structures = _in_row(word, groups, structures, sentence, words)
        if named is not None:
            return named
    counted = _counted_after(read.end, structures, sentence, words)
    if counted is not None:
        return holders[id(counted)]
    last: tuple[int, MentionGroup] | None = None
    for group in groups:
        end = _end(group)
        if end <= word:
            last = end, group
    for i, structure in enumerate(structures):
        end = structure.mention.end
        if end > word or (last is not None and end <= last[0]):
            continue
        if is_at(structures[i - 1], structure, sentence):
            continue  # the region in which a structure lies: kidney in the iliac fossa
        if _is_point(structure, sentence, others):
            continue
        if last is not None and structure in last[1].places and _is_affirmed(last[1]):
            continue
        last = end, holders[id(structure)]
    if last is not None:
        return last[1]
    affirmed = [group for group in groups if group.head is None or group.head.certainty != "absent"]
    if affirmed:
        return None if sentence.topic is not None and affirmed[0].head is not None else affirmed[0]
    reach = range(read.end, read.end + LENGTH_REACH)
    return next((holders[id(one)] for one in structures if one.mention.first in reach), None)


def _in_term_after(read: ReadMeasurement, structures: Sequence[PlaceCandidate]) -> PlaceCandidate | None:
    """Return the structure that the term after a number names: *a 2 mm wall*, or None."""
    term = read.term
    if term is None or term.first < read.end:
        return None
    mentions = ((s, s.mention) for s in structures)
    return next((s for s, m in mentions if m.first < term.end and term.first < m.end), None)


def _in_row(
    word: int,
    groups: Sequence[MentionGroup],
    structures: Sequence[PlaceCandidate],
    sentence: Sentence,
    words: list[str],
) -> tuple[MentionGroup | None, Sequence[PlaceCandidate]]:
    """Return the finding that a number of a table measures if it is that of its row, and the structures it may measure.

    What its cell or the header of this names comes first; the name of the row is before the first colon.
    """
    line = words[sentence.first : sentence.end]
    colon = sentence.first + line.index(":") if ":" in line else sentence.end
    start = next((j for j in range(word - 1, sentence.first, -1) if words[j] == "|" or j == colon), sentence.first)
    cell = range(start, word)
    if any(s.mention.first in cell for s in structures) or any(g.head and g.head.first in cell for g in groups):
        return None, structures
    named = next((g for g in groups if g.head is None or is_state(g.head)), None)
    return named, structures if sentence.topic is None else [s for s in structures if s.mention.end <= colon]


def _is_point(structure: PlaceCandidate, sentence: Sentence, others: Sequence[int]) -> bool:
    """Return whether a structure only locates the measurement before it: *aorta 22 mm at the diaphragm and 18 mm*."""
    first = structure.mention.first
    linked = [
        m.first for m in sentence.mentions if m.sense.role == "Preposition" and m.end <= first <= m.end + POINT_GAP
    ]
    return any(other + NUMBER_AND_UNIT in linked for other in others)


def _end(group: MentionGroup) -> int:
    """Return the end of the name of a finding, or of what it is called first (*focus …, likely a haemangioma*)."""
    names = [m.end for m in group.mentions if m is group.head or m.sense.vague]
    return min(names or [m.end for m in group.mentions], default=group.sentence.end)


def _is_affirmed(group: MentionGroup) -> bool:
    """Return whether a finding has a name; a denied one has no size: *no stones, kidney 9 cm*."""
    return group.head is not None and group.head.certainty != "absent"


def _counted_after(
    end: int, structures: Sequence[PlaceCandidate], sentence: Sentence, words: list[str]
) -> PlaceCandidate | None:
    """Return the structure that is a finding itself and directly after a length (*8 mm lymph node*)."""
    structure = next((s for s in structures if s.mention.first >= end), None)
    if structure is None or not is_counted(structure):
        return None
    linked = any(m.sense.kind == "function" for m in sentence.mentions if end <= m.first < structure.mention.first)
    return None if linked or not _SEPARATORS.isdisjoint(words[end : structure.mention.first]) else structure


def _named_after(
    word: int, groups: Sequence[MentionGroup], sentence: Sentence, words: list[str], others: Sequence[int]
) -> MentionGroup | None:
    """Return the finding whose name a length directly precedes (*a 3 cm cyst*), or None.

    The name may be a vague one that an interpretation has replaced (*a 3 cm focus, likely a stone*).
    """
    for group in groups:
        if not _is_affirmed(group):
            continue
        for anchor in [group.anchor, *(m.first for m in group.mentions)]:
            if anchor - word in range(1, LENGTH_REACH + 1) and _is_attributive(word, anchor, sentence, words, others):
                return group
    return None


def _is_attributive(word: int, anchor: int, sentence: Sentence, words: list[str], others: Sequence[int]) -> bool:
    """Return whether nothing separates a length, which ends with `word`, from the name at `anchor`."""
    between = range(word + 1, anchor)
    if any(m.sense.role in _CONJUNCTIONS and m.first in between for m in sentence.mentions):
        return False
    return _SEPARATORS.isdisjoint(words[word + 1 : anchor]) and not any(other in between for other in others)
