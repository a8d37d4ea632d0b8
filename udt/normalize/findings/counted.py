"""A structure that is a finding itself, such as a lymph node, with what the text reports of its parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.naming import is_counted, is_part_of_lesion, kind_of_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.measurements.quantity import quantity_for
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence, ends_part

# Kinds of mentions between *no* and the thing denied: its adjectives, and other things in a list with it.
_DENIED_BESIDE: Final = frozenset({"modifier", "side", "finding", "anatomy", "length unit"})
_OR: Final = "Or"
_LISTING: Final = frozenset({"And", "Or"})
_VERBS: Final = frozenset({"Copula", "Verb"})
_COMMA: Final = ","
_COLON: Final = ":"


def join_counted(groups: list[MentionGroup], holders: Iterable[MentionGroup], lexicon: Lexicon) -> list[MentionGroup]:
    """Return the findings of a sentence; a counted structure has what the text reports of its parts and region.

    In *lymph node in the axilla 12 x 8 mm with a cortex of 6 mm and loss of the hilum*, the node is the finding: it has
    both sizes and the sign of its hilum. Findings of a sentence that counts several structures are left as they are.

    :param holders: the structures of the sentence, each as a finding without anything of its own.
    """
    host = _host(groups, holders)
    if host is None or _is_denied(host):
        return groups
    node = host.places[0]
    kind = kind_of_counted(node.mention.sense, lexicon).curie
    parts = [group for group in groups if group is not host and _belongs(group, node, kind, lexicon)]
    if host.head is not None and _is_of_part(host.head, host, kind, lexicon):
        host.head = None
    for part in parts:
        _join(part, host, lexicon)
    left = [group for group in groups if group not in parts]
    return left if host in left or not parts else [*left, host]


def _host(groups: list[MentionGroup], holders: Iterable[MentionGroup]) -> MentionGroup | None:
    """Return the finding of a sentence that has its only counted structure, rather one without a name, or None."""
    named = [(place.mention, group) for group in groups for place in group.places if _counts(place, group)]
    if not named:
        named = [(one.places[0].mention, one) for one in holders if _counts(one.places[0], one)]
    if len({mention.first for mention, _ in named}) != 1:
        return None
    return next((group for _, group in named if group.head is None), named[0][1])


def _counts(place: PlaceCandidate, group: MentionGroup) -> bool:
    return is_counted(place) and place.sentence is group.sentence and not place.mention.excluded


def _is_denied(group: MentionGroup) -> bool:
    return group.head is not None and group.head.certainty == "absent"


def _is_of_part(head: Mention, host: MentionGroup, kind: str, lexicon: Lexicon) -> bool:
    """Return whether the name of a finding is that of a sign in a part of the structure: *cortical thickening*."""
    if any(one.overlaps(head) for one in host.attributes):
        return True
    structure = lexicon.structures.get(head.sense.curie)
    if structure is not None and _is_part(lexicon.senses[structure], kind):
        return True
    return _is_part(host.places[0].mention.sense, kind)


def _belongs(group: MentionGroup, node: PlaceCandidate, kind: str, lexicon: Lexicon) -> bool:
    """Return whether a finding is one of a part of the node, a size of its region, or what the node contains."""
    if _is_denied(group):
        return False
    parts = [one for one in group.places if group.head is not None or one.mention is not node.mention]
    if group.places and all(_is_part(one.mention.sense, kind) for one in parts):
        return True
    if group.places and (
        not group.mentions or (group.head is not None and _is_of_part(group.head, group, kind, lexicon))
    ):
        place = group.places[0]
        return place.mention.first >= node.mention.first and place.place.organ == node.place.organ
    return group.head is not None and is_part_of_lesion(group.head)


def _is_part(structure: Sense, kind: str) -> bool:
    """Return whether a structure is a part of what is counted: the cortex or hilum of a lymph node."""
    return kind in structure.names and not structure.counted


def _join(part: MentionGroup, host: MentionGroup, lexicon: Lexicon) -> None:
    """Give a finding all of another; a size keeps the quantity that it is of the structure that it measures."""
    owners = [place.mention.sense.curie for place in part.places]
    for read in part.measurements:
        host.measurements.append(_measured(read, owners, lexicon))
    host.measurements.sort(key=lambda read: read.first)
    host.mentions += part.mentions
    host.attributes += part.attributes
    host.interpretations += part.interpretations
    if host.laterality is None:
        host.laterality, host.side = part.laterality, part.side


def _measured(read: ReadMeasurement, owners: list[str], lexicon: Lexicon) -> ReadMeasurement:
    """Return a measurement with its quantity: the thickness of a cortex."""
    quantity = quantity_for(read.measurement, "organ", owners, lexicon, read.stated_quantity)
    return read._replace(measurement=read.measurement._replace(quantity=quantity), stated_quantity=True)


def deny_counted(structures: Sequence[PlaceCandidate], sentence: Sentence, words: list[str]) -> None:
    """Set the structures that are findings themselves and that a negation denies to absent: *no left nodes*.

    It directly precedes them or is their predicate (*the left ureteric jet is absent*) or answer: `Nodes: none`.
    """
    for structure in structures:
        if not is_counted(structure):
            continue
        cue = _negation_of(structure.mention, sentence, words) or _negation_after(structure.mention, sentence, words)
        if cue is not None:
            structure.mention.certainty, structure.mention.cue = "absent", cue


def _negation_of(named: Mention, sentence: Sentence, words: list[str]) -> Mention | None:
    """Return the negation before a name, if nothing but adjectives and items of a list is between them.

    Words without a meaning of their own are adjectives: *no subcentimetre nodes*; *or* adds them to any lesion (*no
    mass or nodes*).
    """
    first, either = named.first, False
    for mention in reversed(sentence.mentions):
        if mention.end > first:
            continue
        between = words[mention.end : first]
        if not (all(word == _COMMA for word in between) or all(word.isalpha() for word in between)):
            return None
        if mention.sense.kind == "negation":
            return mention if mention.sense.role in {"Forward", "Either"} else None
        either = either or mention.sense.role == _OR
        lesion = either and mention.sense.kind == "value"
        if not lesion and mention.sense.kind not in _DENIED_BESIDE and mention.sense.role not in _LISTING:
            return None
        first = mention.first
    return None


def _negation_after(named: Mention, sentence: Sentence, words: list[str]) -> Mention | None:
    """Return the negation that is the predicate of a name, with no more than a verb before it, or None.

    One after a colon has to end its part of the sentence: not *Nodes: absent hilum*.
    """
    end = named.end
    answer = words[end : end + 1] == [_COLON]
    end += answer
    for mention in sentence.mentions:
        if mention.first < end:
            continue
        if mention.first > end:
            return None
        if mention.sense.kind == "negation":
            whole = not answer or ends_part(mention.end, sentence, words)
            return mention if whole and mention.sense.role != "Forward" else None
        if mention.sense.role not in _VERBS:
            return None
        end = mention.end
    return None


def is_about_counted(mention: Mention, structures: Sequence[PlaceCandidate]) -> bool:
    """Return whether the last structure before a mention is a finding itself, of which the sentence speaks."""
    before = [one for one in structures if one.mention.end <= mention.first]
    return bool(before) and is_counted(before[-1])
