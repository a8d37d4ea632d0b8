"""Assignment of attributes to findings: the one whose phrase they are in, whose predicate they are, or the nearest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from udt.lexicon.flags import ADVERB, PLURAL
from udt.lexicon.senses import AttributeRules
from udt.normalize.context.exclusion import NOT_SEEN
from udt.normalize.distances import NOUN_PHRASE_GAP, PHRASE_PREDICATE_GAP, PREDICATE_GAP
from udt.normalize.findings.group import MentionGroup, is_head, is_normal, is_state
from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.order import index_at
from udt.normalize.match.passage import Sentence

Placed = Callable[[], Iterable[tuple[PlaceCandidate, MentionGroup, MentionGroup]]]
"""Function that returns the places of a sentence, each with its finding and with the observation of the structure."""

_IN_PHRASE: Final = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit", "head", "neutral"})
_DESCRIBING: Final = frozenset({"modifier", "value", "neutral"})
_NOUNS: Final = frozenset({"head", "anatomy"})
_PARTS: Final = frozenset({"modifier", "value", "head"})
_LINKS_OF_PHRASE: Final = frozenset({"And", "Or", "Of", "Article", "Definite"})
_COMPLEMENT: Final = frozenset({"Of", "Preposition", "Article", "Definite", "To", "And", "Or", "With"})
_COMPLEMENT_KINDS: Final = frozenset({"side", "modifier", "anatomy", "length unit"})
_CONJUNCTIONS: Final = frozenset({"And", "Or"})
_LINKING: Final = frozenset({"Copula", "Verb", "With"})
_POSITIONS: Final = frozenset({"Preposition", "Of"})
# Signs that end a noun phrase, that link a predicate to its subject, and that are the times sign of a size.
_BARRIERS: Final = frozenset({"(", ")", ":", ";", "."})
_LINKS: Final = frozenset({":", ",", "(", "-"})
_TIMES: Final = frozenset({"x", "×"})
_SENTENCE_OPENING: Final = frozenset({",", "("})
# Reasons of exclusion of a structure that keep its attributes.
_SPEAKING: Final = frozenset({"", NOT_SEEN})
_NOTHING: Final[list[str]] = []
_ANY_CONCEPT: Final[frozenset[str]] = frozenset()


class AttributeAssigner:
    """Assigns the attributes of one sentence.

    :param groups: the findings of the sentence.
    :param placed: function that returns the places of the sentence with their findings.
    :param continued: function that returns the earlier finding that the sentence may continue, or None.
    """

    def __init__(
        self,
        sentence: Sentence,
        words: list[str],
        groups: Sequence[MentionGroup],
        placed: Placed,
        continued: Callable[[], MentionGroup | None],
    ) -> None:
        self._sentence = sentence
        self._mentions = sentence.mentions
        if sentence.composed:
            self._mentions = [mention for mention in sentence.mentions if not mention.composed]
        self._words = words
        self._groups = groups
        self._placed = placed
        self._continued = continued
        self._places: list[tuple[PlaceCandidate, MentionGroup, MentionGroup]] | None = None
        self._by_mention = {id(mention): group for group in groups for mention in group.mentions}
        if sentence.composed:
            self._add_parts()
        self._predicates = [g for g in groups if g.head is not None and g.head not in sentence.mentions]
        self._alone: dict[PlaceCandidate | None, MentionGroup] = {}

    def _add_parts(self) -> None:
        """Give the parts of each composition the finding of the whole."""
        found = self._by_mention
        for whole in [m for m in self._sentence.mentions if m.composed and id(m) in found]:
            for part in self._mentions:
                if part.sense.kind in _PARTS and whole.first <= part.first and part.end <= whole.end:
                    found.setdefault(id(part), found[id(whole)])

    def assign(self) -> list[MentionGroup]:
        """Add each attribute that is not excluded to its finding; one without a finding is left out.

        :returns: the findings that were made for attributes of structures without another finding.
        """
        for attribute in self._sentence.attributes:
            rules = attribute.sense.rules
            if rules is not None and not attribute.excluded:
                group = self._group_of(attribute, rules)
                if group is not None:
                    group.attributes.append(attribute)
                    if attribute.certainty == "absent":
                        _take_opposite(attribute, group)
        return list(self._alone.values())

    def _group_of(self, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the finding of an attribute: by the words that it overlaps, by those after it, or by those before."""
        if rules.of_neighbour:
            return self._neighbour(attribute)
        for predicate in self._predicates:
            head = predicate.head
            if head is not None and (_is_named_by(head, attribute) or _grades_predicate(head, attribute)):
                return predicate if _may_have(predicate, attribute) else None
        mentions = self._mentions
        start = index_at(mentions, attribute.first)
        while start and mentions[start - 1].end > attribute.first:
            start -= 1
        end = index_at(mentions, attribute.end, start)
        if rules.graded and attribute.flags & ADVERB and self._grades(attribute, end):
            return None
        structure: Mention | None = None
        finders = (self._overlapped, self._modified, self._subject) if start < end else (self._modified, self._subject)
        for find in finders:
            target = find(attribute, rules, start, end)
            if target is None:
                continue
            if target.excluded not in _SPEAKING or (attribute.sense.of_structures and target.sense.kind != "anatomy"):
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
        if not rules.stands_alone:
            return None
        only = self._only_structure(attribute) if structure is None else None
        described = self._group_of_place(only, attribute, rules) if only is not None else None
        return described or self._of_structure(structure or only)

    def _only_structure(self, attribute: Mention) -> Mention | None:
        """Return the only structure before an attribute after *and*: *the liver is normal in size and homogeneous*."""
        joined = any(m.sense.role == "And" and m.end == attribute.first for m in self._mentions)
        before = [
            m for m in self._mentions if m.end <= attribute.first and m.sense.kind == "anatomy" and not m.composed
        ]
        return before[0] if joined and len(before) == 1 and not before[0].excluded else None

    def _place(
        self, structure: Mention | None
    ) -> tuple[PlaceCandidate, MentionGroup, MentionGroup] | tuple[None, None, None]:
        """Return the place at a mention of anatomy, the finding in it, and its observation; None each if it gives none.

        The place may be a part that is named there (*endometrium*).
        """
        if self._places is None:
            self._places = list(self._placed())
        if structure is None:
            return None, None, None
        at = [p for p in self._places if p[0].mention.first < structure.end and structure.first < p[0].mention.end]
        exact = [p for p in at if p[0].mention is structure]
        return next(iter(exact or at), (None, None, None))

    def _of_structure(self, structure: Mention | None) -> MentionGroup:
        """Return the finding that holds the attributes of a structure, or of what the sentence does not name.

        It is the observation of the structure if that is measured.
        """
        candidate, _, observation = self._place(structure)
        if observation is not None and observation.measurements:
            return observation
        if candidate not in self._alone:
            places = [candidate] if candidate is not None else []
            group = self._alone[candidate] = MentionGroup(self._sentence, places=places)
            group.added = True
        return self._alone[candidate]

    def _group_of_place(self, target: Mention, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the finding of a structure: itself if the attribute may describe it, else that which is in it.

        The phrase of a structure may count it, and that of a counted one place it (*two nodes at level II*), but a
        degree needs a finding.
        """
        candidate, group, _ = self._place(target)
        if group is None or candidate is None:
            return None
        if rules.stands_alone:
            return group if group.head is None or is_normal(group.head) or is_state(group.head) else None
        before = not rules.graded and attribute.end <= target.first
        placed = rules.location_key is not None and is_counted(candidate)
        return group if group.mentions or before or placed else None

    def _is_named(self, target: Mention) -> bool:
        """Return whether a mention is the name of a finding or a plural noun, or in a composition that is a name."""
        group = self._by_mention.get(id(target))
        composed = group is not None and group.head is not None and group.head.composed
        return composed or is_head(target) or bool(target.flags & PLURAL)

    def _grades(self, attribute: Mention, end: int) -> bool:
        """Return whether an adverb grades the word after it instead of the finding (*mildly hypoechoic nodule*)."""
        following = [mention for mention in self._mentions[end:] if mention.first == attribute.end]
        described = any(o.first <= attribute.end < o.end for o in self._sentence.attributes)
        return (described or any(m.sense.kind in _DESCRIBING for m in following)) and not any(
            is_head(mention) for mention in following
        )

    def _nearest(self, attribute: Mention, rules: AttributeRules) -> MentionGroup | None:
        """Return the nearest finding of the sentence, the one before it first, or the one that the sentence continues.

        For common words, only the latter, and if they open the sentence.
        """
        if attribute.first == self._sentence.first and self._ends_clause(attribute):
            continued = self._continued()
            if continued is not None:
                return continued
        if not self._groups and self._opens_with_anaphor():
            return self._continued()
        if rules.adjacent_only and self._words[attribute.end : attribute.end + 1] != [":"]:
            return None
        named = rules.stands_alone or rules.structure is not None
        groups = [group for group in self._groups if group.mentions or named]
        fitting = [group for group in groups if _may_have(group, attribute)]
        if not fitting:
            return self._continued()
        before = [group for group in fitting if group.anchor <= attribute.first]
        return max(before, key=lambda group: group.anchor) if before else fitting[0]

    def _neighbour(self, sign: Mention) -> MentionGroup | None:
        """Return the finding that an affirmed sign marks: the one before it in the sentence, else the one after it."""
        if sign.certainty == "absent":
            return None
        signs = [one for one in self._sentence.attributes if _is_sign(one)]
        marked = [group for group in self._groups if group.head is not None and _may_be_marked(group.head, signs)]
        before = [group for group in marked if group.anchor < sign.first]
        return max(before, key=lambda group: group.anchor) if before else next(iter(marked), None)

    def _opens_with_anaphor(self) -> bool:
        """Return whether the sentence is about what the text spoke of before (*This is unchanged*)."""
        return any(m.sense.role == "Anaphor" and m.first == self._sentence.first for m in self._mentions[:1])

    def _ends_clause(self, attribute: Mention) -> bool:
        """Return whether a comma, a preposition or the end of the sentence follows (`Unchanged, as before.`)."""
        if attribute.end >= self._sentence.end or self._words[attribute.end] in _SENTENCE_OPENING:
            return True
        return any(m.first == attribute.end and m.sense.role in _COMPLEMENT for m in self._mentions)

    def _is_covered(self, word: int) -> bool:
        """Return whether a word belongs to an attribute."""
        return any(attribute.first <= word < attribute.end for attribute in self._sentence.attributes)

    def _gap(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to `end` that belong to no attribute, without the numbers of a size."""
        if first >= end:
            return _NOTHING
        words = [self._words[i] for i in range(first, end) if not self._is_covered(i)]
        return [word for word in words if not word[0].isdigit() and word not in _TIMES]

    def _overlapped(self, attribute: Mention, rules: AttributeRules, start: int, end: int) -> Mention | None:
        """Return the mention of a finding, else of anatomy, that an attribute overlaps (*mild ascites*, *upper pole*).

        A structure in the words of an attribute that is no place is a part of its name (*fatty hilum*).

        :param start: index of the first mention that does not end before the attribute; the same for the others below.
        :param end: index of the first mention after the attribute.
        """
        anatomy: Mention | None = None
        for mention in self._mentions[start:end]:
            if not mention.excluded:
                if id(mention) in self._by_mention:
                    return mention
                if anatomy is None and mention.sense.kind == "anatomy" and not _is_part_of_name(mention, attribute):
                    anatomy = mention
        return anatomy

    def _modified(self, attribute: Mention, rules: AttributeRules, start: int, end: int) -> Mention | None:
        """Return the mention whose noun phrase an attribute is in, before its head: the head, else the last before it.

        A comma may separate adjectives, but not if the attribute follows a head (`Hydronephrosis mild, cyst`).
        """
        mentions, by_mention = self._mentions, self._by_mention
        following = mentions[end] if end < len(mentions) else None
        if following is not None and following.first == attribute.end and self._words[following.first][0].isdigit():
            return following if is_head(following) else None  # a size that is the name of its finding
        for mention in mentions[start:end]:  # a noun phrase of its own: *irregular margins*
            if mention.end == attribute.end and mention.first > attribute.first and mention.sense.kind in _NOUNS:
                return None
        word = attribute.end
        last: Mention | None = None
        joined = False
        for mention in mentions[end:]:
            kind, role = mention.sense.kind, mention.sense.role
            if mention.first > word:
                gap = self._gap(word, mention.first)
                if len(gap) > NOUN_PHRASE_GAP or not _BARRIERS.isdisjoint(gap):
                    break
                if "," in gap and (kind not in _DESCRIBING or self._follows_head(attribute, start)):
                    break
            elif mention.first < word:
                continue
            if joined and kind not in _DESCRIBING:
                break
            if is_head(mention):
                return mention
            joined = role in _CONJUNCTIONS
            spans = role == "To" and self._is_covered(mention.end)  # *mild to moderate*
            if kind not in _IN_PHRASE and role not in _LINKS_OF_PHRASE and not spans:
                break
            if id(mention) in by_mention or kind == "anatomy":
                last = mention
            word = mention.end
        return last

    def _follows_head(self, attribute: Mention, start: int) -> bool:
        before = self._mentions[start - 1] if start else None
        return before is not None and before.end == attribute.first and is_head(before)

    def _is_in_name_of_other(self, mention: Mention, attribute: Mention) -> bool:
        """Return whether a structure is a part of the name of another attribute (*containing bowel loops, tender*)."""
        if mention.sense.kind != "anatomy":
            return False
        return any(_is_part_of_name(mention, other) for other in self._sentence.attributes if other is not attribute)

    def _subject(self, attribute: Mention, rules: AttributeRules, start: int, end: int) -> Mention | None:
        """Return the finding or the anatomy before an attribute that is its predicate.

        The complement of a finding is skipped (*the cyst of the left ovary is mobile*), and for what describes nouns,
        another predicate after it (*the cyst is anechoic, unchanged*). A common word has to follow the subject
        directly or after a copula, a comma, a colon or *with*.
        """
        first, linked, between = attribute.first, not rules.adjacent_only, 0
        reach = PREDICATE_GAP if attribute.end - attribute.first == 1 else PHRASE_PREDICATE_GAP
        place: Mention | None = None
        if start < end and self._mentions[start].first < first:  # a part of a longer negation: *is no longer seen*
            first, linked = self._mentions[start].first, True
        for k in range(start - 1, -1, -1):
            mention = self._mentions[k]
            if mention.end > first or self._is_in_name_of_other(mention, attribute):
                continue
            gap = self._gap(mention.end, first)
            if gap:
                between += len(gap)
                if ";" in gap or (rules.adjacent_only and between > reach):
                    break
                linked = linked or not _LINKS.isdisjoint(gap)
            kind, role = mention.sense.kind, mention.sense.role
            close = linked or mention.end == attribute.first
            if kind != "anatomy" and id(mention) in self._by_mention:
                if rules.named_only and linked and not self._is_named(mention):
                    first = mention.first
                    continue
                return mention if close else place
            if kind == "anatomy":
                place = place or (mention if close else None)
            elif kind == "break" or role == "Relative" or (place is not None and not _is_in_complement(mention)):
                break
            linked = linked or role in _LINKING or (rules.location_key is not None and role in _POSITIONS)
            first = mention.first
        return place


def _is_named_by(predicate: Mention, attribute: Mention) -> bool:
    """Return whether an attribute is in the words of a predicate, or has more words than that, but no denial."""
    if predicate.first <= attribute.first and attribute.end <= predicate.end:
        return True
    return predicate.certainty != "absent" and predicate.overlaps(attribute)


def _is_sign(attribute: Mention) -> bool:
    return attribute.sense.rules is not None and attribute.sense.rules.of_neighbour


def _may_be_marked(head: Mention, signs: Sequence[Mention]) -> bool:
    """Return whether a name affirms something abnormal that is none of the signs of the sentence."""
    if head.certainty == "absent" or head.excluded or is_normal(head):
        return False
    return not any(head.overlaps(sign) for sign in signs)


def _grades_predicate(predicate: Mention, attribute: Mention) -> bool:
    """Return whether an adverb of degree is directly before a predicate (*function is moderately reduced*)."""
    rules = attribute.sense.rules
    graded = rules is not None and rules.graded and bool(attribute.flags & ADVERB)
    return graded and attribute.end == predicate.first


def _is_part_of_name(mention: Mention, attribute: Mention) -> bool:
    """Return whether a mention is in the words of an attribute; of a place, whether it is some of them, but not all."""
    rules = attribute.sense.rules
    if mention.first < attribute.first or attribute.end < mention.end:
        return False
    longer = attribute.end - attribute.first > mention.end - mention.first
    return longer or rules is None or rules.location_key is None


def is_in_name(structure: Mention, attributes: Sequence[Mention]) -> bool:
    """Return whether a structure is a word in the name of an attribute of one finding that is no place: *hilum lost*.

    *Wall thickening* and other attributes of any finding leave the structure its own.
    """
    return any(
        attribute.first <= structure.first
        and structure.end <= attribute.end
        and attribute.sense.rules is not None
        and attribute.sense.rules.location_key is None
        and bool(attribute.sense.rules.qualifies)
        for attribute in attributes
    )


def _is_in_complement(mention: Mention) -> bool:
    return mention.sense.role in _COMPLEMENT or mention.sense.kind in _COMPLEMENT_KINDS


def _may_have(group: MentionGroup, attribute: Mention) -> bool:
    """Return whether a finding may have an attribute: a denied one only if the same words deny or name both.

    *No longer seen* denies a lesion and is its change.
    """
    if attribute.sense.of_structures and group.mentions:
        return False
    head = group.head
    if head is None or head.certainty != "absent" or attribute.certainty == "absent":
        return True
    return head.cue is not None and attribute.overlaps(head.cue)


def _take_opposite(attribute: Mention, group: MentionGroup) -> None:
    """Replace a denied value by its opposite: if the text denies it of a finding or structure, not together with it.

    *The vein is not compressible* means non-compressible; *no compressible vein* does not.
    """
    opposite, cue, head = attribute.sense.opposite, attribute.cue, group.head
    if opposite is None or cue is None:
        return
    denied = head is not None and head.certainty == "absent"
    together = cue.end <= attribute.first and any(c.mention.first >= attribute.end for c in group.places)
    if not denied and not together:
        attribute.values, attribute.certainty = (opposite,), "present"


def settle_attributes(groups: Iterable[MentionGroup]) -> None:
    """Keep the attributes whose finding they may qualify, without those that a size of before states.

    It has to be called when all findings have their places and their measurements.
    """
    for group in groups:
        if any(read.measurement.role == "previous" for read in group.measurements):
            group.attributes = [a for a in group.attributes if not _is_of_before(a, group)]
        if group.attributes and any(_qualified_by(one) for one in group.attributes):
            named = _concepts_of(group)
            group.attributes = [a for a in group.attributes if _qualifies(a, named)]


def _is_of_before(attribute: Mention, group: MentionGroup) -> bool:
    """Return whether an attribute is a size of an earlier examination (*stenosis of 70%, was 50%*)."""
    return any(
        read.measurement.role == "previous" and read.first < attribute.end and attribute.first < read.end
        for read in group.measurements
    )


def _qualifies(attribute: Mention, named: set[str]) -> bool:
    needed = _qualified_by(attribute)
    return not needed or not needed.isdisjoint(named)


def _qualified_by(attribute: Mention) -> frozenset[str]:
    """Return the concepts of which the finding has to name, or to lie in, one; they are empty if any will do."""
    rules = attribute.sense.rules
    return rules.qualifies if rules is not None else _ANY_CONCEPT


def _concepts_of(group: MentionGroup) -> set[str]:
    """Return the concepts that a finding names or lies in."""
    named = {mention.sense.curie for mention in group.mentions}
    named |= {value.concept for mention in group.mentions for value in mention.values}
    named |= {candidate.mention.sense.curie for candidate in group.places}
    places = [candidate.place for candidate in group.places]
    places += [group.implied_place] if group.implied_place is not None else []
    return named | {place.concept for place in places} | {value.concept for place in places for value in place.values}
