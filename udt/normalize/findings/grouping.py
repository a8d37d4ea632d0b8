"""Grouping of mentions into findings: a lesion with its attributes, its places, its sides and its measurements."""

from __future__ import annotations

from collections.abc import Iterable

from udt.core.report import Measurement
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place
from udt.normalize.context.laterality import side_before
from udt.normalize.findings.attributes import AttributeAssigner, settle_attributes
from udt.normalize.findings.group import PHRASE_GAP, MentionGroup, is_head
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

_IN_PHRASE = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit"})
_ANAPHORA = frozenset({"Anaphor", "Definite"})
# Most words from *the*, *this* or *second* to the name of the finding.
_ANAPHOR_REACH = 2
# Most words from a side to the name of the finding after it.
_SIDE_REACH = 3
# Most words from a unit of length to the name of the finding after it (*a 3 cm large anechoic cyst*).
_LENGTH_REACH = 4
# Roles and signs that separate a length from the name after it (*2 cm cyst and mass*).
_CONJUNCTIONS = frozenset({"And", "Or", "With"})
_SEPARATORS = frozenset({",", ")", "("})

Length = tuple[int, Measurement]
"""A measurement with the index of the word of its unit."""


def group_mentions(
    passage: Passage, places: list[PlaceCandidate], lengths: list[Length], lexicon: Lexicon
) -> list[MentionGroup]:
    """Group the mentions of the text into findings, in order; a place without a finding is a group of its own.

    :param places: the selected places, in the order of the text.
    :param lengths: the measurements, in the order of the text.
    """
    grouper = _Grouper(passage, lexicon)
    by_sentence: dict[int, list[PlaceCandidate]] = {}
    for candidate in places:
        by_sentence.setdefault(id(candidate.sentence), []).append(candidate)
    remaining = iter(lengths)
    length = next(remaining, None)
    for sentence in passage.sentences:
        own: list[Length] = []
        while length is not None and length[0] < sentence.end:
            own.append(length)
            length = next(remaining, None)
        grouper.add_sentence(sentence, by_sentence.get(id(sentence), []), own)
    _assign_missing_places(grouper.groups, places)
    settle_attributes(grouper.groups)
    return [g for g in grouper.groups if g.mentions or g.attributes or (g.places and not g.added)]


class _Grouper:
    """Groups the mentions of one sentence after the other, and keeps the groups that later sentences may continue.

    :ivar groups: all groups so far.
    :ivar recent: the last group with a head that the text does not deny.
    """

    def __init__(self, passage: Passage, lexicon: Lexicon) -> None:
        self.groups: list[MentionGroup] = []
        self.recent: MentionGroup | None = None
        self._by_place: dict[tuple[Place, str | None], MentionGroup] = {}
        self._words = passage.tokens.words
        self._side_words = lexicon.side_words

    def add_sentence(self, sentence: Sentence, places: list[PlaceCandidate], lengths: list[Length]) -> None:
        """Add the mentions, places, measurements and sides of one sentence."""
        groups = self._groups_of(sentence)
        new = [group for group in groups if group.sentence is sentence]
        self.groups += new
        groups += self._assign_places(places, new, sentence)
        if lengths and not groups:
            continued = self._continued(sentence)
            groups = [continued] if continued is not None else []
        for word, measurement in lengths:
            if groups:
                self._measured(word, groups, sentence).measurements.append(measurement)
        for side in sentence.sides if groups else ():
            _nearest_to_side(side, groups).sides.append(side)
        if sentence.attributes:
            self._add_attributes(sentence, groups, places)
        for group in groups:
            if group.head is not None and group.head.certainty != "absent":
                self.recent = group

    def _add_attributes(self, sentence: Sentence, groups: list[MentionGroup], places: list[PlaceCandidate]) -> None:
        """Add the attributes of a sentence to its findings, or to new ones."""

        def placed() -> list[tuple[PlaceCandidate, MentionGroup]]:
            holders = [*groups, *self._by_place.values()]
            return [(c, next(group for group in holders if c in group.places)) for c in places]

        assigner = AttributeAssigner(sentence, self._words, groups, placed, lambda: self._continued(sentence))
        self.groups += assigner.assign()

    def _measured(self, word: int, groups: list[MentionGroup], sentence: Sentence) -> MentionGroup:
        """Return the group of a length: the one whose name it directly precedes (*a 3 cm cyst*), else the last before.

        :param word: index of the word of the unit.
        """
        for group in groups:
            anchor = group.anchor
            if group.head is None or not 0 < anchor - word <= _LENGTH_REACH:
                continue
            joined = any(m.sense.role in _CONJUNCTIONS for m in sentence.mentions if word < m.first < anchor)
            if not joined and _SEPARATORS.isdisjoint(self._words[word + 1 : anchor]):
                return group
        return _last_before(word, groups)

    def _groups_of(self, sentence: Sentence) -> list[MentionGroup]:
        """Return the groups of a sentence: new ones, and the one of an earlier sentence that it continues."""
        groups: list[MentionGroup] = []
        pending: list[Mention] = []
        for mention in [m for m in sentence.mentions if m.values or m.sense.kind == "finding"]:
            if mention.excluded:
                continue
            if is_head(mention):
                groups = self._add_head(mention, sentence, groups)
                groups[-1].mentions += pending
                pending = []
            elif groups and not _qualifies_next(mention, sentence, self._words):
                groups[-1].mentions.append(mention)
            else:
                pending.append(mention)
        if pending:
            groups = groups or [self._continued(sentence) or MentionGroup(sentence)]
            groups[-1].mentions += pending
        return groups

    def _add_head(self, head: Mention, sentence: Sentence, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Add a head to the group that it explains (`… suggesting carcinoma`), to an earlier group, or to a new one.

        :param groups: the groups of the sentence so far.
        :returns: the groups of the sentence; the last one has the head.
        """
        if groups and groups[-1].head is not None and _explains(head, groups[-1].head):
            groups[-1].mentions.append(head)
            return groups
        if not groups and head.certainty == "present":
            continued = self._continued(sentence)
            if continued is not None and _is_anaphoric(head, sentence):
                continued.mentions.append(head)
                return [continued]
        return [*groups, MentionGroup(sentence, head, [head])]

    def _continued(self, sentence: Sentence) -> MentionGroup | None:
        """Return the last finding if the sentence may continue it: same section and topic, and no other place."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        opens_with_anaphor = bool(sentence.mentions) and sentence.mentions[0].sense.role == "Anaphor"
        known = {candidate.place for candidate in self.recent.places}
        places = {p for m in sentence.mentions if m.sense.kind == "anatomy" and not m.excluded for p in m.sense.places}
        return self.recent if opens_with_anaphor or places <= known else None

    def _assign_places(
        self, places: Iterable[PlaceCandidate], groups: list[MentionGroup], sentence: Sentence
    ) -> list[MentionGroup]:
        """Assign each place to the nearest group of its sentence, else to the earlier group of that place and side.

        :param groups: the new groups of the sentence.
        :returns: groups that were created for places of no group.
        """
        created: list[MentionGroup] = []
        for candidate in places:
            side = side_before(candidate.mention, candidate.sentence, self._words, self._side_words)
            key = (candidate.place, side)
            if groups:
                group = groups[0]
                if len(groups) > 1:
                    group = min(groups, key=lambda g: abs(g.anchor - candidate.mention.first))
            else:
                found = self._by_place.get(key)
                group = found or MentionGroup(sentence)
                created += [] if found else [group]
            group.places.append(candidate)
            self._by_place[key] = group
        self.groups += created
        return created


def _assign_missing_places(groups: list[MentionGroup], places: list[PlaceCandidate]) -> None:
    """Give a finding without a place the one that its name implies, else that of its topic, of the text before it, or
    the only place of the text."""
    if all(group.places for group in groups):
        return
    by_mention = {id(p.mention): p for p in places}
    last = places[0] if len({p.place for p in places}) == 1 else None
    for group in groups:
        if group.places:
            last = group.places[0]
        elif group.head is not None and group.head.sense.places:
            group.implied_place = group.head.sense.places[0]
        elif group.sentence.topic is not None and id(group.sentence.topic) in by_mention:
            group.places = [by_mention[id(group.sentence.topic)]]
        elif last is not None:
            group.places = [last]


def _is_anaphoric(head: Mention, sentence: Sentence) -> bool:
    """Return whether a head refers to an earlier finding: *the cyst*, *this cyst*; not *the second cyst*, *a cyst*."""
    if head.reason is not None:
        return False
    near = [m for m in sentence.mentions if 0 <= head.first - m.end <= _ANAPHOR_REACH and m.sense.kind == "function"]
    roles = {m.sense.role for m in near}
    return not roles.isdisjoint(_ANAPHORA) and "Distinct" not in roles


def _nearest_to_side(side: Mention, groups: list[MentionGroup]) -> MentionGroup:
    """Return the group that a side belongs to: the one whose name shortly follows, else the last one before it."""
    if len(groups) == 1:
        return groups[0]
    following = [group for group in groups if 0 <= group.anchor - side.end <= _SIDE_REACH]
    return following[0] if following else _last_before(side.first, groups)


def _last_before(word: int, groups: list[MentionGroup]) -> MentionGroup:
    """Return the last group at or before a word, else the first group."""
    before = [group for group in groups if group.anchor <= word]
    return max(before, key=lambda group: group.anchor) if before else groups[0]


def _explains(mention: Mention, head: Mention) -> bool:
    """Return whether a hedged head only interprets the finding before it."""
    cue = mention.cue
    return mention.certainty == "possible" and cue is not None and head.end <= cue.first and head.certainty != "absent"


def _qualifies_next(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether an attribute is in the noun phrase of the next head instead of belonging to the one before it."""
    end = mention.end
    for other in sentence.mentions:
        if other.first < mention.first or other is mention:
            continue
        if other.end <= mention.end:  # a part of the composition
            if is_head(other) and not other.excluded and other.first > mention.first:
                return True
            continue
        if other.first - end > PHRASE_GAP or "," in words[end : other.first]:
            return False
        if is_head(other) and not other.excluded:
            return True
        if other.sense.kind not in _IN_PHRASE and other.sense.role != "And":
            return False
        end = other.end
    return False
