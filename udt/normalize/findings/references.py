"""Names that refer to an earlier finding: *the cyst*, *this lesion*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.normalize.distances import ANAPHOR_REACH, MOST_REFERRED
from udt.normalize.findings.group import GENERIC_FINDING, MentionGroup
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

_ANAPHORA: Final = frozenset({"Anaphor", "Definite"})


def is_anaphoric(head: Mention, sentence: Sentence) -> bool:
    """Return whether a head refers to an earlier finding: *the cyst*, *this cyst*; not *the second cyst*, *a cyst*."""
    if head.reason is not None:
        return False
    mentions = sentence.mentions
    roles = {m.sense.role for m in mentions if m.end <= head.first <= m.end + ANAPHOR_REACH}
    return not roles.isdisjoint(_ANAPHORA)


def is_landmark(head: Mention, sentence: Sentence) -> bool:
    """Return whether a definite name is an object of another subject: *the vein is abutted by the mass*."""
    before = [m.sense for m in sentence.mentions if m.end <= head.first]
    verb = next((i for i, sense in enumerate(before) if sense.role == "Copula"), 0)
    return any(sense.kind == "anatomy" for sense in before[:verb]) and any(
        sense.role == "Preposition" for sense in before[verb:]
    )


def may_be(name: Mention, head: Mention) -> bool:
    """Return whether a name may be that of an earlier finding: the same, a wider or narrower one, one of its type."""
    own, other = name.sense, head.sense
    if own.curie in {other.curie, *other.above} or other.curie in own.above:
        return True
    if not set(name.values).isdisjoint(head.values):
        return True
    return own.curie == GENERIC_FINDING or own.vague


def referent_of(head: Mention, groups: Sequence[MentionGroup]) -> MentionGroup | None:
    """Return the last finding that a definite name may mean, rather one of the same name."""
    found: MentionGroup | None = None
    for group in reversed(groups[-MOST_REFERRED:]):
        one = group.head
        if one is None or one.certainty == "absent" or not may_be(head, one):
            continue
        if one.sense.curie == head.sense.curie:
            return group
        found = found or group
    return found
