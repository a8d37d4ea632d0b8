"""Grouping of mentions into findings: a lesion with its attributes, its structures and its measurements."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter, itemgetter
from typing import Final

from udt.core.report import Measurement
from udt.lexicon.build import ADJECTIVE, PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.normalize.context.exclusion import is_earlier_disease, is_history
from udt.normalize.distances import (
    ANAPHOR_REACH,
    BESIDE_REACH,
    ENDS_OF_SIZE,
    LONGEST_ARROW,
    MEASURED_SIDE_REACH,
    MOST_REFERRED,
    NONE,
    NONE_TO_SIZE,
    NOUN_PHRASE_GAP,
)
from udt.normalize.findings.attributes import AttributeAssigner, is_in_name, settle_attributes
from udt.normalize.findings.context import TextContext
from udt.normalize.findings.counted import deny_counted, is_about_counted, join_counted
from udt.normalize.findings.group import ENLARGEMENT, MentionGroup, is_head, is_lesion, is_normal, is_state
from udt.normalize.findings.lists import is_place_of, name_listed, side_listed, take_features
from udt.normalize.findings.naming import concept_of, is_counted, is_part_of_lesion, kind_of
from udt.normalize.findings.organs import Definiteness, PlaceCandidate, Places
from udt.normalize.findings.owners import owner_of
from udt.normalize.findings.phrases import assign_places
from udt.normalize.findings.predicates import NORMAL_STATE, predicates_in
from udt.normalize.findings.sharing import share
from udt.normalize.findings.sides import side_groups, side_structures
from udt.normalize.findings.sizes import name_by_size
from udt.normalize.findings.structures import in_sentence, parts_in, resolve_parts, starts_of_parts
from udt.normalize.match.headings import ULTRASOUND
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.measurements.words import Term
from udt.normalize.match.mentions import Mention, side_of
from udt.normalize.match.passage import Passage, Sentence

# Dimensions whose values are things that may be there or not.
_THINGS: Final = frozenset({"internal_characteristics", "posterior_acoustics"})
_IN_PHRASE: Final = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit"})
# The role of words for one of several lesions, and those of the words after one.
_MEMBER: Final = "Member"
_INTERNAL: Final = "udaf:internal."
_LINKS_OF_MEMBER: Final = frozenset({"Of", "Preposition", "Copula", "Verb", "With"})
_GENERIC: Final = "lex:lesion"
_GENERIC_FINDING: Final = "finding:lesion"
_VERBS: Final = frozenset({"Verb", "Copula"})
_ARTICLES: Final = frozenset({"Article", "Definite"})
# Last words of the hedges that introduce an interpretation even after *and*.
_OF_HEDGES: Final = frozenset({"of", "for", "with", "to", "as"})
_ANAPHORA: Final = frozenset({"Anaphor", "Definite"})
# Sides of a pair.
_BOTH: Final = 2
# Signs between a size and the adjective that judges it.
_BEFORE_ADJECTIVE: Final = frozenset({",", "(", "-", "–"})
# Roles of the words before something beside the finding before it.
_BESIDE: Final = frozenset({"With", "And"})
# Arrows before what a finding is called.
_ARROWS: Final = ("->", "→", "=>", "⇒")
_FIRST: Final = attrgetter("first")


def group_mentions(
    passage: Passage, places: Places, measurements: list[ReadMeasurement], known: list[int], lexicon: Lexicon
) -> list[MentionGroup]:
    """Group the mentions of the text into findings, in order; a structure without a finding is a group of its own.

    :param measurements: the measurements, in the order of the text.
    :param known: the words at which the name of a part may start or a predicate may end, in order.
    """
    grouper = _Grouper(passage, places, known, lexicon)
    by_sentence: dict[int, list[PlaceCandidate]] = {}
    for candidate in places.structures:
        by_sentence.setdefault(id(candidate.sentence), []).append(candidate)
    start = end = 0
    for sentence in passage.sentences:
        while end < len(measurements) and measurements[end].first < sentence.end:
            end += 1
        grouper.add_sentence(sentence, by_sentence.get(id(sentence), []), measurements[start:end])
        start = end
    settle_attributes(grouper.groups)
    for group in grouper.groups:
        if group.head is not None and is_normal(group.head) and group.places and is_counted(group.places[0]):
            group.mentions = [mention for mention in group.mentions if not _is_shape(mention)]
    groups = [group for group in grouper.groups if not _is_empty(group)]
    if places.labelled:
        groups += _remaining(groups, places)
    return sorted(groups, key=_text_order) if len(groups) > 1 else groups


def _text_order(group: MentionGroup) -> tuple[int, int]:
    return group.sentence.first, group.anchor


def _remaining(groups: list[MentionGroup], places: Places) -> list[MentionGroup]:
    """Return an observation of each labelled structure whose place no finding has, by its words or another name.

    The words of a structure that is a finding itself are that finding, in whichever region it lies.
    """
    counted = {c.mention.first for group in groups for c in group.places if is_counted(c)}
    known = {candidate.place for group in groups for candidate in group.places}
    labelled = {(c.mention.first, c.place.values) for group in groups for c in group.places}
    found = []
    for candidate in places.labelled:
        mention = candidate.mention
        taken = candidate.place in known or (mention.first, candidate.place.values) in labelled
        if not taken and mention.sense.kind == "anatomy" and not (is_counted(candidate) and mention.first in counted):
            known.add(candidate.place)
            group = MentionGroup(candidate.sentence, places=[candidate])
            group.laterality, group.side = candidate.side, candidate.side_mention
            found.append(group)
    return found


class _Grouper:
    """Groups the mentions of one sentence after the other, and keeps what later sentences may continue.

    :ivar groups: all groups so far.
    :ivar _list: the finding whose members the next items of a list may be (*Multiple fibroids:*), or None.
    :ivar _described_by: the structure that each predicate of the sentence describes, by the `id` of its mention.
    :ivar recent: the last group with a head that the text does not deny.
    """

    def __init__(self, passage: Passage, places: Places, known: list[int], lexicon: Lexicon) -> None:
        self.groups: list[MentionGroup] = []
        self.recent: MentionGroup | None = None
        self._list: MentionGroup | None = None
        self._examined: list[PlaceCandidate] = []
        self._context = TextContext(passage, places, lexicon)
        self._passage = passage
        self._words = passage.tokens.words
        self._lexicon = lexicon
        self._described_by: dict[int, PlaceCandidate] = {}
        self._named_members: set[int] = set()
        # Without a structure, named or implied, no word names a part or makes a finding of one.
        placed = places.structures or any(m.sense.places for sentence in passage.sentences for m in sentence.mentions)
        self._part_starts = starts_of_parts(self._words, known, lexicon) if placed else []
        self._predicate_ends = [i for i in known if self._words[i] in lexicon.predicate_ends] if placed else []

    def add_sentence(
        self, sentence: Sentence, named: list[PlaceCandidate], measurements: list[ReadMeasurement]
    ) -> None:
        """Add the mentions, structures and measurements of one sentence."""
        context, start = self._context, len(self.groups)
        context.enter(sentence)
        if measurements:
            named = [s for s in named if not _is_part_of_finding(s, sentence, measurements)]
        structures = self._structures(sentence, named)
        self._examined = structures
        if "negation" in sentence.kinds:
            deny_counted(structures, sentence, self._words)
        if sentence.section_excluded or sentence.modality not in {None, ULTRASOUND}:
            measurements = []
        sizes = [read for read in measurements if read.measurement.canonical_unit == "mm"]
        if len(sizes) > 1:
            listed = name_listed(sentence, structures, sizes, self._words, self._lexicon)
            self._named_members.update(map(id, listed))
        sized = {read.end for read in sizes}
        groups = self._groups_of(sentence, self._predicates(sentence, structures), sized)
        if not (groups or structures or measurements or sentence.attributes):
            self.groups += self._earlier(sentence, structures)
            context.leave(sentence, (), ())
            return
        new = [group for group in groups if group.sentence is sentence]
        if context.is_item and len(new) == 1 and new[0].head is not None and new[0].head.first < sentence.first:
            structures = [s for s in structures if not _only_describes_member(s.mention, sentence)]
        rest = side_structures(sentence, structures, self._words) if structures else sentence.sides
        for group in new:
            if group.referent is not None and not structures:
                group.places = list(group.referent.places)
        if new:
            assign_places(new, structures, context, self._words)
            self._place_predicates(new)
            if len(structures) > 1:
                shareable = [group for group in new if id(group.head) not in self._described_by]
                new += share(shareable, new, structures, self._words, self._lexicon)
                groups = [*groups, *(group for group in new if group not in groups)]
        holders = {id(structure): MentionGroup(sentence, places=[structure]) for structure in structures}
        side_groups(new, holders, rest, context, self._words)
        if self._named_members:
            side_listed(new, self._named_members)
        repeated = self._join_repeated(new) if len(new) > 1 else []
        groups = [group for group in groups if group not in repeated]
        self.groups += [group for group in new if group not in repeated]
        starts = [read.first for read in measurements]
        owner: MentionGroup | None = None
        for read in measurements:
            if owner is not None and read.measurement.role == "reference":
                owner.measurements.append(read)
            else:
                owner = self._measured(read, groups, holders, structures, sentence, starts)
        for holder in holders.values():
            kept = holder.measurements or not (groups or self._is_measured(holder, start))
            if kept or self._is_apart(holder.places[0], groups, sentence):
                self._keep(holder)
        self.groups += self._earlier(sentence, structures)
        if sentence.attributes:
            self._add_attributes(sentence, groups, structures, holders, start)
        if structures and len(self.groups) > start:
            self.groups[start:] = join_counted(self.groups[start:], holders.values(), self._lexicon)
        if "Likewise" in sentence.roles:
            take_features(self.groups[:start], self.groups[start:])
        context.leave(sentence, structures, [*groups, *holders.values()])
        for group in groups:
            if group.head is not None and group.head.certainty != "absent":
                self.recent = group

    def _is_apart(self, structure: PlaceCandidate, groups: list[MentionGroup], sentence: Sentence) -> bool:
        """Return whether a structure that is a finding itself is beside the others: *goitre with a level IV node*."""
        if not is_counted(structure) or structure.mention.excluded or is_place_of(structure.mention, sentence):
            return False
        if any(structure in group.places[:1] for group in groups):
            return False
        before = [m for m in sentence.mentions if m.end <= structure.mention.first]
        linked = any(m.sense.role in _BESIDE for m in before[-BESIDE_REACH:])
        if linked:
            for group in groups:
                group.places = [place for place in group.places if place is not structure]
        return linked

    def _place_predicates(self, groups: list[MentionGroup]) -> None:
        """Put the structure that a predicate describes before the other structures of its finding."""
        for group in groups:
            structure = self._described_by.get(id(group.head))
            if structure is not None and group.places[:1] != [structure]:
                group.places = [structure, *(place for place in group.places if place is not structure)]

    def _join_repeated(self, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Join the states that repeat another finding of a sentence: *varicocele: the veins are dilated*.

        :returns: the findings that are part of another one now.
        """
        joined: list[MentionGroup] = []
        for state in groups:
            head = state.head
            if head is None or not (head.flags & ADJECTIVE or id(head) in self._described_by):
                continue
            concept = concept_of(state, self._passage, self._lexicon)
            others = [one for one in groups if one is not state and one not in joined]
            for group in others if concept is not None else ():
                alike = group.head is not None and group.head.certainty == head.certainty
                if not alike or group.laterality != state.laterality:
                    continue
                other = concept_of(group, self._passage, self._lexicon)
                if concept is not None and other is not None and concept.concept == other.concept:
                    group.mentions += state.mentions
                    group.places += [place for place in state.places if place not in group.places]
                    joined.append(state)
                    break
        return joined

    def _structures(self, sentence: Sentence, named: list[PlaceCandidate]) -> list[PlaceCandidate]:
        """Return the structures that a sentence names, and those whose parts it names."""
        if sentence.attributes:
            named = [s for s in named if not is_in_name(s.mention, sentence.attributes)]
        starts = in_sentence(self._part_starts, sentence)
        parts = parts_in(starts, sentence, self._words, self._lexicon) if starts else None
        if not parts:
            return named
        context = self._context
        found = resolve_parts(parts, sentence, named, context.around, self._lexicon, context.place_of)
        return [s for s in found if not is_in_name(s.mention, sentence.attributes)]

    def _predicates(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[Mention]:
        """Return the findings that predicates of a sentence make of structures."""
        self._described_by = {}
        ends = in_sentence(self._predicate_ends, sentence)
        if not ends or sentence.section_excluded:
            return []
        found = predicates_in(ends, sentence, self._words, structures, self._context.around, self._lexicon)
        self._described_by = {id(mention): structure for mention, structure in found}
        mentions = [mention for mention, _ in found]
        return [m for m in mentions if not _repeats(m, mentions, sentence)] if sentence.attributes else mentions

    def _earlier(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[MentionGroup]:
        """Return the findings and operations of the history, which give no labels."""
        found: list[MentionGroup] = []
        if "history" not in sentence.kinds and not sentence.section_excluded:
            return found
        for mention in sentence.mentions:
            earlier = is_history(mention) or is_earlier_disease(mention, sentence, self._words)
            category = mention.sense.attributes.get("category")
            if mention.excluded and earlier and is_head(mention) and not (category or _is_lesion_noun(mention)):
                group = MentionGroup(sentence, mention)
                group.time = "previous"
                assign_places([group], structures, self._context, self._words)
                if found and not structures and not is_history(mention):  # the reason of an operation lies in its organ
                    group.places, group.implied_place = [], found[-1].implied_place
                side_groups([group], {}, sentence.sides, self._context, self._words)
                found.append(group)
        return found

    def _is_measured(self, holder: MentionGroup, start: int) -> bool:
        """Return whether a new observation has measurements of one side of a structure: *kidneys: R 10 cm, L 11 cm*."""
        return any(group.places[:1] == holder.places and group.measurements for group in self.groups[start:])

    def _keep(self, holder: MentionGroup) -> None:
        """Keep a structure as a group, in the order of the text; one without a measurement only once."""
        place = holder.places[0]
        name_by_size(holder, self._lexicon)
        fleeting = not holder.measurements and not is_counted(place)
        if fleeting and self._context.is_known(place, holder.laterality):
            return
        self._context.know(place, holder.laterality)
        self.groups.append(holder)

    def _add_attributes(
        self,
        sentence: Sentence,
        groups: list[MentionGroup],
        structures: list[PlaceCandidate],
        holders: dict[int, MentionGroup],
        start: int,
    ) -> None:
        """Add the attributes of a sentence to its findings, or to new ones.

        :param start: number of the findings before the sentence.
        """

        def placed() -> list[tuple[PlaceCandidate, MentionGroup, MentionGroup]]:
            found = []
            for structure in structures:
                group = next((group for group in groups if structure in group.places), None)
                holder = holders[id(structure)]
                found.append((structure, group or holder, holder))
            return found

        kept = {id(group) for group in self.groups[start:]}
        described = groups or [h for h in holders.values() if id(h) in kept]
        assigner = AttributeAssigner(sentence, self._words, described, placed, lambda: self._continued(sentence))
        self.groups += assigner.assign()
        self.groups += [h for h in holders.values() if h.attributes and id(h) not in kept]

    def _measured(
        self,
        read: ReadMeasurement,
        groups: list[MentionGroup],
        holders: dict[int, MentionGroup],
        structures: list[PlaceCandidate],
        sentence: Sentence,
        starts: list[int],
    ) -> MentionGroup | None:
        """Give a measurement to the finding or the structure that it measures, and return that.

        :param starts: indices of the first words of all measurements of the sentence.
        """
        owner = self._of_term(read, groups, holders, structures, sentence)
        places = [one for one in structures if not one.mention.sense.attributes.get("position")]
        owner = owner or owner_of(read, groups, holders, places, sentence, self._words, starts)
        if owner is None:
            alone = groups[0] if len(groups) == 1 and groups[0].head is None else None
            owner = alone if groups else self._continued(sentence)
        if owner is not None:
            owner = self._of_side(read, owner, sentence, starts[0]) or owner
        if owner is None:
            around = structures if sentence.row is not None else self._context.subjects
            topic = self._context.topic_place() or next(iter(around), None)
            if topic is None:
                return None
            if id(topic) not in holders:
                holders[id(topic)] = MentionGroup(sentence, places=[topic])
                side_groups([], {id(topic): holders[id(topic)]}, sentence.sides[:1], self._context, self._words)
            owner = holders[id(topic)]
            owner = self._of_side(read, owner, sentence, starts[0]) or owner
        owner = self._named(owner, groups)
        named = owner.places[0].mention.first if owner.head is None and owner.places else owner.anchor
        if owner.measurements or named < sentence.first:
            owner = self._denied_by_none(read, owner, sentence)
        elif self._is_bound(read, sentence):
            read = read._replace(measurement=_at_most(read.measurement))
        owner.measurements.append(read)
        term = read.term
        if term is not None and term.end <= read.first:
            head = owner.head
            if owner.is_structure or (head is not None and head.first < term.end and term.first < head.end):
                self._name_by_adjective(owner, read, term, sentence)
        return owner

    def _name_by_adjective(self, owner: MentionGroup, read: ReadMeasurement, term: Term, sentence: Sentence) -> None:
        """Name the observation whose size an adjective follows: *post-void residual 95 ml (significant)*."""
        words = self._words
        i = read.end
        while i < sentence.end and words[i] in _BEFORE_ADJECTIVE:
            i += 1
        if i == sentence.end or words[i + 1 : i + 2] not in ([], [")"], ["."], [","], [";"], ["\n"]):
            return
        for sense, _, _ in self._lexicon.entries_of((words[i], *words[term.first : term.end])):
            if sense.kind == "finding":
                owner.head = Mention(term.first, i + 1, sense)
                owner.mentions = [owner.head]

    def _is_bound(self, read: ReadMeasurement, sentence: Sentence) -> bool:
        """Return whether *none* shortly precedes a size: *nodules, none larger than 8 mm* are of 8 mm at most."""
        near = self._words[max(read.first - NONE_TO_SIZE, sentence.first) : read.first]
        return NONE in near and ENDS_OF_SIZE.isdisjoint(near[near.index(NONE) :])

    def _denied_by_none(self, read: ReadMeasurement, owner: MentionGroup, sentence: Sentence) -> MentionGroup:
        """Return the denied finding that *none* means beside one with a size: *up to 11 mm; none above 15 mm*."""
        counted = next((place for place in owner.places[:1] if is_counted(place)), None)
        named = owner.head or (counted.mention if counted is not None else None)
        if named is None or named.certainty == "absent" or not self._is_bound(read, sentence):
            return owner
        none = self._words.index(NONE, max(read.first - NONE_TO_SIZE, sentence.first))
        denied = Mention(none, none + 1, named.sense)
        denied.certainty, denied.cue = "absent", denied
        if owner.head is not None:
            group = MentionGroup(sentence, denied, places=list(owner.places))
        else:
            place = owner.places[0]
            places = [PlaceCandidate(denied, place.place, place.definiteness, sentence)]
            if owner.sentence is sentence and not owner.measurements:  # it was made for the size
                owner.places = places
                return owner
            group = MentionGroup(sentence, places=places)
        group.laterality, group.side = owner.laterality, owner.side
        self.groups.append(group)
        return group

    def _of_term(
        self,
        read: ReadMeasurement,
        groups: list[MentionGroup],
        holders: dict[int, MentionGroup],
        structures: list[PlaceCandidate],
        sentence: Sentence,
    ) -> MentionGroup | None:
        """Return what the words for the quantity measure by themselves: the bladder for *residual urine*, or None."""
        term = read.term
        if term is not None and term.is_true("partOfFinding"):
            before = [group for group in groups if group.head is not None and group.head.end <= term.first]
            return before[-1] if before else None
        measured = term.one("measuredStructure") if term is not None else None
        if term is None or measured is None:
            return None
        for group in groups:
            if group.head is not None and group.head.first < term.end and term.first < group.head.end:
                return group
        spoken_of = term.one("spokenOfWith")
        around = [*structures, *self._context.around()] if spoken_of else []
        spoken = [s for s in around if spoken_of in s.mention.sense.names]
        if spoken_of and (not spoken or (structures and spoken[0] not in structures)):
            return None  # the flow of another structure
        named = [s for s in structures if measured in s.mention.sense.names]
        known = [holder for holder in holders.values() if measured in holder.places[0].mention.sense.names]
        if known and not named:
            return known[0]
        if not named:
            sense = self._lexicon.senses[measured]
            place = self._context.place_of(sense.places[0])
            mention = Mention(term.first, term.end, sense)
            named = [PlaceCandidate(mention, place, Definiteness.STRUCTURE, sentence)]
        holder = holders.get(id(named[0]))
        if holder is None:
            holder = holders[id(named[0])] = MentionGroup(sentence, places=named[:1])
            side_groups([], {id(named[0]): holder}, sentence.sides, self._context, self._words)
        return holder

    def _named(self, owner: MentionGroup, groups: list[MentionGroup]) -> MentionGroup:
        """Return the finding that is the counted structure which owns a measurement: *lymph node 18 mm, reactive*."""
        if not owner.is_structure or not owner.places or not is_counted(owner.places[0]):
            return owner
        named = (g for g in groups if g.head is None or _is_of_structure(g.head))
        return next((g for g in named if g.places[:1] == owner.places), owner)

    def _of_side(
        self, read: ReadMeasurement, owner: MentionGroup, sentence: Sentence, first: int
    ) -> MentionGroup | None:
        """Return the observation of one of a pair whose both sides a sentence measures: *right 10.4, left 10.7 cm*.

        :param first: index of the first word of the first measurement of the sentence; sides after it follow their
            numbers (*10.4 cm on the right and 10.7 cm on the left*).
        """
        if owner.head is not None and (owner.head.composed or not owner.head.sense.places) and owner.head.diagnoses:
            sides = {side_of(side) for side in sentence.sides}
            if not owner.places or not sides >= {"left", "right"} or kind_of(owner, None, self._lexicon) == "lesion":
                return None
        elif owner.head is not None or not owner.places or len({side_of(s) for s in sentence.sides}) < _BOTH:
            return None
        follow = sentence.sides[0].first > first
        sides_beside = [side for side in sentence.sides if not follow or side.first >= read.end] or sentence.sides
        distances = [(_distance(side, read), side) for side in sides_beside]
        distance, nearest = min(distances, key=itemgetter(0))
        if distance > MEASURED_SIDE_REACH:
            return None
        side = side_of(nearest)
        if owner.laterality == side:
            return None
        found = MentionGroup(sentence, places=[owner.places[0]])
        found.laterality, found.side = side, nearest
        self.groups.append(found)
        return found

    def _groups_of(self, sentence: Sentence, predicates: list[Mention], sized: set[int]) -> list[MentionGroup]:
        """Return the groups of a sentence: new ones, and the one of an earlier sentence that it continues.

        :param predicates: findings that predicates make of structures.
        :param sized: exclusive end indices of the words of the lengths in the sentence.
        """
        groups: list[MentionGroup] = []
        pending: list[Mention] = []
        if _MEMBER in sentence.roles:
            self._name_members(sentence)
        given = [m for m in sentence.mentions if m.values or m.sense.kind == "finding"]
        if predicates:
            given = [m for m in given if not any(p.first <= m.first and m.end <= p.end for p in predicates)]
            given = sorted([*given, *predicates], key=_FIRST)
        if self._context.is_mark(sentence):
            return groups
        if not given and not self._context.is_item:
            if not self._context.continues:
                self._list = None
            return (
                [MentionGroup(sentence)] if sized and sentence.sides and self._context.is_numbered(sentence) else groups
            )
        if self._is_without_findings(sentence, given):
            return groups
        for mention in given:
            if mention.excluded or mention.sense.attributes.get("category"):
                continue
            if groups and _is_of_attribute(mention, sentence):
                continue
            if not groups and self._describes_counted(mention):
                groups = [MentionGroup(sentence, mentions=[mention])]
                continue
            before = groups[-1].head if groups else None
            if before is not None and (
                self._only_describes(mention, groups[-1]) or _is_growth(mention, before, sentence)
            ):
                groups[-1].mentions.append(mention)
                if self._has_size(mention, sized, sentence):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
            elif is_head(mention) and self._is_adjective(mention, sentence):
                if mention.certainty != "absent":
                    pending.append(mention)
            elif is_head(mention):
                another = self._is_another(mention, sentence)
                if another and pending and not groups and is_head(pending[-1]):
                    groups = [MentionGroup(sentence, pending.pop())]
                apart = [one for one in pending if _is_apart(one, mention, sentence)]
                if apart:
                    groups = [*groups, MentionGroup(sentence, mentions=apart)]
                elif pending and not groups and _interprets(mention, pending) and not another:
                    lesion = self._continued(sentence)
                    if lesion is not None and lesion.head is not None and is_lesion(lesion.head):
                        lesion.mentions += pending
                        groups = [lesion]
                    else:
                        groups = [MentionGroup(sentence, mentions=pending)]
                    _interpret(groups[0], mention)
                    pending = []
                    continue
                groups = self._add_head(mention, sentence, groups)
                groups[-1].mentions += [one for one in pending if one not in apart]
                pending = []
            elif (not groups or _is_denied(groups[-1])) and _is_listed(mention, sentence, self._words):
                groups = [*groups, MentionGroup(sentence, mentions=[mention])]
            elif not groups or _qualifies_next(mention, sentence, self._words) or _contradicts(mention, groups[-1]):
                pending.append(mention)
            else:
                groups[-1].mentions.append(mention)
                if groups[-1].head is not None and _is_part(mention) and self._has_size(mention, sized, sentence):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
        listed = self._context.is_item and not groups and self._list is not None
        if listed:
            groups = [self._member(sentence)]
        if pending:
            if not groups:
                continued = self._continued(sentence)
                groups = [
                    MentionGroup(sentence) if continued is None or _is_beside(pending[0], continued) else continued
                ]
            elif _contradicts(pending[0], groups[-1]):
                groups = [*groups, MentionGroup(sentence)]
            groups[-1].mentions += pending
        if not self._context.is_item:
            self._list = groups[-1] if groups and groups[-1].head is not None and _may_list(groups[-1]) else None
        elif self._list is not None and self._list.sentence.topic is sentence.topic:
            _drop_heading(self._list, groups, self._words)
        return groups

    def _describes_counted(self, mention: Mention) -> bool:
        """Return whether a mention names a part of a structure before it that is a finding itself.

        *Lymph node of 12 mm with microcalcifications.*
        """
        if mention.certainty == "absent" or not mention.values or any(v.key not in _THINGS for v in mention.values):
            return False
        return is_about_counted(mention, self._examined)

    def _name_members(self, sentence: Sentence) -> None:
        """Name each word that stands for one of the lesions before it: *one of 6 mm, the other at the fundus*.

        The word has no noun of its own, and its lesions are those of the last name in the text before.
        """
        mentions, words = sentence.mentions, self._words
        for i, word in enumerate(mentions[:-1]):
            after = mentions[i + 1]
            if word.sense.role != _MEMBER or after.first != word.end or after.sense.role not in _LINKS_OF_MEMBER:
                continue
            number = words[after.end : after.end + 1] != [] and words[after.end][0].isdigit()
            own_noun = after.sense.role in {"Copula", "Verb"} and any(map(is_head, mentions[i + 1 :]))
            if own_noun or (after.sense.role == "Of" and not number):
                continue
            heads = [m for m in mentions[:i] if is_head(m) and not m.excluded]
            earlier = heads[-1] if heads else self.recent.head if self.recent is not None else None
            if earlier is not None and earlier.certainty == "present" and is_lesion(earlier):
                mentions[i] = Mention(word.first, word.end, earlier.sense)
                sentence.kinds[i] = earlier.sense.kind
                self._named_members.add(id(mentions[i]))

    def _is_without_findings(self, sentence: Sentence, given: list[Mention]) -> bool:
        """Return whether the names in a sentence are those of a title or of a list; the labels that they give stay."""
        if not given or any(mention.values for mention in given):
            return False
        return self._context.is_title(sentence) or self._is_list_heading(sentence, given)

    def _is_list_heading(self, sentence: Sentence, given: list[Mention]) -> bool:
        """Return whether a sentence is no more than the name of the items below it: *NODULES*."""
        end = sentence.end - (self._words[sentence.end - 1] == ":")
        whole = given[0].first == sentence.first and given[0].end == end
        return whole and is_head(given[0]) and self._context.precedes_list(sentence)

    def _has_size(self, mention: Mention, sized: set[int], sentence: Sentence) -> bool:
        """Return whether a length directly precedes a mention: *a 9 mm papillary projection*, not *9 mm with debris*.

        :param sized: exclusive end indices of the words of the lengths in the sentence.
        """
        ends = [end for end in range(mention.first - NOUN_PHRASE_GAP, mention.first + 1) if end in sized]
        if not ends:
            return False
        linked = [m.first for m in sentence.mentions if m.sense.role == "With" and m.end <= mention.first]
        return any("," not in self._words[end : mention.first] and not any(end <= k for k in linked) for end in ends)

    def _member(self, sentence: Sentence) -> MentionGroup:
        """Return a new finding of the kind that the text lists: *Multiple fibroids: - intramural, 4 cm*."""
        return MentionGroup(sentence, self._list.head if self._list is not None else None)

    def _add_head(self, head: Mention, sentence: Sentence, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Add a head to the group that it explains (`… suggesting carcinoma`), to an earlier group, or to a new one.

        :param groups: the groups of the sentence so far.
        :returns: the groups of the sentence; the last one has the head.
        """
        before = groups[-1].head if groups else None
        another = self._is_another(head, sentence)
        between = self._words[max(before.end, sentence.first) : head.first] if before is not None else []
        if before is not None and not another and _explains(head, before, between):
            _interpret(_described(groups, sentence), head)
            return groups
        if before is not None and _shows(before, head, sentence):
            groups[-1].head = head
            groups[-1].mentions.append(head)
            return groups
        if before is not None and self._points_to(before, head):
            if _may_be(head, before):
                groups[-1].head = head
                groups[-1].mentions.append(head)
            else:
                _interpret(groups[-1], head)
            return groups
        if before is not None and self._is_complaint(before, head, sentence):
            groups[-1].head = head
            groups[-1].mentions = [*(m for m in groups[-1].mentions if m is not before), head]
            return groups
        if before is not None and self._is_heading_of(before, head, sentence):
            groups[-1].head = before if head.sense.curie == _GENERIC_FINDING else head
            groups[-1].mentions.append(head)
            return groups
        if not groups and not another and _is_of_counted(head, sentence):
            group = MentionGroup(sentence)
            _interpret(group, head)
            return [group]
        continued = self._continued(sentence) if not groups else None
        if continued is not None and continued.head is not None:
            comments = head.certainty == "possible" and self._context.continues
            if (
                comments
                and not _names_own_state(head, continued.head, sentence)
                and _is_comment(head, continued.head, sentence)
            ):
                _interpret(continued, head)
                return [continued]
            if head.certainty == "present" and _is_anaphoric(head, sentence) and _may_be(head, continued.head):
                continued.mentions.append(head)
                return [continued]
        referent = self._referent(head) if head.certainty != "absent" and _is_anaphoric(head, sentence) else None
        if referent is not None and head.certainty == "present" and _is_landmark(head, sentence):
            referent.mentions.append(head)
            return groups or [referent]
        group = MentionGroup(sentence, head)
        group.referent = referent
        return [*groups, group]

    def _is_another(self, head: Mention, sentence: Sentence) -> bool:
        """Return whether a hedged name is joined to what is before it, which it does not interpret: *and a probable …*.

        What a hedge with a preposition introduces (*and suggestive of*) does.
        """
        cue = head.cue
        if cue is None or head.certainty != "possible" or self._words[cue.end - 1] in _OF_HEDGES:
            return False
        before = [m for m in sentence.mentions if m.end <= cue.first and m.sense.role not in _ARTICLES]
        return (
            bool(before)
            and before[-1].sense.role == "And"
            and cue.first - before[-1].end <= 1
            and cue.end <= head.first
        )

    def _referent(self, head: Mention) -> MentionGroup | None:
        """Return the last finding that a definite name may mean, rather one of the same name."""
        named = [(group, group.head) for group in self.groups[-MOST_REFERRED:] if group.time == "current"]
        fitting = [(group, one) for group, one in named if one and one.certainty != "absent" and _may_be(head, one)]
        same = [group for group, one in fitting if one.sense.curie == head.sense.curie]
        found = same or [group for group, _ in fitting]
        return found[-1] if found else None

    def _is_adjective(self, mention: Mention, sentence: Sentence) -> bool:
        """Return whether a name is an adjective of the next one: *stricturing ileitis*, *cystic and solid nodule*."""
        adjective = mention.flags & ADJECTIVE or _is_content(mention)
        return bool(adjective) and _qualifies_next(mention, sentence, self._words)

    def _only_describes(self, mention: Mention, group: MentionGroup) -> bool:
        """Return whether a finding describes the one before it in its sentence.

        That is a sign, what a lesion consists of, or no more than *focus*; an adjective of a lesion (*cyst, slightly
        enlarged*); or one normal state of a structure after another (*patent and compressible*).
        """
        head, attributes = group.head, mention.sense.attributes
        structure = self._described_by.get(id(mention))
        if head is None or mention.certainty == "absent" or mention is head:
            return False
        if structure is not None and is_counted(structure) and structure.mention.first >= mention.end:
            return False  # a mass with a suspicious axillary node
        if attributes.get("sign") or mention.sense.vague:
            return True
        if _is_content(mention) and is_lesion(head) and head.certainty == "present":
            return True  # nodule, mixed cystic and solid
        between = [m for m in group.sentence.mentions if head.end <= m.first < mention.first]
        if any(m.sense.kind == "anatomy" for m in between) or head.certainty == "absent":
            return False
        if _is_normal_state(head) and _is_normal_state(mention):
            return True
        focal = head.sense.focal or head.sense.kind == "value"
        return bool(mention.flags & ADJECTIVE and focal and mention.certainty == "present") and not any(
            m.first >= mention.end and (is_head(m) or (m.first == mention.end and m.sense.kind == "anatomy"))
            for m in group.sentence.mentions
        )

    def _is_complaint(self, heading: Mention, head: Mention, sentence: Sentence) -> bool:
        """Return whether the heading of a line calls a lesion a lump, and what follows its name: *LUMP: lipoma*."""
        if not (sentence.headed and self._words[heading.end : heading.end + 1] == [":"]):
            return False
        fits = all(m.certainty == "present" and m.diagnoses and not m.composed for m in (heading, head))
        return fits and heading.sense.kind == "value" and not heading.flags & PLURAL and not is_normal(head)

    def _points_to(self, described: Mention, name: Mention) -> bool:
        """Return whether an arrow leads from a finding to what it is called: *collection, avascular -> haematoma*."""
        if name.certainty != "present" or described.certainty != "present":
            return False
        before = self._words[max(described.end, name.first - LONGEST_ARROW) : name.first]
        return "".join(before).endswith(_ARROWS)

    def _is_heading_of(self, heading: Mention, head: Mention, sentence: Sentence) -> bool:
        """Return whether a name before a colon is that of the finding after it: *Calculi: 3 stones*.

        What comes after may be called a *lesion* only: *Lump of the forearm: hypoechoic lesion*.
        """
        colon = self._words[heading.end : heading.end + 1] == [":"] and id(head) not in self._named_members
        if head.certainty != heading.certainty or heading.composed:
            return False
        if colon and (heading.sense.curie == head.sense.curie or bool(set(heading.values) & set(head.values))):
            return True
        opens = sentence.first <= heading.first <= sentence.first + 1
        return opens and head.sense.curie == _GENERIC_FINDING and ":" in self._words[heading.end : head.first]

    def _continued(self, sentence: Sentence) -> MentionGroup | None:
        """Return the last finding if the sentence may continue it: same section and topic, and no other place."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if sentence.row is not before.row or self._context.is_numbered(sentence):
            return None
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        side = self._context.topic_side()
        if side is not None and self.recent.laterality not in {None, side_of(side)}:
            return None  # R: hydrocele. L: normal.
        opens_with_anaphor = bool(sentence.mentions) and sentence.mentions[0].sense.role == "Anaphor"
        known = {self._context.own_place(structure) for structure in self.recent.places}
        places = {p for m in sentence.mentions if m.sense.kind == "anatomy" and not m.excluded for p in m.sense.places}
        places |= {self._context.own_place(s) for s in self._examined if s.sentence is sentence}
        return self.recent if opens_with_anaphor or places <= known else None


def _shows(vague: Mention, head: Mention, sentence: Sentence) -> bool:
    """Return whether something only called *abnormality* or *area* is stated to be or to show a lesion."""
    if not vague.sense.vague or not (head.certainty == vague.certainty == "present"):
        return False
    return any(m.sense.role in _VERBS for m in sentence.mentions if vague.end <= m.first < head.first)


def _interprets(head: Mention, described: Sequence[Mention]) -> bool:
    """Return whether a hedged name interprets what is described before its hedge: *heterogeneous, suggesting …*.

    After some hedges it is the name of that: *increased echogenicity, consistent with steatosis*.
    """
    cue = head.cue
    if head.certainty != "possible" or cue is None or cue.sense.attributes.get("naming"):
        return False
    return all(one.certainty == "present" and one.end <= cue.first for one in described)


def _distance(side: Mention, read: ReadMeasurement) -> int:
    """Return the number of words between a side and a measurement."""
    return read.first - side.end if side.end <= read.first else side.first - read.end


def _is_anaphoric(head: Mention, sentence: Sentence) -> bool:
    """Return whether a head refers to an earlier finding: *the cyst*, *this cyst*; not *the second cyst*, *a cyst*."""
    if head.reason is not None:
        return False
    near = [m for m in sentence.mentions if 0 <= head.first - m.end <= ANAPHOR_REACH and m.sense.kind == "function"]
    roles = {m.sense.role for m in near}
    return not roles.isdisjoint(_ANAPHORA) and "Distinct" not in roles


def _is_landmark(head: Mention, sentence: Sentence) -> bool:
    """Return whether a definite name is an object of another subject: *the vein is abutted by the mass*."""
    before = [m for m in sentence.mentions if m.end <= head.first]
    verb = next((i for i, m in enumerate(before) if m.sense.role in {"Copula", "Verb"}), 0)
    return any(m.sense.kind == "anatomy" and not m.excluded for m in before[:verb]) and any(
        m.sense.role == "Preposition" for m in before[verb:]
    )


def _may_be(name: Mention, head: Mention) -> bool:
    """Return whether a name may be that of an earlier finding: the same, a wider or narrower one, one of its type."""
    own, other = name.sense, head.sense
    above = {own.curie, *own.above} & {other.curie, *other.above}
    if not above.isdisjoint({own.curie, other.curie}) or not set(name.values).isdisjoint(head.values):
        return True
    return _GENERIC in own.heads[:1] or own.curie == _GENERIC_FINDING or own.vague


def _interpret(group: MentionGroup, offered: Mention) -> None:
    """Add an interpretation to a finding; it is the name of one that is only called *focus* or *area*."""
    group.mentions.append(offered)
    if group.head is not None and group.head.sense.vague:
        group.head = offered
    else:
        group.interpretations.append(offered)


def _is_lesion_noun(mention: Mention) -> bool:
    """Return whether a mention names no more than a lesion: *known lesions*."""
    return mention.sense.curie == _GENERIC_FINDING or mention.sense.vague


def _is_shape(mention: Mention) -> bool:
    """Return whether a mention is no more than a shape, which a normal lymph node does not have as a label."""
    return bool(mention.values) and all(value.key == "shape" for value in mention.values)


def _is_normal_state(mention: Mention) -> bool:
    return NORMAL_STATE in mention.sense.above


def _is_part(mention: Mention) -> bool:
    """Return whether a mention is a noun for a part of a lesion: *mural nodule*, *solid component*."""
    noun = mention.sense.kind == "value" and not mention.flags & ADJECTIVE and not mention.composed
    return noun and mention.certainty != "absent" and is_part_of_lesion(mention)


def _is_part_of_finding(structure: PlaceCandidate, sentence: Sentence, measurements: list[ReadMeasurement]) -> bool:
    """Return whether a name is that of a measured part of a finding before it: *hernia with a neck of 12 mm*."""
    mention = structure.mention
    terms = [read.term for read in measurements if read.term is not None and read.term.is_true("partOfFinding")]
    if not any(term.first < mention.end and mention.first < term.end for term in terms):
        return False
    names = [m for m in sentence.mentions if m.end <= mention.first and m.sense.kind == "finding" and not m.excluded]
    return any(place.system != structure.place.system for name in names for place in name.sense.places)


def _repeats(predicate: Mention, found: list[Mention], sentence: Sentence) -> bool:
    """Return whether a predicate is an attribute of what the one before it describes: *patent and compressible*."""
    covering = (one for one in sentence.attributes if one.first <= predicate.first and predicate.end <= one.end)
    if not any(one.sense.rules is not None and one.sense.rules.stands_alone for one in covering):
        return False
    before = [one for one in [*found, *sentence.mentions] if one.end <= predicate.first and is_head(one)]
    places = [m.first for m in sentence.mentions if m.sense.kind == "anatomy" and m.first < predicate.first]
    return any(is_state(one) and (not places or places[-1] < one.first) for one in before)


def _only_describes_member(structure: Mention, sentence: Sentence) -> bool:
    """Return whether a structure is an adjective of a listed finding: *submucosal* in a list of fibroids."""
    covering = (one for one in sentence.attributes if one.first <= structure.first and structure.end <= one.end)
    rules = [one.sense.rules for one in covering if one.sense.rules is not None]
    return bool(structure.flags & ADJECTIVE) and any(one.location_key is None for one in rules)


def _is_growth(mention: Mention, lesion: Mention, sentence: Sentence) -> bool:
    """Return whether the enlargement of a lesion is its growth: *the cyst is enlarged*, not *cyst, enlarged spleen*."""
    if mention.sense.curie != ENLARGEMENT or is_state(lesion) or is_normal(lesion) or mention.certainty == "absent":
        return False
    following = next((m for m in sentence.mentions if m.first >= mention.end), None)
    if (
        following is not None
        and following.sense.kind in _IN_PHRASE
        and following.first - mention.end <= NOUN_PHRASE_GAP
    ):
        return False
    return all(m.sense.kind != "anatomy" for m in sentence.mentions if lesion.end <= m.first < mention.first)


def _is_empty(group: MentionGroup) -> bool:
    """Return whether a finding has nothing, or is only called *focus* or *area* and described no further."""
    if group.head is None:
        own = group.mentions or group.attributes or group.measurements
        return not own and (not group.places or group.added)
    if not group.head.sense.vague:
        return group.added
    described = any(mention.values for mention in group.mentions)
    return not described and not group.attributes and not group.measurements


def _drop_heading(heading: MentionGroup, items: list[MentionGroup], words: list[str]) -> None:
    """Mark a finding that is no more than the heading of a list (*NODULES*) as one that an item names."""
    head, sentence = heading.head, heading.sentence
    end = sentence.end - (words[sentence.end - 1] == ":")
    if head is not None and head.first == sentence.first and head.end == end:
        heading.added = any(item.head is not None and set(item.head.values) >= set(head.values) for item in items)


def _may_list(group: MentionGroup) -> bool:
    """Return whether items of a list may be members of a finding: it is named in the plural and not denied."""
    return group.head is not None and bool(group.head.flags & PLURAL) and group.head.certainty != "absent"


def _names_own_state(head: Mention, before: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name is that of what its own sentence describes: *bright, consistent with steatosis*.

    A description after a lesion is one of that.
    """
    cue = head.cue
    if cue is None or is_lesion(before):
        return False
    return any(m.values and m.sense.kind != "anatomy" and m.end <= cue.first for m in sentence.mentions)


def _is_comment(name: Mention, earlier: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name interprets the finding of the sentence before.

    None does that opens its sentence (*Probable cyst of the kidney*), or that is held possible beside a disease with a
    name (*tear of the tendon; bursitis possible*).
    """
    before = [m for m in sentence.mentions if m.first < name.first and m.sense.kind not in {"modifier", "function"}]
    if any(m is not name.cue for m in before) or name.cue is None:
        return bool(before)
    if name.cue.first < name.first:
        return name.cue.first > sentence.first
    return earlier.sense.kind == "value" or _GENERIC in earlier.sense.heads[:1]


def _is_apart(attribute: Mention, head: Mention, sentence: Sentence) -> bool:
    """Return whether an attribute describes something else than the finding after it.

    It is affirmed and that is denied, or its structure has it: *heterogeneous liver with ascites*.
    """
    if (attribute.certainty == "absent") != (head.certainty == "absent"):
        return True
    preposition = next(
        (m.first for m in sentence.mentions if m.sense.role == "With" and attribute.end <= m.first < head.first), None
    )
    focal = head.sense.kind == "value" or head.sense.focal
    if preposition is None or head.certainty == "possible" or not focal:
        return False
    named = any(m.sense.kind == "anatomy" and not m.excluded for m in sentence.mentions if m.first < preposition)
    return named or sentence.topic is not None


def _is_listed(attribute: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether what an attribute names is denied beside others: *no calcification, cyst or mass*."""
    if attribute.certainty != "absent" or not any(value.key in _THINGS for value in attribute.values):
        return False
    mentions = [m for m in sentence.mentions if not m.composed]
    before = next((m for m in reversed(mentions) if m.end <= attribute.first), None)
    after = next((m for m in mentions if m.first >= attribute.end), None)
    if after is not None and after.first == attribute.end and is_head(after):
        return False
    if words[attribute.end : attribute.end + 1] == [","]:
        return True
    linked = [m is not None and m.sense.role in {"And", "Or"} for m in (before, after)]
    following = next((m for m in mentions if after is not None and m.first >= after.end), None)
    return linked[0] or (linked[1] and following is not None and is_head(following))


def _is_beside(thing: Mention, group: MentionGroup) -> bool:
    """Return whether what a sentence names is another finding beside a state: *thickened. Small calcification.*"""
    named = any(value.key in _THINGS for value in thing.values) and not thing.flags & ADJECTIVE
    return named and group.head is not None and not is_lesion(group.head)


def _contradicts(mention: Mention, group: MentionGroup) -> bool:
    """Return whether an attribute is affirmed beside a finding that is denied: *no mass, heterogeneous*."""
    return group.head is not None and _is_denied(group) and mention.certainty != "absent"


def _is_denied(group: MentionGroup) -> bool:
    named = [group.head] if group.head is not None else group.mentions
    return bool(named) and all(mention.certainty == "absent" for mention in named)


def _described(groups: Sequence[MentionGroup], sentence: Sentence) -> MentionGroup:
    """Return the finding of which an interpretation speaks: the last one, or the one that has it (*A with B and C*)."""
    end = groups[-1].anchor
    for group in reversed(groups[:-1]):
        start = min([group.anchor, *(m.first for m in group.mentions)])
        roles = {m.sense.role for m in sentence.mentions if start < m.first < end}
        if roles.isdisjoint({"With", "And"}) or (group.head is not None and group.head.certainty == "absent"):
            break
        if "With" in roles:
            return group
        end = start
    return groups[-1]


def _explains(mention: Mention, head: Mention, between: list[str]) -> bool:
    """Return whether a hedged head only interprets the finding before it.

    :param between: the words between them in the sentence of the hedged one.
    """
    cue = mention.cue
    if mention.certainty != "possible" or cue is None or head.certainty == "absent":
        return False
    return head.end <= cue.first and ";" not in between


def _at_most(measurement: Measurement) -> Measurement:
    """Return a measurement above which there is nothing as the most that there is."""
    if len(measurement.values) != 1 or measurement.comparator not in {">", ">=", None}:
        return measurement
    return measurement._replace(comparator="<=", range=(None, measurement.values[0]))


def _is_content(mention: Mention) -> bool:
    """Return whether a name of a lesion is no more than what it consists of: *mixed cystic and solid*."""
    return mention.sense.kind == "value" and mention.sense.curie.startswith(_INTERNAL) and not mention.composed


def _is_of_attribute(mention: Mention, sentence: Sentence) -> bool:
    """Return whether a word for any lesion is part of an attribute that is denied: *no echogenic foci*."""
    if not mention.sense.vague or mention.certainty != "absent":
        return False
    return any(one.first < mention.first and mention.end <= one.end and not one.excluded for one in sentence.attributes)


def _is_of_structure(head: Mention) -> bool:
    """Return whether a name is that of a state of a structure, and of no lesion in it: *node 18 mm, reactive*."""
    return head.certainty != "absent" and not is_lesion(head)


def _is_of_counted(head: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name only interprets a structure that is a finding itself: *nodes, likely reactive*."""
    cue = head.cue
    if head.certainty != "possible" or cue is None:
        return False
    return any(m.end <= cue.first and m.sense.counted and not m.excluded for m in sentence.mentions)


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
        if other.first - end > NOUN_PHRASE_GAP or "," in words[end : other.first]:
            return False
        if is_head(other) and not other.excluded:
            return True
        if other.sense.kind not in _IN_PHRASE and other.sense.role != "And":
            return False
        end = other.end
    return False
