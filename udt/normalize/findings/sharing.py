"""The same finding of several organs: *the liver and spleen are enlarged*, *hepatic and renal cysts*."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from operator import attrgetter
from typing import Final

from udt.lexicon.flags import ADJECTIVE, PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.normalize.findings.group import NORMAL, MentionGroup
from udt.normalize.findings.naming import in_structures
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import ends_part

# Roles of the words between the items of a list of structures.
_JOINING: Final = frozenset({"And", "Or", "Definite", "Article"})
_FIRST: Final = attrgetter("first")


def share(
    groups: Sequence[MentionGroup],
    others: Sequence[MentionGroup],
    structures: list[PlaceCandidate],
    words: list[str],
    lexicon: Lexicon,
) -> list[MentionGroup]:
    """Return the same findings in the other organs that are joined to their own.

    A state is one of all structures of a list (*the liver and spleen are enlarged*). So is what follows their
    adjectives (*hepatic and renal cysts*), and what is in the plural or denied if they end its part of the sentence
    (*cysts in the liver and kidneys*); what is denied may follow them (*the liver and spleen show no lesion*).

    :param groups: the findings of the sentence that may be shared.
    :param others: all its findings, in whose structures none is shared: *mass in the liver, spleen enlarged*.
    :param structures: the structures of the sentence, in order.
    """
    shared: list[MentionGroup] = []
    for group in groups:
        head, places = group.head, [place for place in group.places if place in structures]
        if head is not None and places:
            joined = _joined(head, places, structures, _complements(others, group), words)
            shared += _in_organs(group, head, joined, lexicon)
    return shared


def _joined(
    head: Mention,
    places: list[PlaceCandidate],
    structures: list[PlaceCandidate],
    taken: list[PlaceCandidate],
    words: list[str],
) -> list[PlaceCandidate]:
    """Return the structure that has a finding, then those of its list that may have it as well; or none at all.

    :param places: the structures of the finding in its sentence.
    :param taken: the structures in which the sentence has another finding.
    """
    state, denied = _is_state(head), head.certainty == "absent"
    if not state and head.sense.places:
        return []
    named = [place for place in places if place.mention.end == head.anchor and (denied or _is_adjective(place))]
    own = next(iter(named), places[0])
    k = structures.index(own)
    before, after = structures[:k][::-1], structures[k + 1 :]
    if named:
        before, after = [*takewhile(lambda structure: denied or _is_adjective(structure), before)], []
    elif not state:
        before = before if denied and own.mention.end <= head.first else []
        several = denied or head.flags & PLURAL
        listed = after and several and own.mention.first >= head.end
        after = after if listed and ends_part(after[-1].mention.end, own.sentence, words) else []
    joined = [own]
    for line in (before, after):
        last = own
        for structure in line:
            if structure in taken or not _are_joined(last, structure, words):
                break
            joined.append(structure)
            last = structure
    return joined


def _in_organs(
    group: MentionGroup, head: Mention, joined: list[PlaceCandidate], lexicon: Lexicon
) -> list[MentionGroup]:
    """Return the finding in each other organ of its list, which is then none of its own."""
    if not joined:
        return []
    own, others = joined[0], joined[1:]
    organs = {own.place.organ}
    found = []
    for structure in others:
        if structure.place.organ not in organs and (not _is_state(head) or _may_have(structure, head, lexicon)):
            organs.add(structure.place.organ)
            found.append(MentionGroup(group.sentence, head, places=[structure]))
    group.places = [place for place in group.places if place.place.organ == own.place.organ or place not in others]
    return found


def _may_have(structure: PlaceCandidate, state: Mention, lexicon: Lexicon) -> bool:
    """Return whether a structure is normal or has a finding of its own for a state: *enlarged* of the liver."""
    compounds = lexicon.compounds.get(state.sense.curie, {})
    return state.sense.kind == "value" or in_structures(compounds, [structure], lexicon) is not None


def _is_state(mention: Mention) -> bool:
    """Return whether a name is that of a state which several structures may have: *dilated*, *normal*."""
    if mention.sense.kind == "value":
        return mention.reason is None and mention.sense.curie == NORMAL
    return not mention.sense.places and not mention.sense.focal


def _complements(groups: Sequence[MentionGroup], group: MentionGroup) -> list[PlaceCandidate]:
    """Return the structures that follow the names of the findings of a sentence but one: *mass in the liver*."""
    heads = ((one.head, one.places) for one in groups if one is not group)
    return [place for head, places in heads for place in places if head is not None and head.end <= place.mention.first]


def _is_adjective(structure: PlaceCandidate) -> bool:
    return bool(structure.mention.flags & ADJECTIVE)


def _are_joined(one: PlaceCandidate, other: PlaceCandidate, words: list[str]) -> bool:
    """Return whether two structures of a sentence are items of one list: *the liver, the spleen and pancreas*."""
    end, first = sorted((one.mention, other.mention), key=_FIRST)[0].end, max(one.mention.first, other.mention.first)
    mentions = one.sentence.mentions
    between = [m for m in mentions if end <= m.first and m.end <= first and not m.composed]
    roles = {m.sense.role for m in between if m.sense.kind != "side"}
    covered = {i for m in between for i in range(m.first, m.end)}
    free = {words[i] for i in range(end, first) if i not in covered}
    return roles <= _JOINING and free <= {","} and (bool(free) or not roles.isdisjoint({"And", "Or"}))
