"""Grouping of mentions into findings: a lesion with its attributes, its structures and its measurements."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import Final

from udt.lexicon.build import ADJECTIVE, PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.normalize.context.exclusion import is_history
from udt.normalize.context.laterality import side_of
from udt.normalize.findings.attributes import AttributeAssigner, settle_attributes
from udt.normalize.findings.context import TextContext
from udt.normalize.findings.group import ENLARGEMENT, PHRASE_GAP, MentionGroup, is_head, is_normal, is_state
from udt.normalize.findings.naming import is_counted, is_part_of_lesion, kind_of
from udt.normalize.findings.organs import Definiteness, PlaceCandidate, Places
from udt.normalize.findings.owners import owner_of
from udt.normalize.findings.phrases import assign_places
from udt.normalize.findings.predicates import predicates_in
from udt.normalize.findings.sides import side_groups, side_structures
from udt.normalize.findings.structures import in_sentence, known_words, parts_in, resolve_parts, starts_of_parts
from udt.normalize.match.headings import ULTRASOUND
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

_IN_PHRASE: Final = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit"})
_ANAPHORA: Final = frozenset({"Anaphor", "Definite"})
# Most words from *the*, *this* or *second* to the name of the finding.
_ANAPHOR_REACH: Final = 2

# Sides of a pair, and most words between a side and the measurement of it.
_BOTH: Final = 2
_SIDE_REACH: Final = 3
# Most words of the number of an item, which may begin with a letter.
_LONGEST_NUMBER: Final = 2
_FIRST: Final = attrgetter("first")


def group_mentions(
    passage: Passage, places: Places, measurements: list[ReadMeasurement], lexicon: Lexicon
) -> list[MentionGroup]:
    """Group the mentions of the text into findings, in order; a structure without a finding is a group of its own.

    :param measurements: the measurements, in the order of the text.
    """
    grouper = _Grouper(passage, places, lexicon)
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
    groups = [group for group in grouper.groups if not _is_empty(group)]
    if places.labelled:
        groups += _remaining(groups, places)
    return sorted(groups, key=_text_order) if len(groups) > 1 else groups


def _text_order(group: MentionGroup) -> tuple[int, int]:
    return group.sentence.first, group.anchor


def _remaining(groups: list[MentionGroup], places: Places) -> list[MentionGroup]:
    """Return an observation of each labelled structure whose place no finding has, by its words or another name."""
    known = {candidate.place for group in groups for candidate in group.places}
    labelled = {(c.mention.first, c.place.values) for group in groups for c in group.places}
    found = []
    for candidate in places.labelled:
        mention = candidate.mention
        taken = candidate.place in known or (mention.first, candidate.place.values) in labelled
        if not taken and mention.sense.kind == "anatomy":
            known.add(candidate.place)
            group = MentionGroup(candidate.sentence, places=[candidate])
            group.laterality, group.side = candidate.side, candidate.side_mention
            found.append(group)
    return found


class _Grouper:
    """Groups the mentions of one sentence after the other, and keeps what later sentences may continue.

    :ivar groups: all groups so far.
    :ivar _list: the finding whose members the next items of a list may be (*Multiple fibroids:*), or None.
    :ivar recent: the last group with a head that the text does not deny.
    """

    def __init__(self, passage: Passage, places: Places, lexicon: Lexicon) -> None:
        self.groups: list[MentionGroup] = []
        self.recent: MentionGroup | None = None
        self._list: MentionGroup | None = None
        self._context = TextContext(passage, places, lexicon)
        self._words = passage.tokens.words
        self._lexicon = lexicon
        # Without a structure, no word names a part or makes a finding of one.
        known = known_words(self._words, lexicon.part_words) if places.structures else []
        self._part_starts = starts_of_parts(self._words, known, lexicon)
        self._predicate_ends = [i for i in known if self._words[i] in lexicon.predicate_ends]

    def add_sentence(
        self, sentence: Sentence, named: list[PlaceCandidate], measurements: list[ReadMeasurement]
    ) -> None:
        """Add the mentions, structures and measurements of one sentence."""
        context, start = self._context, len(self.groups)
        context.enter(sentence)
        structures = self._structures(
            sentence, [s for s in named if not _is_part_of_finding(s, sentence, measurements)]
        )
        if sentence.section_excluded or sentence.modality not in {None, ULTRASOUND}:
            measurements = []
        sized = {read.end for read in measurements if read.measurement.canonical_unit == "mm"}
        groups = self._groups_of(sentence, self._predicates(sentence, structures), sized)
        if not (groups or structures or measurements or sentence.attributes):
            self.groups += self._earlier(sentence, structures)
            context.leave(sentence, (), ())
            return
        new = [group for group in groups if group.sentence is sentence]
        if context.is_item and len(new) == 1 and new[0].head is not None and new[0].head.first < sentence.first:
            structures = [s for s in structures if not _only_describes_member(s.mention, sentence)]
        self.groups += new
        rest = side_structures(sentence, structures, self._words) if structures else sentence.sides
        if new:
            assign_places(new, structures, context, self._words)
        holders = {id(structure): MentionGroup(sentence, places=[structure]) for structure in structures}
        side_groups(new, holders, rest, context, self._words)
        starts = [read.first for read in measurements]
        owner: MentionGroup | None = None
        for read in measurements:
            if owner is not None and read.measurement.role == "reference":
                owner.measurements.append(read)
            else:
                owner = self._measured(read, groups, holders, structures, sentence, starts)
        for holder in holders.values():
            if holder.measurements or not (groups or self._is_measured(holder, start)):
                self._keep(holder)
        self.groups += self._earlier(sentence, structures)
        if sentence.attributes:
            self._add_attributes(sentence, groups, structures, holders, start)
        context.leave(sentence, structures, [*groups, *holders.values()])
        for group in groups:
            if group.head is not None and group.head.certainty != "absent":
                self.recent = group

    def _structures(self, sentence: Sentence, named: list[PlaceCandidate]) -> list[PlaceCandidate]:
        """Return the structures that a sentence names, and those whose parts it names."""
        starts = in_sentence(self._part_starts, sentence)
        parts = parts_in(starts, sentence, self._words, self._lexicon) if starts else None
        if not parts:
            return named
        context = self._context
        return resolve_parts(parts, sentence, named, context.around, self._lexicon, context.place_of)

    def _predicates(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[Mention]:
        """Return the findings that predicates of a sentence make of structures."""
        ends = in_sentence(self._predicate_ends, sentence)
        if not ends:
            return []
        found = predicates_in(ends, sentence, self._words, structures, self._context.around, self._lexicon)
        return [one for one in found if not _repeats(one, found, sentence)] if sentence.attributes else found

    def _earlier(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[MentionGroup]:
        """Return the findings and operations of the history, which give no labels."""
        found: list[MentionGroup] = []
        if "history" not in sentence.kinds and not sentence.section_excluded:
            return found
        for mention in sentence.mentions:
            if mention.excluded and is_history(mention) and is_head(mention):
                group = MentionGroup(sentence, mention)
                group.time = "previous"
                assign_places([group], structures, self._context, self._words)
                side_groups([group], {}, sentence.sides, self._context, self._words)
                found.append(group)
        return found

    def _is_measured(self, holder: MentionGroup, start: int) -> bool:
        """Return whether a new observation has measurements of one side of a structure: *kidneys: R 10 cm, L 11 cm*."""
        return any(group.places[:1] == holder.places and group.measurements for group in self.groups[start:])

    def _keep(self, holder: MentionGroup) -> None:
        """Keep a structure as a group, in the order of the text; one without a measurement only once."""
        place = holder.places[0]
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
        owner = owner or owner_of(read, groups, holders, structures, sentence, self._words, starts)
        if owner is None:
            owner = self._continued(sentence) if not groups else None
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
        owner.measurements.append(read)
        return owner

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
        named = [s for s in structures if measured in s.mention.sense.names]
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
        named = (g for g in groups if g.head is not None and g.head.certainty != "absent")
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
        if distance > _SIDE_REACH:
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
        given = [m for m in sentence.mentions if m.values or m.sense.kind == "finding"]
        if predicates:
            given = sorted([*given, *predicates], key=_FIRST)
        if not given and not self._context.is_item:
            self._list = None
            return [MentionGroup(sentence)] if sized and sentence.sides and self._is_numbered(sentence) else groups
        if self._is_without_findings(sentence, given):
            return groups
        for mention in given:
            if mention.excluded or mention.sense.attributes.get("category"):
                continue
            before = groups[-1].head if groups else None
            if before is not None and (_only_describes(mention) or _is_growth(mention, before, sentence)):
                groups[-1].mentions.append(mention)
                if self._has_size(mention, sized):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
            elif is_head(mention) and not self._is_adjective(mention, sentence):
                seen = [one for one in pending if one.certainty != "absent"] if mention.certainty == "absent" else []
                if seen:  # what is seen is no attribute of what is denied: *flow is preserved, no torsion*
                    described = MentionGroup(sentence)
                    described.mentions += seen
                    groups = [*groups, described]
                    pending = [one for one in pending if one.certainty == "absent"]
                groups = self._add_head(mention, sentence, groups)
                groups[-1].mentions += pending
                pending = []
            elif groups and not _qualifies_next(mention, sentence, self._words):
                groups[-1].mentions.append(mention)
                if groups[-1].head is not None and _is_part(mention) and self._has_size(mention, sized):
                    groups.insert(-1, MentionGroup(sentence, mention, [mention]))
            else:
                pending.append(mention)
        listed = self._context.is_item and not groups and self._list is not None
        if listed:
            groups = [self._member(sentence)]
        if pending:
            groups = groups or [self._continued(sentence) or MentionGroup(sentence)]
            groups[-1].mentions += pending
        if not self._context.is_item:
            self._list = groups[-1] if groups and groups[-1].head is not None and _may_list(groups[-1]) else None
        return groups

    def _is_adjective(self, mention: Mention, sentence: Sentence) -> bool:
        """Return whether a finding is no more than an attribute of the one after it: *occlusive thrombus*."""
        if not mention.flags & ADJECTIVE or not _qualifies_next(mention, sentence, self._words):
            return False
        return any(one.first <= mention.first and mention.end <= one.end for one in sentence.attributes)

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

    def _has_size(self, mention: Mention, sized: set[int]) -> bool:
        """Return whether a length directly precedes a mention: *a 9 mm papillary projection*.

        :param sized: exclusive end indices of the words of the lengths in the sentence.
        """
        ends = (end for end in range(mention.first - PHRASE_GAP, mention.first + 1) if end in sized)
        return any("," not in self._words[end : mention.first] for end in ends)

    def _is_numbered(self, sentence: Sentence) -> bool:
        """Return whether the heading of a sentence is a number, so that it is about a thing of its own: `N2: …`."""
        words = self._words[sentence.first : sentence.first + _LONGEST_NUMBER + 1]
        return sentence.headed and ":" in words[1:] and words[words.index(":") - 1].isdecimal()

    def _member(self, sentence: Sentence) -> MentionGroup:
        """Return a new finding of the kind that the text lists: *Multiple fibroids: - intramural, 4 cm*."""
        return MentionGroup(sentence, self._list.head if self._list is not None else None)

    def _add_head(self, head: Mention, sentence: Sentence, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Add a head to the group that it explains (`… suggesting carcinoma`), to an earlier group, or to a new one.

        :param groups: the groups of the sentence so far.
        :returns: the groups of the sentence; the last one has the head.
        """
        before = groups[-1].head if groups else None
        if before is not None and _explains(head, before):
            _interpret(groups[-1], head)
            return groups
        if before is not None and self._is_heading_of(before, head):
            groups[-1].head = head
            groups[-1].mentions.append(head)
            return groups
        continued = self._continued(sentence) if not groups else None
        if continued is not None and continued.head is not None:
            if head.certainty == "possible" and self._context.continues and not _is_named_first(head, sentence):
                _interpret(continued, head)
                return [continued]
            if head.certainty == "present" and _is_anaphoric(head, sentence):
                continued.mentions.append(head)
                return [continued]
        return [*groups, MentionGroup(sentence, head)]

    def _is_heading_of(self, heading: Mention, head: Mention) -> bool:
        """Return whether a name before a colon is that of the finding after it: *Calculi: 3 stones*."""
        if self._words[heading.end : heading.end + 1] != [":"] or head.certainty != heading.certainty:
            return False
        same = heading.sense.curie == head.sense.curie or bool(set(heading.values) & set(head.values))
        return same and not heading.composed

    def _continued(self, sentence: Sentence) -> MentionGroup | None:
        """Return the last finding if the sentence may continue it: same section and topic, and no other place."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if sentence.row is not before.row or self._is_numbered(sentence):
            return None
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        opens_with_anaphor = bool(sentence.mentions) and sentence.mentions[0].sense.role == "Anaphor"
        known = {candidate.place for candidate in self.recent.places}
        places = {p for m in sentence.mentions if m.sense.kind == "anatomy" and not m.excluded for p in m.sense.places}
        return self.recent if opens_with_anaphor or places <= known else None


def _distance(side: Mention, read: ReadMeasurement) -> int:
    """Return the number of words between a side and a measurement."""
    return read.first - side.end if side.end <= read.first else side.first - read.end


def _is_anaphoric(head: Mention, sentence: Sentence) -> bool:
    """Return whether a head refers to an earlier finding: *the cyst*, *this cyst*; not *the second cyst*, *a cyst*."""
    if head.reason is not None:
        return False
    near = [m for m in sentence.mentions if 0 <= head.first - m.end <= _ANAPHOR_REACH and m.sense.kind == "function"]
    roles = {m.sense.role for m in near}
    return not roles.isdisjoint(_ANAPHORA) and "Distinct" not in roles


def _interpret(group: MentionGroup, offered: Mention) -> None:
    """Add an interpretation to a finding; it is the name of one that is only called *focus* or *area*."""
    group.mentions.append(offered)
    if group.head is not None and group.head.sense.attributes.get("vague"):
        group.head = offered
    else:
        group.interpretations.append(offered)


def _only_describes(mention: Mention) -> bool:
    """Return whether a finding describes the one before it in its sentence: a sign, or no more than *focus*."""
    attributes = mention.sense.attributes
    return mention.certainty != "absent" and bool(attributes.get("sign") or attributes.get("vague"))


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
    if following is not None and following.sense.kind in _IN_PHRASE and following.first - mention.end <= PHRASE_GAP:
        return False
    return all(m.sense.kind != "anatomy" for m in sentence.mentions if lesion.end <= m.first < mention.first)


def _is_empty(group: MentionGroup) -> bool:
    """Return whether a finding has nothing, or is only called *focus* or *area* and described no further."""
    if group.head is None:
        own = group.mentions or group.attributes or group.measurements
        return not own and (not group.places or group.added)
    if not group.head.sense.attributes.get("vague"):
        return False
    described = any(mention.values for mention in group.mentions)
    return not described and not group.attributes and not group.measurements


def _may_list(group: MentionGroup) -> bool:
    """Return whether items of a list may be members of a finding: it is named in the plural and not denied."""
    return group.head is not None and bool(group.head.flags & PLURAL) and group.head.certainty != "absent"


def _is_named_first(head: Mention, sentence: Sentence) -> bool:
    """Return whether a hedged name opens its sentence (*Probable cyst of the kidney*), so that it is no comment."""
    before = [m for m in sentence.mentions if m.first < head.first and m.sense.kind not in {"modifier", "function"}]
    return all(m is head.cue for m in before) and (head.cue is None or head.cue.first == sentence.first)


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
