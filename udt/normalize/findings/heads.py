"""The findings that a sentence names: each name is one, describes the one before it, or takes up an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final

from udt.normalize.findings.counted import is_about_counted
from udt.normalize.findings.descriptions import (
    contradicts,
    has_size,
    is_adjective,
    is_apart,
    is_beside,
    is_listed,
    is_of_attribute,
    only_describes,
    qualifies_next,
)
from udt.normalize.findings.group import GENERIC_FINDING, THINGS, MentionGroup, is_head, is_lesion
from udt.normalize.findings.interpretations import (
    comments_on,
    described_in,
    explains,
    interpret,
    interprets_counted,
    interprets_description,
    is_another,
    points_to,
    shows,
)
from udt.normalize.findings.members import (
    MEMBER,
    drop_heading,
    is_complaint,
    is_heading_of,
    may_list,
    name_members,
)
from udt.normalize.findings.naming import is_part_of_lesion
from udt.normalize.findings.references import is_anaphoric, is_landmark, may_be, referent_of
from udt.normalize.findings.state import TextFindings
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

_FIRST: Final = attrgetter("first")


class NamedFindings:
    """Finds what each sentence of a text names, one after the other.

    :ivar _list: the finding whose members the next items of a list may be (*Multiple fibroids:*), or None.
    """

    def __init__(self, text: TextFindings) -> None:
        self._text = text
        self._words = text.words
        self._list: MentionGroup | None = None

    def of(self, sentence: Sentence, predicates: list[Mention], sized: Mapping[int, int]) -> list[MentionGroup]:
        """Return the groups of a sentence: new ones, and the one of an earlier sentence that it continues.

        :param predicates: findings that predicates make of structures.
        :param sized: the first word of each length in the sentence by the exclusive end index of its words.
        """
        context = self._text.context
        if MEMBER in sentence.role_set:
            name_members(sentence, self._text)
        given = [m for m in sentence.mentions if m.values or m.sense.kind == "finding"]
        if predicates:
            covered = {i for one in predicates for i in range(one.first, one.end)}
            given = sorted([*(m for m in given if m.first not in covered), *predicates], key=_FIRST)
        if context.is_mark(sentence):
            return []
        if not given and not context.is_item:
            return []
        if context.is_title(sentence) and not any(mention.values for mention in given):
            return []  # the labels that its names give stay
        groups = self._groups_of(given, sentence, sized)
        if not context.is_item:
            self._list = groups[-1] if groups and may_list(groups[-1]) else None
        elif self._list is not None:
            drop_heading(self._list, groups, self._words)
        return groups

    def _groups_of(self, given: Sequence[Mention], sentence: Sentence, sized: Mapping[int, int]) -> list[MentionGroup]:
        """Return the groups of what a sentence names or describes."""
        groups: list[MentionGroup] = []
        pending: list[Mention] = []
        words = self._words
        for mention in given:
            if mention.excluded or mention.sense.attributes.get("category"):
                continue
            if groups and is_of_attribute(mention, sentence):
                continue
            if not groups and self._describes_counted(mention):
                groups = [MentionGroup(sentence, mentions=[mention])]
                continue
            before = groups[-1].head if groups else None
            structure = self._text.described_by.get(id(mention))
            if before is not None and only_describes(mention, before, structure, sentence):
                groups[-1].mentions.append(mention)
                if has_size(mention, before, sized, sentence, words):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
            elif is_head(mention) and is_adjective(mention, sentence, words):
                if mention.certainty != "absent":
                    pending.append(mention)
            elif is_head(mention):
                groups = self._with_head(mention, sentence, groups, pending)
                pending = []
            elif is_listed(mention, groups, sentence, words):
                groups = [*groups, MentionGroup(sentence, mentions=[mention])]
            elif not groups or qualifies_next(mention, sentence, words) or contradicts(mention, groups[-1]):
                pending.append(mention)
            else:
                groups[-1].mentions.append(mention)
                if is_part_of_lesion(mention) and has_size(mention, before, sized, sentence, words):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
        if not groups and self._list is not None and self._text.context.is_item:
            groups = [MentionGroup(sentence, self._list.head)]
        return self._with_rest(pending, sentence, groups) if pending else groups

    def _with_rest(self, pending: list[Mention], sentence: Sentence, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Return the groups of a sentence with the attributes after its last name, or without any name."""
        if not groups:
            continued = self._text.continued(sentence)
            if continued is None or is_beside(pending[0], continued):
                continued = MentionGroup(sentence)
            groups = [continued]
        elif contradicts(pending[0], groups[-1]):
            groups = [*groups, MentionGroup(sentence)]
        groups[-1].mentions += pending
        return groups

    def _with_head(
        self, head: Mention, sentence: Sentence, groups: list[MentionGroup], pending: list[Mention]
    ) -> list[MentionGroup]:
        """Return the groups of a sentence with a head and the attributes before it that no group has yet."""
        another = is_another(head, sentence, self._words)
        if another and pending and is_head(pending[-1]):
            groups = [*groups, MentionGroup(sentence, pending.pop())]
        apart = [one for one in pending if is_apart(one, head, sentence)]
        if apart:
            groups = [*groups, MentionGroup(sentence, mentions=apart)]
        elif pending and not groups and interprets_description(head, pending):
            lesion = self._text.continued(sentence)
            if lesion is None or lesion.head is None or not is_lesion(lesion.head):
                lesion = MentionGroup(sentence)
            lesion.mentions += pending
            interpret(lesion, head)
            return [lesion]
        groups = self._add_head(head, sentence, groups, another=another)
        groups[-1].mentions += [one for one in pending if one not in apart]
        return groups

    def _describes_counted(self, mention: Mention) -> bool:
        """Return whether a mention names a part of a structure before it that is a finding itself.

        *Lymph node of 12 mm with microcalcifications.*
        """
        if not mention.values or any(v.key not in THINGS for v in mention.values):
            return False
        return is_about_counted(mention, self._text.examined)

    def _add_head(
        self, head: Mention, sentence: Sentence, groups: list[MentionGroup], *, another: bool
    ) -> list[MentionGroup]:
        """Add a head to the group that it explains (`… suggesting carcinoma`), to an earlier group, or to a new one.

        :param groups: the groups of the sentence so far.
        :param another: whether it is hedged and joined to what is before it.
        :returns: the groups of the sentence; the last one has the head.
        """
        before = groups[-1].head if groups else None
        if before is not None and self._takes_up(before, head, sentence, groups, another=another):
            return groups
        if not groups and interprets_counted(head, sentence):
            group = MentionGroup(sentence)
            interpret(group, head)
            return [group]
        continued = self._text.continued(sentence) if not groups else None
        if continued is not None and continued.head is not None:
            if comments_on(head, continued.head, sentence):
                interpret(continued, head)
                return [continued]
            if is_anaphoric(head, sentence) and may_be(head, continued.head):
                continued.mentions.append(head)
                return [continued]
        group = MentionGroup(sentence, head)
        if is_anaphoric(head, sentence):
            group.referent = referent_of(head, self._text.groups)
            if group.referent is not None and is_landmark(head, sentence):
                group.referent.mentions.append(head)
                return groups or [group.referent]
        return [*groups, group]

    def _takes_up(
        self, before: Mention, head: Mention, sentence: Sentence, groups: list[MentionGroup], *, another: bool
    ) -> bool:
        """Return whether a head is another name of the finding before it in its sentence, after adding it to that."""
        words, group = self._words, groups[-1]
        if not another and explains(head, before):
            interpret(described_in(groups, sentence), head)
        elif shows(before, head, sentence) or points_to(before, head, words):
            group.head = head
            group.mentions.append(head)
        elif is_complaint(before, head, words):
            group.head = head
            group.mentions = [head]
        elif is_heading_of(before, head, self._text):
            type_only = head.sense.kind == "value" and before.sense.kind == "finding"
            group.head = before if type_only or head.sense.curie == GENERIC_FINDING else head
            group.mentions.append(head)
        else:
            return False
        return True
