"""The side of findings and structures: of their own phrase, of their heading, or of the text before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from udt.lexicon.flags import PLURAL
from udt.normalize.distances import LONGEST_PAIR, SIDE_REACH
from udt.normalize.findings.context import TextContext
from udt.normalize.findings.group import MentionGroup, is_head, is_normal
from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.findings.predicates import NORMAL_STATE
from udt.normalize.match.mentions import Mention, side_of
from udt.normalize.match.passage import Sentence

_SEPARATORS: Final = frozenset({",", ":"})
_FLUID: Final = "udaf:diagnosis.fluid-collection"
_SIDES: Final = frozenset({"left", "right"})
# Roles of the words within the phrase of a side: *right upper and lower lobe*.
_WITHIN: Final = frozenset({"And", "Or", "Definite", "Of"})


def side_structures(sentence: Sentence, structures: Sequence[PlaceCandidate], words: list[str]) -> list[Mention]:
    """Give each structure of a sentence the side that directly precedes it, and return the other sides.

    A side that is a part of the name of a structure is none (*left ventricle*).
    """
    for structure in structures:
        structure.side = structure.mention.sense.own_side or _side_in_words(structure.mention, words)
    rest: list[Mention] = []
    for side in sentence.sides:
        named = next((s for s in structures if s.mention.first <= side.first and side.end <= s.mention.end), None)
        if named is not None:
            if side.end - side.first == named.mention.end - named.mention.first:  # an abbreviation of both: `LK`
                named.side, named.side_mention = side_of(side), side
            continue
        following = next((s for s in structures if s.mention.first >= side.end), None)
        if following is None:
            rest.append(side)
        elif following.side is None and _is_of_phrase(side, following.mention, sentence, words):
            following.side, following.side_mention = side_of(side), side
        elif _is_of_both(side, following, words):
            following.side = "bilateral"
        else:
            rest.append(side)
    _side_parts(structures)
    return rest


def _side_in_words(structure: Mention, words: list[str]) -> str | None:
    """Return the side with which the words for one of a pair open, whose label has none: *left lower lobe*, or None."""
    first = words[structure.first]
    if first not in _SIDES:
        return None
    label = str(structure.sense.attributes["label"]).lower().split()
    return first if _SIDES.isdisjoint(label) else None


def _side_parts(structures: Sequence[PlaceCandidate]) -> None:
    """Give the parts of a structure the side that their sentence gives that: *the right testis: its wall*."""
    for number, part in enumerate(structures):
        if part.side is None and part.whole is not None:
            before = (one for one in reversed(structures[:number]) if one.mention.sense.curie == part.whole)
            whole = next(before, part)
            part.side, part.side_mention = whole.side, whole.side_mention


def _is_region(structure: PlaceCandidate) -> bool:
    return structure.mention.sense.concept_kind == "Region"


def _is_of_both(side: Mention, structure: PlaceCandidate, words: list[str]) -> bool:
    """Return whether a side and the other one are those of a structure: *left and right testes*, *left or right*."""
    own = structure.side_mention
    first = side.first if own is None else min(side.first, own.first)
    between = structure.mention.first - first
    return (
        {side_of(side), structure.side} == _SIDES
        and between <= LONGEST_PAIR
        and not {"and", "or"}.isdisjoint(words[first : first + between])
    )


def _may_be_of_one_side(item: MentionGroup) -> bool:
    """Return whether the title of an examination of both sides does not state the side of an item.

    It states that of a structure that is normal, and of what is denied.
    """
    head = item.head
    if head is None:
        return True
    return head.certainty != "absent" and not is_normal(head) and NORMAL_STATE not in head.sense.above


def _is_fluid_in_quadrant(item: MentionGroup) -> bool:
    """Return whether a finding is fluid in a quadrant of the abdomen, which lies free and has no side."""
    fluid = item.head is not None and any(value.concept == _FLUID for value in item.head.values)
    return fluid and any(_is_region(place) and place.mention.sense.own_side for place in item.places)


def _is_of_phrase(side: Mention, structure: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a side is in the noun phrase of a structure, not *left hydronephrosis and renal cyst*."""
    between = (m for m in sentence.mentions if side.end <= m.first and m.end <= structure.first)
    return _qualifies(side, structure.first, sentence, words) and not any(is_head(m) for m in between)


def _qualifies(side: Mention, first: int, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a side is in the noun phrase of what begins at a word, not *on the right extending to it*."""
    if not _reaches(side.end, first, words):
        return False
    between = (m.sense for m in sentence.mentions if side.end <= m.first < first)
    return all(sense.kind != "function" or sense.role in _WITHIN for sense in between)


def _reaches(first: int, end: int, words: list[str]) -> bool:
    return end - first <= SIDE_REACH and _SEPARATORS.isdisjoint(words[first:end])


def side_groups(
    groups: Sequence[MentionGroup],
    holders: Mapping[int, MentionGroup],
    rest: Sequence[Mention],
    context: TextContext,
    words: list[str],
) -> None:
    """Give the findings and the structures of a sentence their sides.

    :param rest: the sides that no structure follows.
    """
    stated: dict[int, list[Mention]] = {}
    if rest:
        taken = {id(place) for group in groups for place in group.places}
        named = [*groups, *(holder for key, holder in holders.items() if key not in taken)]
        for side in rest if named else ():
            stated.setdefault(id(_item_of(side, named, words)), []).append(side)
    for item in [*groups, *holders.values()]:
        own = stated.get(id(item))
        if own:
            item.laterality, item.side = _together([side_of(side) for side in own]), own[0]
        else:
            _set_side(item, context)
    _side_contained(holders)
    for i, group in enumerate(groups):
        if group.laterality is None and not group.places:
            _take_side(group, groups[:i])
        elif group.laterality is None and any(is_counted(place) for place in group.places):
            _take_side_of_lesion(group, groups[i - 1])


def _side_contained(holders: Mapping[int, MentionGroup]) -> None:
    """Give a counted structure the side of the structure of its organ before it: *the right ovary has a corpus luteum*.

    That of the sentence only; a lymph node lies in no structure.
    """
    before: MentionGroup | None = None
    for holder in holders.values():
        place = holder.places[0]
        if is_counted(place) and before is not None:
            same = before.places[0].place.organ is place.place.organ
            if same and place.mention.sense.line.isdisjoint(before.places[0].mention.sense.names[:1]):
                holder.laterality, holder.side = before.laterality, before.side
        before = holder


def _take_side(group: MentionGroup, before: Sequence[MentionGroup]) -> None:
    """Give a finding that names no structure the side of the finding of the same organ before it in its sentence.

    *Left renal calculus causing mild hydronephrosis.*
    """
    implied = group.implied_place
    for other in reversed(before):
        organs = {place.place.organ for place in other.places}
        if other.implied_place is not None:
            organs = {other.implied_place.organ}
        if implied is not None and implied.organ in organs:
            group.laterality, group.side = other.laterality, other.side
            return


def _take_side_of_lesion(node: MentionGroup, lesion: MentionGroup) -> None:
    """Give a lymph node the side of the lesion that it comes with: *mass of the left breast with a suspicious node*."""
    between = range(lesion.anchor, node.anchor)
    if any(m.sense.role == "With" and m.first in between for m in node.sentence.mentions):
        node.laterality, node.side = lesion.laterality, lesion.side


def _together(sides: Sequence[str]) -> str:
    """Return *bilateral* for left and right, else the first side."""
    return "bilateral" if _SIDES.issubset(sides) else sides[0]


def _item_of(side: Mention, items: Sequence[MentionGroup], words: list[str]) -> MentionGroup:
    """Return what a side belongs to: the finding whose name shortly follows it, else the last item before it."""
    following = [item for item in items if item.anchor >= side.end and "and" not in words[side.end : item.anchor]]
    following = [item for item in following if _qualifies(side, item.anchor, item.sentence, words)]
    if following:
        return min(following, key=lambda item: item.anchor)
    before = [item for item in items if item.anchor <= side.first]
    if before:
        return max(before, key=lambda item: item.anchor)
    return items[0]


def _set_side(item: MentionGroup, context: TextContext) -> None:
    """Give an item that no other side belongs to the side of its structures, of its heading, or of the context."""
    if item.places and _is_fluid_in_quadrant(item):
        return
    here = [place for place in item.places if place.sentence is item.sentence]
    own = [place for place in here if place.side]
    if own:
        item.laterality = _together([str(place.side) for place in own])
        item.side = own[0].side_mention
        return
    denied = item.head is not None and item.head.certainty == "absent"
    if not item.places and item.implied_place is None and item.head is not None:
        return  # it lies in no organ: free fluid
    topic = context.topic_side()
    if topic is not None and (
        context.topic_place() is not None or all(context.is_of_pair(place) for place in item.places)
    ):
        item.laterality, item.side = side_of(topic), topic
        return
    exam = context.exam_side
    of_both = exam is not None and side_of(exam) == "bilateral"
    if exam is not None and not context.is_in_exam(item):
        exam = None
    paired = [place for place in here if place.mention.sense.paired and not is_counted(place)]
    if (of_both or exam is None) and any(place.mention.flags & PLURAL for place in paired):
        item.laterality = "bilateral"  # both of a pair: *kidneys*
        return
    if not item.places and not (context.may_have_side(item) or context.is_in_limb(item)):
        return  # it lies in an organ without sides: prostatomegaly
    if denied and context.of_both and all(context.is_of_pair(place) for place in here):
        item.laterality = "bilateral"
        return
    inherited = next((place for place in item.places if place.side), None)
    if inherited is not None and inherited.side != "bilateral":
        item.laterality, item.side = inherited.side, inherited.side_mention
    elif of_both and _may_be_of_one_side(item):
        return
    elif context.carries_side_to(item.places) and not (denied and context.names_more(here)):
        item.laterality, item.side = context.side, context.side_mention
    elif exam is not None:
        item.laterality, item.side = side_of(exam), exam
