"""Names that the text offers for a finding: *hypoechoic mass, suggesting carcinoma*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.normalize.distances import LONGEST_ARROW
from udt.normalize.findings.group import GENERIC_FINDING, MentionGroup, hedge_of, is_lesion
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

_ARTICLES: Final = frozenset({"Article", "Definite"})
# Last words of the hedges that introduce an interpretation even after *and*.
_OF_HEDGES: Final = frozenset({"of", "for", "with"})
# Arrows before what a finding is called.
_ARROWS: Final = ("->", "→", "=>", "⇒")


def interpret(group: MentionGroup, offered: Mention) -> None:
    """Add an interpretation to a finding; it is the name of one that is only called *focus* or *area*."""
    group.mentions.append(offered)
    if group.head is not None and group.head.sense.vague:
        group.head = offered
    else:
        group.interpretations.append(offered)


def explains(head: Mention, before: Mention) -> bool:
    """Return whether a hedged head only interprets the finding before it in its sentence."""
    cue = hedge_of(head)
    return cue is not None and before.end <= cue.first and before.certainty != "absent"


def described_in(groups: Sequence[MentionGroup], sentence: Sentence) -> MentionGroup:
    """Return the finding of which an interpretation speaks: the last one, or the one that has it (*A with B and C*)."""
    end = groups[-1].anchor
    for group in reversed(groups[:-1]):
        start = min([group.anchor, *(m.first for m in group.mentions)])
        roles = {m.sense.role for m in sentence.mentions if start <= m.first < end}
        if "With" in roles:
            return group
        if "And" not in roles:
            break
        end = start
    return groups[-1]


def interprets_description(head: Mention, described: Sequence[Mention]) -> bool:
    """Return whether a hedged name interprets what is described before its hedge: *heterogeneous, suggesting …*.

    After some hedges it is the name of that: *increased echogenicity, consistent with steatosis*.
    """
    cue = hedge_of(head)
    if cue is None or cue.sense.attributes.get("naming"):
        return False
    return all(one.first < cue.first for one in described)


def is_another(head: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a hedged name is joined to what is before it, which it does not interpret: *and a probable …*.

    What a hedge with a preposition introduces (*and suggestive of*) does.
    """
    cue = hedge_of(head)
    if cue is None or words[cue.end - 1] in _OF_HEDGES:
        return False
    before = [m.sense.role for m in sentence.mentions if m.end <= cue.first and m.sense.role not in _ARTICLES]
    return before[-1:] == ["And"]


def shows(vague: Mention, head: Mention, sentence: Sentence) -> bool:
    """Return whether something only called *abnormality* or *area* is stated to be or to show a lesion."""
    between = range(vague.end, head.first)
    return vague.sense.vague and any(m.sense.role == "Copula" and m.first in between for m in sentence.mentions)


def points_to(described: Mention, name: Mention, words: list[str]) -> bool:
    """Return whether an arrow leads from a finding to what it is called: *collection, avascular -> haematoma*."""
    before = words[max(described.end, name.first - LONGEST_ARROW) : name.first]
    return "".join(before).endswith(_ARROWS)


def interprets_counted(head: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name only interprets a structure that is a finding itself: *nodes, likely reactive*."""
    cue = hedge_of(head)
    return cue is not None and any(m.first < cue.first and m.sense.counted for m in sentence.mentions)


def comments_on(name: Mention, earlier: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name interprets the finding of the sentence before.

    None does that opens its sentence (*Probable cyst of the kidney*), that names what its own sentence describes
    (*bright, consistent with steatosis*), or that is held possible beside a disease with a name (*tear of the
    tendon; bursitis possible*).
    """
    cue = hedge_of(name)
    if cue is None:
        return False
    described = any(m.values and m.first < cue.first for m in sentence.mentions)
    if described and not is_lesion(earlier):
        return False
    before = [m for m in sentence.mentions if m.first < name.first and m.sense.kind != "function"]
    if any(m is not cue for m in before):
        return True
    if cue.first < name.first:
        return cue.first > sentence.first
    return earlier.sense.kind == "value" or earlier.sense.curie == GENERIC_FINDING
