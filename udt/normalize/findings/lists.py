"""Lists of lesions of one kind, and findings with the attributes of the one before them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

from udt.lexicon.flags import PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.normalize.distances import POINT_GAP
from udt.normalize.findings.group import MentionGroup, is_head, is_lesion
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

# Fewest sizes of a list.
_FEWEST: Final = 2
# Signs before a list of lesions, and roles of the words that compare them or make a clause.
_OPENERS: Final = frozenset({":", "-", "(", ","})
_NOT_LISTED: Final = frozenset({"Distinct", "Member", "Copula", "Verb"})
_LOCATING: Final = frozenset({"Preposition", "Of"})
_ONE_SIDE: Final = frozenset({"left", "right"})
# Kinds of mentions that distinguish one lesion from another.
_DISTINGUISHING: Final = frozenset({"anatomy", "value", "modifier", "finding", "attribute"})
_FIRST: Final = attrgetter("first")


def name_listed(
    sentence: Sentence,
    structures: Sequence[PlaceCandidate],
    sizes: Sequence[ReadMeasurement],
    words: list[str],
    lexicon: Lexicon,
) -> list[Mention]:
    """Return the names of the lesions of one kind whose sizes a sentence lists, after adding them to its mentions.

    *2 fibroids - anterior 3 cm, fundal 22 mm*: each has a place or a word of its own beside its size, which all precede
    or all follow; after a comma, only a place. Its name is its size.
    """
    heads = [m for m in sentence.mentions if is_head(m)]
    head = heads[-1] if heads else None
    if head is None or not (head.flags & PLURAL and head.certainty == "present" and is_lesion(head)):
        return []
    listed = [read for read in sizes if read.first >= head.end]
    if len(listed) < _FEWEST or words[head.end] not in _OPENERS:
        return []
    if words[head.end] == ",":
        placed = [s.mention for s in structures if is_place_of(s.mention, sentence)]
        details = [m.first for m in (*sentence.sides, *placed)]
    else:
        details = [m.first for m in (*sentence.sides, *(s.mention for s in structures))]
        details += _distinguishing_words(sentence, head.end, words, lexicon)
    if not all(any(i in own for i in details) for own in _parts(sentence, head, listed, details)):
        return []
    named = [Mention(read.first, read.end, head.sense) for read in listed]
    covered = {i for one in named for i in range(one.first, one.end)}
    kept = [m for m in sentence.mentions if m.first not in covered]
    sentence.replace_mentions(sorted([*kept, *named], key=_FIRST))
    return named


def _distinguishing_words(sentence: Sentence, first: int, words: list[str], lexicon: Lexicon) -> list[int]:
    """Return the words from `first` on that distinguish a lesion from others: none of grammar or of measurements."""
    grammar = {i for m in sentence.mentions if m.sense.kind not in _DISTINGUISHING for i in range(m.first, m.end)}
    measuring = lexicon.measurement_root.following
    return [
        i
        for i in range(first, sentence.end)
        if words[i] in lexicon.positions or (words[i].isalpha() and i not in grammar and words[i] not in measuring)
    ]


def _parts(sentence: Sentence, head: Mention, listed: Sequence[ReadMeasurement], details: Sequence[int]) -> list[range]:
    """Return the words beside each size of a list; none of one that is compared, is an earlier one or has a term.

    :param details: indices of the words for places and kinds.
    """
    before = zip([head.end, *(read.end for read in listed[:-1])], (read.first for read in listed), strict=True)
    after = zip((read.end for read in listed), [*(read.first for read in listed[1:]), sentence.end], strict=True)
    leading = any(head.end < i < listed[0].first for i in details)
    parts = [range(first, end) for first, end in (before if leading else after)]
    compared = [m.first for m in sentence.mentions if m.sense.role in _NOT_LISTED]
    fitting = [
        read.term is None and read.measurement.role == "current" and not any(i in own for i in compared)
        for read, own in zip(listed, parts, strict=True)
    ]
    return [own if fits else range(0) for own, fits in zip(parts, fitting, strict=True)]


def side_listed(groups: Sequence[MentionGroup], members: Collection[int]) -> None:
    """Give the lesions of a list that have no side the one of all of them: *left renal stones: 4 mm and 9 mm*.

    :param members: the ids of the mentions that name a lesion of a list.
    """
    heads = [(one.head, one) for one in groups if one.head is not None]
    wholes = [(head, one) for head, one in heads if one.laterality in _ONE_SIDE and id(head) not in members]
    for member, group in heads:
        if group.laterality is None and id(member) in members:
            for whole in (one for head, one in wholes if head.sense is member.sense):
                group.laterality, group.side = whole.laterality, whole.side


def is_place_of(structure: Mention, sentence: Sentence) -> bool:
    """Return whether a structure is the place of something: after a preposition, maybe with an article."""
    before = (m for m in sentence.mentions if m.end <= structure.first <= m.end + POINT_GAP)
    return any(m.sense.role in _LOCATING for m in before)


def take_features(before: Sequence[MentionGroup], found: Sequence[MentionGroup]) -> None:
    """Give the last finding of a sentence the attributes of the one before it: *N2: 9 x 5 mm, same features*."""
    earlier = next((group for group in reversed(before) if group.mentions), None)
    if earlier is None or not found:
        return
    found[-1].mentions += [m for m in earlier.mentions if not is_head(m)]
    rules = ((one, one.sense.rules) for one in earlier.attributes)
    found[-1].attributes += [one for one, rule in rules if rule is not None and rule.location_key is None]
