"""One lesion of several: *one at the fundus, the other at the cervix*, and the items of a list below their name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.lexicon.flags import PLURAL
from udt.normalize.findings.group import GENERIC_FINDING, MentionGroup, is_head, is_lesion
from udt.normalize.findings.references import may_be
from udt.normalize.findings.state import TextFindings
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

# The role of words for one of several lesions, and those of the words after one.
MEMBER: Final = "Member"
_LINKS_OF_MEMBER: Final = frozenset({"Of", "Preposition", "Copula", "With"})


def name_members(sentence: Sentence, text: TextFindings) -> None:
    """Name each word for one of the lesions before it: *one of 6 mm, the other at the fundus*.

    The word has no noun of its own, and its lesions are those of the last name in the text before.
    """
    mentions, words = sentence.mentions, text.words
    for i, word in enumerate(mentions[:-1]):
        after = mentions[i + 1]
        if word.sense.role != MEMBER or after.sense.role not in _LINKS_OF_MEMBER:
            continue
        if after.sense.role == "Copula" and any(is_head(m) for m in mentions[i + 1 :]):
            continue  # the other is a cyst
        if after.sense.role == "Of" and not any(one[:1].isdigit() for one in words[after.end : after.end + 1]):
            continue  # the other of the nodules
        earlier = next((m for m in reversed(mentions[:i]) if is_head(m)), None)
        if earlier is None and text.recent is not None:
            earlier = text.recent.head
        if earlier is not None and earlier.certainty == "present" and is_lesion(earlier):
            mentions[i] = Mention(word.first, word.end, earlier.sense)
            sentence.kinds[i] = earlier.sense.kind
            sentence.kind_set = frozenset(sentence.kinds)
            text.named_members.add(id(mentions[i]))


def may_list(group: MentionGroup) -> bool:
    """Return whether items of a list may be members of a finding: it is named in the plural and not denied."""
    return group.head is not None and bool(group.head.flags & PLURAL) and group.head.certainty != "absent"


def is_whole(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a sentence is no more than a name, maybe with a colon after it: *NODULES:*."""
    end = sentence.end - (words[sentence.end - 1] == ":")
    return (mention.first, mention.end) == (sentence.first, end)


def drop_heading(heading: MentionGroup, items: Sequence[MentionGroup], words: list[str]) -> None:
    """Mark a finding that is no more than the heading of a list (*NODULES*) as one that an item names."""
    if heading.head is not None and is_whole(heading.head, heading.sentence, words):
        heading.added = bool(items)


def is_complaint(heading: Mention, head: Mention, words: list[str]) -> bool:
    """Return whether the heading of a line calls a lesion a lump, and what follows its name: *LUMP: lipoma*."""
    if words[heading.end : heading.end + 1] != [":"] or heading.sense.kind != "value" or heading.flags & PLURAL:
        return False
    return all(m.certainty == "present" and m.diagnoses for m in (heading, head))


def is_heading_of(heading: Mention, head: Mention, text: TextFindings) -> bool:
    """Return whether a name before a colon is that of the finding after it: *Calculi: 3 stones*.

    What comes after may be called a *lesion* only: *Lump of the forearm: hypoechoic lesion*.
    """
    words = text.words
    if head.certainty != heading.certainty or ":" not in words[heading.end : head.first]:
        return False
    if head.sense.curie == GENERIC_FINDING:
        return True
    return (
        words[heading.end : heading.end + 1] == [":"] and id(head) not in text.named_members and may_be(head, heading)
    )
