"""The structures of findings by the grammar of their sentence: noun phrase, complement, subject, heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.normalize.distances import NOUN_PHRASE_GAP
from udt.normalize.findings.context import TextContext
from udt.normalize.findings.group import GRAMMAR, SCOPES, MentionGroup, is_head, is_state
from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_LOCATING: Final = frozenset({"Of", "Preposition"})
_LINKS: Final = _LOCATING | {"And", "Or"}
_ANAPHOR: Final = "Anaphor"
_ENDS: Final = frozenset({"With", "Relative"})
_STOPS: Final = frozenset({",", ":"})
_OF: Final = "of"
# Words between the structures of a noun phrase.
_LISTING: Final = frozenset({",", "/", "&", "and", "or", "the", "left", "right", _OF})
_FREE: Final = "free"
# Roles of the words between a preposition and its structure.
_DETERMINERS: Final = frozenset({"Definite", "Article"})
_PERITONEUM: Final = "uhat:peritoneum-mesentery-omentum"


def assign_places(
    groups: Sequence[MentionGroup], structures: Sequence[PlaceCandidate], context: TextContext, words: list[str]
) -> None:
    """Give each new finding of a sentence its structures: those of its own phrase first, then those that it inherits.

    A finding whose name implies an organ (*gallstone*) inherits structures of that organ only.
    """
    for group in groups:
        if structures:
            group.places = _own(group, structures, words)
        head = group.head
        if head is not None and head.sense.places and head.sense.kind == "finding":
            group.implied_place = context.place_of(head.sense.places[0])
    topic = context.topic_place()
    before: MentionGroup | None = None
    for group in groups:
        inherited = _subject(group, structures, context, words)
        if not inherited and not group.places:
            inherited = _after(group, groups, structures)
        if topic is not None and topic not in inherited and not _is_quadrant_of_other(topic, group, inherited):
            inherited.append(topic)
        if not inherited and not group.places and not structures:
            inherited = _carried(context, group.sentence)
        free = _is_free(group)
        fitting = [s for s in inherited if s not in group.places and _fits(s, group, context)]
        group.places += [s for s in fitting if not free or _may_hold_free_fluid(s)]
        if group.head is not None:
            group.places = [*_appended(group, groups, structures, context, words), *group.places]
        if not group.places and group.implied_place is None and not free:
            if before is not None and _is_part_of(group, before):
                group.places, group.implied_place = list(before.places), before.implied_place
            else:
                group.places = [s for s in context.exam[:1] if _fits(s, group, context) and not is_counted(s)]
        before = group


def _is_quadrant_of_other(topic: PlaceCandidate, group: MentionGroup, inherited: Sequence[PlaceCandidate]) -> bool:
    """Return whether a heading is a region, and the finding is that of an organ which the text names below it.

    *LUQ: spleen heterogeneous.*
    """
    if topic.mention.sense.concept_kind != "Region":
        return False
    return any(s.mention.sense.concept_kind != "Region" for s in (*group.places, *inherited))


def _is_part_of(group: MentionGroup, before: MentionGroup) -> bool:
    """Return whether *with* links a finding to the one before it: *aneurysm with mural thrombus*."""
    if before.head is None:
        return False
    between = _between(before.head.end, group.anchor, group.sentence)
    return any(mention.sense.role == "With" for mention in between)


def _fits(structure: PlaceCandidate, group: MentionGroup, context: TextContext) -> bool:
    """Return whether a structure may be that of a finding: its name implies no organ, or the one of the structure.

    Adenopathy lies in the region of its nodes: *axilla*.
    """
    implied = group.implied_place or context.place_by_definition(group)
    own, organ = group.own_organ, structure.mention.sense.places[0].organ
    if own is not None and organ is not None and organ.concept != own:
        return False  # another organ of the same pediatric class
    if implied is not None and implied.organ is None and context.is_apart(group, structure):
        return False  # prostatomegaly after the kidneys
    if implied is None or implied.organ is None or structure.place.organ in {implied.organ, None}:
        return True
    return context.is_kind_in(group, structure)  # adenopathy in the axilla


def _is_free(group: MentionGroup) -> bool:
    """Return whether a finding is free fluid, which lies in no organ."""
    return group.head is not None and _FREE in str(group.head.sense.attributes.get("label", "")).split()


def _may_hold_free_fluid(structure: PlaceCandidate) -> bool:
    organ = structure.place.organ
    return organ is None or organ.concept == _PERITONEUM


def _carried(context: TextContext, sentence: Sentence) -> list[PlaceCandidate]:
    """Return the structure that the text before speaks of, if it is one; a pronoun takes up the first (*It is …*)."""
    subjects = context.subjects
    if sentence.roles[:1] == [_ANAPHOR]:
        return subjects[:1]
    return subjects[-1:] if len({s.place.organ for s in subjects}) == 1 else []


def _span(group: MentionGroup) -> tuple[int, int]:
    """Return the words of the name of a finding, or of all its values; of a numbered one without any, none."""
    if group.head is not None:
        return group.head.first, group.head.end
    if not group.mentions:
        return group.sentence.first, group.sentence.first
    return min(m.first for m in group.mentions), max(m.end for m in group.mentions)


def _own(group: MentionGroup, structures: Sequence[PlaceCandidate], words: list[str]) -> list[PlaceCandidate]:
    """Return the structures in the noun phrase of a finding, then those of its complement (*cyst of the kidney*)."""
    head = group.head
    if head is not None and head.composed:
        named = [s for s in structures if s.mention.first == head.anchor]
        if named:
            return named
    first, end = _span(group)
    found = [s for s in structures if s.mention.first < end and s.mention.end > first]
    start = first
    for structure in reversed(structures):
        if structure.mention.end > first:
            continue
        if not _is_phrase(structure.mention.end, start, group.sentence, words):
            break
        found.append(structure)
        start = structure.mention.first
    if found:
        listed = _with_those_before(structures.index(found[-1]), structures, words)
        found += [s for s in listed if s not in found]
    after: list[PlaceCandidate] = []
    stop = end
    for structure in structures:
        if structure.mention.first < end:
            continue
        if not _is_complement(stop, structure.mention.first, group.sentence, words, bool(after)):
            break
        after.append(structure)
        stop = structure.mention.end
    return found + after


def _between(first: int, end: int, sentence: Sentence) -> list[Mention]:
    return [m for m in sentence.mentions if first <= m.first and m.end <= end]


def _is_phrase(first: int, end: int, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a structure that ends at `first` qualifies the name that begins at `end`: *left renal cyst*."""
    mentions = _between(first, end, sentence)
    if any(m.sense.kind in GRAMMAR for m in mentions):
        return False
    between = words[first:end]
    return len(between) <= NOUN_PHRASE_GAP and all(word.isalpha() for word in between)


def _is_complement(first: int, end: int, sentence: Sentence, words: list[str], linked: bool) -> bool:
    """Return whether a preposition links a name that ends at `first` to a structure that begins at `end`.

    :param linked: whether it is a further structure of the complement (*the neck of the gallbladder*).
    """
    if first == end:
        return True
    mentions = _between(first, end, sentence)
    roles = [m.sense.role for m in mentions]
    link = next((role for role in reversed(roles) if role in _LINKS), None)
    if link is None or (link not in _LOCATING and not linked):
        return False
    if not _ENDS.isdisjoint(roles):
        return False
    if any(m.sense.kind in SCOPES or is_head(m) for m in mentions):
        return False
    return _STOPS.isdisjoint(words[first:end])


def _subject(
    group: MentionGroup, structures: Sequence[PlaceCandidate], context: TextContext, words: list[str]
) -> list[PlaceCandidate]:
    """Return the structure that the clause of a finding speaks of: the last one before it, and those listed with it.

    Nothing if one of its own structures is no part of that.
    """
    first, _ = _span(group)
    places = group.places
    for i in range(len(structures) - 1, -1, -1):
        structure = structures[i]
        if structure.mention.end <= first and structure not in places:
            if places:
                return [structure] if all(context.is_part(own, structure) for own in places) else []
            if is_at(structures[i - 1], structure, group.sentence):
                return [structures[i - 1], structure]
            return _with_those_before(i, structures, words)
    return []


def is_at(structure: PlaceCandidate, place: PlaceCandidate, sentence: Sentence) -> bool:
    """Return whether a structure is placed by another one of its phrase: *the median nerve at the carpal tunnel*."""
    first = structure.mention.end
    linked = [m for m in _between(first, place.mention.first, sentence) if m.sense.role not in _DETERMINERS]
    return [(m.first, m.sense.role) for m in linked] == [(first, "Preposition")]


def _with_those_before(i: int, structures: Sequence[PlaceCandidate], words: list[str]) -> list[PlaceCandidate]:
    """Return a structure, and those of the same organ in the noun phrase that it ends, parts first.

    *Head and body of the pancreas*: head, body, pancreas.
    """
    last = structures[i]
    found = [last]
    for before in reversed(structures[:i]):
        between = words[before.mention.end : last.mention.first]
        if before.place.organ is not last.place.organ or not between or not _LISTING.issuperset(between):
            break
        found.insert(0 if _OF in between else len(found), before)
        last = before
    return found


def _appended(
    group: MentionGroup,
    groups: Sequence[MentionGroup],
    structures: Sequence[PlaceCandidate],
    context: TextContext,
    words: list[str],
) -> list[PlaceCandidate]:
    """Return the part of the structure of a finding after its name: *polyp, 5 mm, lateral wall*.

    None is a thing of its own: *ovary normal, corpus luteum*; *normal, left ureteric jet not seen*; *polyp, wall 4 mm*.
    """
    _, end = _span(group)
    structure = next((s for s in structures if s.mention.first >= end and s not in group.places), None)
    if structure is None or structure.mention.excluded:
        return []
    if any(end <= g.anchor for g in groups):
        return []
    if any(word[0].isdigit() for word in words[structure.mention.end : structure.mention.end + 1]):
        return []
    if any(m.sense.kind == "function" for m in _between(end, structure.mention.first, group.sentence)):
        return []
    return [structure] if any(context.is_part(structure, place) for place in group.places) else []


def _after(
    group: MentionGroup, groups: Sequence[MentionGroup], structures: Sequence[PlaceCandidate]
) -> list[PlaceCandidate]:
    """Return the structure after a finding that no other finding has, if none is before it: *Normal: liver*."""
    _, end = _span(group)
    if not structures or any(end <= g.anchor for g in groups if g is not group):
        return []
    structure = structures[0]
    between = reversed(_between(end, structure.mention.first, group.sentence))
    link = next((m.sense.role for m in between if m.sense.role in _LOCATING or m.sense.role in _ENDS), None)
    beside = group.head is not None and not is_state(group.head) and is_counted(structure)
    if link in _ENDS or beside:
        return []  # a mass and an enlarged node
    return [structure]
