"""Assignment of attributes to findings: the one whose phrase they are in, whose predicate they are, or the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from udt.lexicon.build import ADVERB
from udt.lexicon.senses import AttributeRules
from udt.normalize.findings.group import MentionGroup, is_head
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Most unmatched words between two neighbouring mentions of one noun phrase.
_PHRASE_GAP = 2
# Most unmatched words between a predicate and its subject, or what qualifies the subject.
_PREDICATE_GAP = 3
_IN_PHRASE = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit", "head", "neutral"})
_DESCRIBING = frozenset({"modifier", "value", "neutral"})
_NOUNS = frozenset({"head", "anatomy"})
_PARTS = frozenset({"modifier", "value", "head"})
_LINKS_OF_PHRASE = frozenset({"And", "Or", "Of", "Article", "Definite"})
_COMPLEMENT = frozenset({"Of", "Preposition", "Article", "Definite", "To", "And", "Or"})
_LINKS = frozenset({":", ",", "(", "-"})
_STOPS = frozenset({";"})
_TIMES = frozenset({"x", "×"})
_NO_RULES = AttributeRules()


class AttributeAssigner:
    """Assigns the attributes of one sentence.

    :param groups: the findings of the sentence.
    :param places: the places of the sentence, each with its finding.
    :param continued: the earlier finding that the sentence may continue, or None.
    :ivar created: the findings that were made for attributes of structures without another finding.
    """

    def __init__(
        self,
        sentence: Sentence,
        words: list[str],
        groups: Sequence[MentionGroup],
        places: Iterable[tuple[PlaceCandidate, MentionGroup]],
        continued: MentionGroup | None,
    ) -> None:
        self._sentence = sentence
        self._words = words
        self._groups = groups
        self._continued = continued
        self._places = {id(candidate.mention): (candidate, group) for candidate, group in places}
        self._by_mention = self._groups_of_mentions()
        self._covered = {i for attribute in sentence.attributes for i in range(attribute.first, attribute.end)}
        self._alone: dict[PlaceCandidate | None, MentionGroup] = {}

    def _groups_of_mentions(self) -> dict[int, MentionGroup]:
        """Return the finding of each mention by its `id`; the parts of a composition have the finding of the whole."""
        found = {id(mention): group for group in self._groups for mention in group.mentions}
        for whole in [m for m in self._sentence.mentions if m.composed and id(m) in found]:
            for part in self._sentence.mentions:
                if part.sense.kind in _PARTS and whole.first <= part.first and part.end <= whole.end:
                    found.setdefault(id(part), found[id(whole)])
        return found

    @property
    def created(self) -> list[MentionGroup]:
        """The findings that were made for attributes, in order."""
        return list(self._alone.values())

    def assign(self) -> None:
        """Add each attribute that is not excluded to its finding; one without a finding is left out."""
        for attribute in self._sentence.attributes:
            if not attribute.excluded:
                group = self._group_of(attribute)
                if group is not None:
                    group.attributes.append(attribute)

    def _group_of(self, attribute: Mention) -> MentionGroup | None:
        rules = attribute.sense.rules or _NO_RULES
        if rules.graded and attribute.flags & ADVERB and self._grades(attribute):
            return None
        structure: Mention | None = None
        for target in (self._overlapped(attribute), self._modified(attribute), self._subject(attribute, rules)):
            if target is None:
                continue
            if target.excluded:
                return None
            if target.sense.kind == "anatomy" and id(target) not in self._by_mention:
                structure = structure or target
                group = self._group_of_place(target, attribute, rules)
            elif rules.named_only and not self._is_named(target):
                return None
            else:
                group = self._by_mention.get(id(target))
                if group is not None and not _may_have(group, attribute) and not rules.stands_alone:
                    return None
            if group is not None and _may_have(group, attribute):
                return group
        nearest = self._nearest(attribute, rules) if structure is None or not rules.stands_alone else None
        if nearest is not None and _may_have(nearest, attribute):
            return nearest
        return self._of_structure(structure) if rules.stands_alone else None

    def _of_structure(self, structure: Mention | None) -> MentionGroup:
        """Return the finding that holds the attributes of a structure, or of what the sentence does not name."""
        candidate, _ = self._places.get(id(structure), (None, None))
        if candidate not in self._alone:
            places = [candidate] if candidate is not None else []
            self._alone[candidate] = MentionGroup(self._sentence, places=places, added=True)
        return self._alone[candidate]

    def _is_named(self, target: Mention) -> bool:
        """Return whether a mention is the name of a finding, or a part of a composition that is one."""
        group = self._by_mention.get(id(target))
        return is_head(target) or (group is not None and group.head is not None and group.head.composed)

    def _grades(self, attribute: Mention) -> bool:
        """Return whether an adverb grades the word after it instead of the finding (*mildly hypoechoic nodule*)."""
        following = [m for m in self._sentence.mentions if m.first == attribute.end and not m.composed]
        described = any(other.first == attribute.end for other in self._sentence.attributes)
        return (described or any(m.sense.kind in _DESCRIBING for m in following)) and not any(map(is_head, following))

    def _group_of_place(self, target: Mention, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the finding of a structure: itself if the attribute may describe it, else that which is in it.

        The phrase of a structure may count or place it (*two nodes*, *level II nodes*), but a degree needs a finding.
        """
        _, group = self._places.get(id(target), (None, None))
        if group is None:
            return None
        if rules.stands_alone:
            return group if group.head is None else None
        counted = not rules.graded and attribute.first <= target.first
        return group if group.mentions or counted else None

    def _nearest(self, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the nearest finding of the sentence, the one before it first, or the one that the sentence continues.

        For common words, only the latter, and if they open the sentence.
        """
        if self._opens_sentence(attribute) and self._continued is not None:
            return self._continued
        if rules.adjacent_only:
            return None
        fitting = [group for group in self._groups if _may_have(group, attribute)]
        if not fitting:
            return self._continued
        before = [group for group in fitting if group.anchor <= attribute.first]
        return max(before, key=lambda group: group.anchor) if before else fitting[0]

    def _opens_sentence(self, attribute: Mention) -> bool:
        """Return whether an attribute is the predicate of what an earlier sentence names (`Unchanged, as before.`)."""
        following = self._words[attribute.end] if attribute.end < self._sentence.end else ""
        links = any(m.first == attribute.end and m.sense.role in _COMPLEMENT for m in self._sentence.mentions)
        return attribute.first == self._sentence.first and (following in {"", ",", "("} or links)

    def _gap(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to `end` that belong to no attribute, without the numbers of a size."""
        words = [self._words[i] for i in range(first, end) if i not in self._covered]
        return [word for word in words if not word[0].isdigit() and word not in _TIMES]

    def _overlapped(self, attribute: Mention) -> Mention | None:
        """Return the mention of a finding, else of anatomy, that overlaps an attribute (*mild* ascites, upper pole)."""
        near = [m for m in self._sentence.mentions if m.first < attribute.end and attribute.first < m.end]
        found = [m for m in near if not (m.composed or m.excluded)]
        named = [m for m in found if id(m) in self._by_mention]
        return next(iter([*named, *(m for m in found if m.sense.kind == "anatomy")]), None)

    def _modified(self, attribute: Mention) -> Mention | None:
        """Return the mention whose noun phrase an attribute is in, before its head: the head, else the last before it.

        A comma may separate adjectives, but not if the attribute follows a head (`Hydronephrosis mild, cyst`).
        """
        end = attribute.end
        last: Mention | None = None
        joined = False
        if any(m.end == end and m.first > attribute.first and m.sense.kind in _NOUNS for m in self._sentence.mentions):
            return None
        follows_head = any(m.end == attribute.first and is_head(m) for m in self._sentence.mentions)
        for mention in self._sentence.mentions:
            if mention.first < end or mention.composed:
                continue
            gap = self._gap(end, mention.first)
            kind, role = mention.sense.kind, mention.sense.role
            listed = "," in gap and kind in _DESCRIBING and not follows_head
            if len(gap) > _PHRASE_GAP or ("," in gap and not listed) or not {"(", ")", ":", ";", "."}.isdisjoint(gap):
                break
            if joined and kind not in _DESCRIBING:
                break
            if is_head(mention):
                return mention
            joined = role in {"And", "Or"}
            spans = role == "To" and mention.end in self._covered  # *mild to moderate*
            if kind not in _IN_PHRASE and role not in _LINKS_OF_PHRASE and not spans:
                break
            if id(mention) in self._by_mention or kind == "anatomy":
                last = mention
            end = mention.end
        return last

    def _subject(self, attribute: Mention, rules: AttributeRules) -> Mention | None:
        """Return the finding or the anatomy before an attribute that is its predicate.

        The complement of a finding is skipped (*the cyst of the left ovary is mobile*). A common word has to follow
        the subject directly or after a copula, a comma or a colon.
        """
        first, linked, place = attribute.first, False, None
        for mention in reversed(self._sentence.mentions):
            if mention.end > first or mention.composed:
                continue
            gap = self._gap(mention.end, first)
            if not _STOPS.isdisjoint(gap) or (rules.adjacent_only and len(gap) > _PREDICATE_GAP):
                break
            linked = linked or not _LINKS.isdisjoint(gap)
            kind, role = mention.sense.kind, mention.sense.role
            if kind != "anatomy" and id(mention) in self._by_mention:
                close = linked or mention.end == attribute.first or not rules.adjacent_only
                return mention if close else place
            if place is not None and (role not in _COMPLEMENT and kind not in {"side", "modifier", "anatomy"}):
                break
            if kind == "anatomy":
                near = linked or mention.end == attribute.first or not rules.adjacent_only
                place = place or (mention if near else None)
            elif kind == "break" or role == "Relative":
                break
            linked = linked or role in {"Copula", "Verb"}
            first = mention.first
        return place


def _may_have(group: MentionGroup, attribute: Mention) -> bool:
    """Return whether a finding may have an attribute: a denied one only if the same words deny both, or say so.

    *No longer seen* denies a lesion and is its change.
    """
    if attribute.sense.one("ofStructures") and group.mentions:
        return False
    head = group.head
    if head is None or head.certainty != "absent" or attribute.certainty == "absent":
        return True
    return head.cue is not None and attribute.first <= head.cue.first and head.cue.end <= attribute.end


def settle_attributes(groups: Iterable[MentionGroup]) -> None:
    """Keep the attributes whose finding they may qualify; one that is denied of a finding becomes its opposite."""
    for group in groups:
        if group.attributes:
            group.attributes = [attribute for attribute in group.attributes if _qualifies(attribute, group)]
            for attribute in group.attributes:
                opposite = attribute.sense.opposite
                denied = group.head is not None and group.head.certainty == "absent"
                if attribute.certainty == "absent" and opposite is not None and not denied:
                    attribute.values, attribute.certainty = (opposite,), "present"


def _qualifies(attribute: Mention, group: MentionGroup) -> bool:
    """Return whether a finding names, or lies in, one of the concepts that an attribute qualifies, if it has any."""
    needed = attribute.sense.rules.qualifies if attribute.sense.rules is not None else frozenset()
    if not needed:
        return True
    named = {mention.sense.curie for mention in group.mentions}
    named |= {value.concept for mention in group.mentions for value in mention.values}
    named |= {candidate.mention.sense.curie for candidate in group.places}
    places = [candidate.place for candidate in group.places]
    places += [group.implied_place] if group.implied_place is not None else []
    named |= {place.concept for place in places} | {value.concept for place in places for value in place.values}
    return not needed.isdisjoint(named)
