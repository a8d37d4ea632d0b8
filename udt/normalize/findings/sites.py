"""The site of a finding: the components that the text names for it, with the words for the part that is meant."""

from __future__ import annotations

from typing import Final

from udt.core.report import NamedConcept
from udt.lexicon.lexicon import Lexicon
from udt.normalize.distances import LONGEST_POSITION
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.naming import is_elsewhere
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

_SITES: Final = frozenset({"Component", "Region"})
# Words between a portion and its structure (*the distal third of the left ureter*).
_LINKS: Final = frozenset({"of", "the", "in", "left", "right", "both"})
# Structures that have a part which any structure may have, known or not (*wall*, *lumen*).
_GENERAL_PART: Final = 10
_OWN: Final = "its"


def sites_of(group: MentionGroup, passage: Passage, lexicon: Lexicon) -> list[tuple[NamedConcept, Mention]]:
    """Return the components that the text names for a finding, the nearest first, without repetition.

    The name of a finding may contain one (*pleural effusion*), or its definition (*epididymitis*). An organ is a site
    where its class does not cover it: the spleen of a child, which lies in the class of the pediatric abdomen. The site
    of a finding of both sides is no structure of one: *right or left kidney*.
    """
    found: dict[str, tuple[NamedConcept, Mention]] = {}
    for place in group.places:
        sense = place.mention.sense
        if sense.curie in found or not (sense.concept_kind in _SITES or _is_of_other_class(place)):
            continue
        if not (sense.attributes.get("position") or is_elsewhere(place, group, lexicon)):
            site = _named_with_position(place, passage, lexicon)
            if group.laterality == "bilateral" and sense.own_side is not None and site == lexicon.named(sense.curie):
                site = lexicon.named(sense.names[1])
            found[sense.curie] = (site, place.mention)
    if group.head is not None:
        contained = lexicon.structures.get(group.head.sense.curie)
        known = any(contained in lexicon.senses[curie].names for curie in found)
        if contained is not None and not (known or lexicon.is_organ(contained)):
            found[contained] = (lexicon.named(contained), group.head)
        organ = group.own_organ
        if organ is not None and not found:
            found[organ] = (lexicon.named(organ), group.head)
    if group.side is not None and not found:
        found |= {lobe: (lexicon.named(lobe), group.side) for lobe in _lobes(group, lexicon)}
    return list(found.values())


def _lobes(group: MentionGroup, lexicon: Lexicon) -> list[str]:
    """Return the lobe of a finding in an organ of the midline that has its side."""
    lobes = (lobe for place in group.places for lobe in place.mention.sense.attributes.get("lobe", ()))
    return [lobe for lobe in lobes if lexicon.senses[lobe].own_side == group.laterality]


def _is_of_other_class(place: PlaceCandidate) -> bool:
    """Return whether a structure is an organ that has another class in this patient."""
    organ, sense = place.place.organ, place.mention.sense
    return organ is not None and sense.concept_kind == "Organ" and organ.concept != sense.curie


def _named_with_position(place: PlaceCandidate, passage: Passage, lexicon: Lexicon) -> NamedConcept:
    """Return a structure, called with the position words before it: *distal common bile duct*.

    If the taxonomy has such a part, it is that: *lower ureter*. A part that the text names without its structure, and
    that has a position or is known of a wider structure only, gets the name of the structure: *wall of terminal ileum*.
    """
    mention, sense, words = place.mention, place.mention.sense, passage.tokens.words
    usual = sense.one("usualPart") if place.place is sense.places[0] else None
    concept = lexicon.named(usual or sense.curie)
    position = _position(mention, place.sentence.first, place.sentence.end, words, lexicon)
    if not position and place.whole is None:
        return concept
    part = " ".join(words[mention.first : mention.end])
    known = lexicon.parts.get(part, {})
    inherited = place.whole not in known and len(known) >= _GENERAL_PART
    if not position and not (inherited and not lexicon.entries(part)):
        return concept
    name = _lower(concept.label)
    for named, _, _ in lexicon.entries_of([*position, *name.lower().split()]) if position else ():
        if named.kind == "anatomy":
            return lexicon.named(named.curie)
    if place.whole is not None:
        name = f"{part} of {_lower(lexicon.named(place.whole).label)}"
    elif " of " in part:
        start, end = passage.span(mention)
        name = " ".join(word for word in passage.text[start:end].split() if word != "the")
    return NamedConcept(concept.concept, " ".join([*position, name]), concept.codes)


def _position(mention: Mention, first: int, end: int, words: list[str], lexicon: Lexicon) -> list[str]:
    """Return the position words of a structure: before its name, or of the portion of it that the text names.

    :param first: index of the first word of its sentence.
    :param end: exclusive end index of that.
    """
    start = mention.first
    own = _positions_before(start, first, words, lexicon)
    if own:
        return own
    while start > first and words[start - 1] in _LINKS:
        start -= 1
    if start > first and words[start - 1] in lexicon.portions:
        return _positions_before(start - 1, first, words, lexicon)
    for i in range(mention.end, end) if _OWN in words[max(mention.first - 1, 0) : end] else ():
        if words[i] in lexicon.portions and words[i - 1] in lexicon.positions and words[i - 2] == _OWN:
            return [lexicon.positions[words[i - 1]]]
    return []


def _positions_before(end: int, first: int, words: list[str], lexicon: Lexicon) -> list[str]:
    """Return the position words that end at a word."""
    start = end
    while start > max(first, end - LONGEST_POSITION) and words[start - 1] in lexicon.positions:
        start -= 1
    return [lexicon.positions[word] for word in words[start:end]]


def _lower(name: str) -> str:
    """Return a name with a small first letter; one of several words may begin with a proper name."""
    return name if " " in name else name[0].lower() + name[1:]
