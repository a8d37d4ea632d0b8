"""Descriptions of a finding of the sentence, apart from findings of their own: *cyst, infected*; *cyst, big spleen*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from udt.lexicon.flags import ADJECTIVE
from udt.normalize.distances import NOUN_PHRASE_GAP
from udt.normalize.findings.group import (
    GRAMMAR,
    THINGS,
    MentionGroup,
    is_denied,
    is_head,
    is_lesion,
)
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.findings.predicates import NORMAL_STATE
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

_INTERNAL: Final = "udaf:internal."
_LISTING: Final = frozenset({"And", "Or"})
# Kinds of mentions that end the phrase of an attribute.
_APART: Final = GRAMMAR | {"finding"}


def only_describes(mention: Mention, head: Mention, structure: PlaceCandidate | None, sentence: Sentence) -> bool:
    """Return whether a finding describes the one before it in its sentence.

    That is a sign, what a lesion consists of, or no more than *focus*; an adjective of a lesion (*cyst, slightly
    enlarged*); or one normal state of a structure after another (*patent and compressible*).

    :param structure: the structure of which the finding is a predicate, or None.
    """
    if mention.certainty == "absent":
        return False
    if structure is not None and structure.mention.first >= mention.end:
        return False  # a mass with a suspicious axillary node
    if mention.sense.attributes.get("sign") or mention.sense.vague:
        return True
    if head.certainty == "absent":
        return False
    if is_content(mention):
        return True  # nodule, mixed cystic and solid
    mentions, between = sentence.mentions, range(head.end, mention.first)
    if any(m.sense.kind == "anatomy" and m.first in between for m in mentions):
        return False
    if NORMAL_STATE in head.sense.above and NORMAL_STATE in mention.sense.above:
        return True
    return bool(mention.flags & ADJECTIVE and is_lesion(head) and mention.certainty == "present") and not any(
        m.first >= mention.end and (is_head(m) or (m.first == mention.end and m.sense.kind == "anatomy"))
        for m in mentions
    )


def is_content(mention: Mention) -> bool:
    """Return whether a name of a lesion is no more than what it consists of: *mixed cystic and solid*."""
    return mention.sense.curie.startswith(_INTERNAL)


def has_size(
    mention: Mention, head: Mention | None, sized: Mapping[int, int], sentence: Sentence, words: list[str]
) -> bool:
    """Return whether a length directly precedes a mention: *a 9 mm papillary projection*, not *9 mm with debris*.

    A denied part has none: *cyst of 9 mm without septations*. One that directly follows the name of the finding is the
    size of that: *cyst 9 mm septated*.

    :param head: the name of the finding before, or None.
    :param sized: the first word of each length in the sentence by the exclusive end index of its words.
    """
    if mention.certainty == "absent":
        return False
    first = mention.first
    for end in range(first - NOUN_PHRASE_GAP, first + 1):
        if end in sized and "," not in words[end:first] and (head is None or sized[end] != head.end):
            return not any(m.sense.role == "With" and end <= m.first < first for m in sentence.mentions)
    return False


def is_adjective(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a name is an adjective of the next one: *stricturing ileitis*, *cystic and solid nodule*."""
    return bool(mention.flags & ADJECTIVE or is_content(mention)) and qualifies_next(mention, sentence, words)


def qualifies_next(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether an attribute is in the noun phrase of the next head instead of belonging to the one before it."""
    end = mention.end
    for other in sentence.mentions:
        if other.first <= mention.first:
            continue
        if other.end <= mention.end:  # a part of the composition
            if is_head(other):
                return True
            continue
        if other.first - end > NOUN_PHRASE_GAP or "," in words[end : other.first]:
            return False
        if is_head(other):
            return True
        if other.sense.kind in _APART and other.sense.role != "And":
            return False
        end = other.end
    return False


def is_apart(attribute: Mention, head: Mention, sentence: Sentence) -> bool:
    """Return whether an attribute describes something else than the finding after it.

    It is affirmed and that is denied, or its structure has it: *heterogeneous liver with a cyst*, *with splenomegaly*.
    """
    if (attribute.certainty == "absent") != (head.certainty == "absent"):
        return True
    between = range(attribute.end, head.first)
    preposition = next((m.first for m in sentence.mentions if m.sense.role == "With" and m.first in between), None)
    if preposition is None:
        return False
    named = [m for m in sentence.mentions if m.sense.kind == "anatomy" and m.first < preposition]
    if head.sense.kind == "value" or head.sense.focal:
        return bool(named) or sentence.topic is not None
    return any(m.first == attribute.end for m in named)


def is_listed(attribute: Mention, groups: Sequence[MentionGroup], sentence: Sentence, words: list[str]) -> bool:
    """Return whether what an attribute names is denied beside others: *no calcification, cyst or mass*.

    :param groups: the groups of the sentence so far.
    """
    if groups and not is_denied(groups[-1]):
        return False
    if attribute.certainty != "absent" or not any(value.key in THINGS for value in attribute.values):
        return False
    mentions = sentence.mentions
    before = next((m for m in reversed(mentions) if m.end <= attribute.first), None)
    after = [m for m in mentions if m.first >= attribute.end][:2]
    if after and after[0].first == attribute.end and is_head(after[0]):
        return False
    if words[attribute.end : attribute.end + 1] == [","]:
        return True
    if before is not None and (before.sense.role in _LISTING or (groups and before.sense.kind == "negation")):
        return True
    return any(m.sense.role in _LISTING for m in after[:1]) and any(is_head(m) for m in after[1:])


def is_beside(thing: Mention, group: MentionGroup) -> bool:
    """Return whether what a sentence names is another finding beside a state: *thickened. Small calcification.*"""
    named = any(value.key in THINGS for value in thing.values)
    return named and group.head is not None and not is_lesion(group.head)


def contradicts(mention: Mention, group: MentionGroup) -> bool:
    """Return whether an attribute is affirmed beside a finding that is denied: *no mass, heterogeneous*."""
    return group.head is not None and group.head.certainty == "absent" and mention.certainty != "absent"


def is_of_attribute(mention: Mention, sentence: Sentence) -> bool:
    """Return whether a word for any lesion is part of an attribute that is denied: *no echogenic foci*."""
    if not mention.sense.vague or mention.certainty != "absent":
        return False
    return any(one.overlaps(mention) for one in sentence.attributes)
