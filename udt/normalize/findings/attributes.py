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
# Most words of a sentence that describes the finding before it by a common word alone (`Unchanged since March.`).
_SHORT_SENTENCE = 4
_IN_PHRASE = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit", "head", "neutral"})
_DESCRIBING = frozenset({"modifier", "value", "neutral"})
_LINKS_OF_PHRASE = frozenset({"And", "Or", "Of", "Article", "Definite"})
_COMPLEMENT = frozenset({"Of", "Preposition", "Article", "Definite", "To", "And", "Or"})
_LINKS = frozenset({":", ",", "(", "-"})
_STOPS = frozenset({";"})
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
        self._by_mention = {id(mention): group for group in groups for mention in group.mentions}
        self._covered = {i for attribute in sentence.attributes for i in range(attribute.first, attribute.end)}
        self._alone: dict[PlaceCandidate | None, MentionGroup] = {}

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
        target = self._overlapped(attribute) or self._modified(attribute) or self._subject(attribute, rules)
        if target is not None and target.excluded:
            return None
        if target is not None and target.sense.kind == "anatomy" and id(target) not in self._by_mention:
            group = self._group_of_place(target, attribute, rules)
        elif target is not None:
            group = self._by_mention.get(id(target))
        else:
            group = self._nearest(attribute, rules)
        if group is not None and _may_have(group, attribute):
            return group
        if not rules.stands_alone or (target is not None and is_head(target) and attribute.sense.one("ofStructures")):
            return None
        candidate, _ = self._places.get(id(target), (None, None))
        return self._alone.setdefault(candidate, self._new(candidate))

    def _grades(self, attribute: Mention) -> bool:
        """Return whether an adverb grades the value after it instead of the finding (*mildly hypoechoic nodule*)."""
        following = [m for m in self._sentence.mentions if m.first == attribute.end and not m.composed]
        return any(m.sense.kind in _DESCRIBING for m in following) and not any(map(is_head, following))

    def _new(self, candidate: PlaceCandidate | None) -> MentionGroup:
        return MentionGroup(self._sentence, places=[candidate] if candidate is not None else [], added=True)

    def _group_of_place(self, target: Mention, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the finding of a structure: itself if the attribute may describe it, else that which is in it."""
        _, group = self._places.get(id(target), (None, None))
        if group is None or not rules.stands_alone:
            return group
        return group if not group.mentions else None

    def _nearest(self, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the nearest finding of the sentence, the one before it first, or the one that the sentence continues.

        For common words, only that of a very short sentence.
        """
        sentence = self._sentence
        if rules.adjacent_only and sentence.end - sentence.first > _SHORT_SENTENCE:
            return None
        fitting = [group for group in self._groups if _may_have(group, attribute)]
        if not fitting:
            return self._continued
        before = [group for group in fitting if group.anchor <= attribute.first]
        return max(before, key=lambda group: group.anchor) if before else fitting[0]

    def _gap(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to `end` that belong to no attribute."""
        return [self._words[i] for i in range(first, end) if i not in self._covered]

    def _overlapped(self, attribute: Mention) -> Mention | None:
        """Return the mention of a finding, else of anatomy, that overlaps an attribute (*mild* ascites, upper pole)."""
        found = [
            m for m in self._sentence.mentions if m.first < attribute.end and attribute.first < m.end and not m.composed
        ]
        named = [m for m in found if id(m) in self._by_mention]
        return next(iter([*named, *(m for m in found if m.sense.kind == "anatomy")]), None)

    def _modified(self, attribute: Mention) -> Mention | None:
        """Return the mention whose noun phrase an attribute is in, before its head: the head, else the last before it.

        A comma may separate adjectives, but not if the attribute follows a head (`Hydronephrosis mild, cyst`).
        """
        end = attribute.end
        last: Mention | None = None
        follows_head = any(m.end == attribute.first and is_head(m) for m in self._sentence.mentions)
        for mention in self._sentence.mentions:
            if mention.first < end or mention.composed:
                continue
            gap = self._gap(end, mention.first)
            kind, role = mention.sense.kind, mention.sense.role
            listed = "," in gap and kind in _DESCRIBING and not follows_head
            if len(gap) > _PHRASE_GAP or ("," in gap and not listed) or not {"(", ")", ":", ";", "."}.isdisjoint(gap):
                break
            if is_head(mention):
                return mention
            if kind not in _IN_PHRASE and role not in _LINKS_OF_PHRASE:
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
    """Return whether a finding may have an attribute: not if the text denies the finding alone."""
    if attribute.sense.one("ofStructures") and group.mentions:
        return False
    return group.head is None or group.head.certainty != "absent" or attribute.certainty == "absent"


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
    places = [candidate.place for candidate in group.places]
    places += [group.implied_place] if group.implied_place is not None else []
    named |= {place.concept for place in places} | {value.concept for place in places for value in place.values}
    return not needed.isdisjoint(named)
