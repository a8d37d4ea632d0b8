"""Grouping of mentions into findings: a lesion with its attributes, its structures and its measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from udt.lexicon.flags import ADJECTIVE
from udt.lexicon.lexicon import Lexicon
from udt.normalize.context.exclusion import is_earlier_disease, is_history
from udt.normalize.distances import BESIDE_REACH
from udt.normalize.findings.attributes import AttributeAssigner, is_in_name, settle_attributes
from udt.normalize.findings.counted import deny_counted, join_counted
from udt.normalize.findings.group import GENERIC_FINDING, MentionGroup, is_head, is_normal, is_state
from udt.normalize.findings.heads import NamedFindings
from udt.normalize.findings.lists import name_listed, side_listed, take_features
from udt.normalize.findings.measured import MeasuredSentence
from udt.normalize.findings.naming import concept_of, is_counted
from udt.normalize.findings.organs import PlaceCandidate, Places
from udt.normalize.findings.phrases import assign_places
from udt.normalize.findings.predicates import predicates_in
from udt.normalize.findings.sharing import share
from udt.normalize.findings.sides import side_groups, side_structures
from udt.normalize.findings.sizes import name_by_size
from udt.normalize.findings.state import TextFindings
from udt.normalize.findings.structures import in_sentence, parts_in, resolve_parts, starts_of_parts
from udt.normalize.match.headings import ULTRASOUND
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage
from udt.normalize.match.sentence import Sentence

# Roles of the words before something beside the finding before it.
_BESIDE: Final = frozenset({"With", "And"})


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
    found = grouper.text.groups
    settle_attributes(found)
    for group in found:
        if group.head is not None and is_normal(group.head) and group.places and is_counted(group.places[0]):
            group.mentions = [mention for mention in group.mentions if not _is_shape(mention)]
    groups = [group for group in found if not _is_empty(group)]
    groups += _remaining(groups, places)
    return sorted(groups, key=_text_order) if len(groups) > 1 else groups


def _text_order(group: MentionGroup) -> tuple[int, int]:
    return group.sentence.first, group.anchor


def _remaining(groups: list[MentionGroup], places: Places) -> list[MentionGroup]:
    """Return an observation of each labelled structure whose place no finding has, by its words or another name."""
    named = {candidate.mention.first for group in groups for candidate in group.places}
    known = {candidate.place for group in groups for candidate in group.places}
    found = []
    for candidate in places.labelled:
        mention = candidate.mention
        taken = candidate.place in known or mention.first in named
        if not taken and mention.sense.kind == "anatomy":
            known.add(candidate.place)
            group = MentionGroup(candidate.sentence, places=[candidate])
            group.laterality, group.side = candidate.side, candidate.side_mention
            found.append(group)
    return found


class _Grouper:
    """Groups the mentions of one sentence after the other.

    :ivar text: the findings so far.
    """

    def __init__(self, passage: Passage, places: Places, known: list[int], lexicon: Lexicon) -> None:
        self.text = TextFindings(passage, places, lexicon)
        self._heads = NamedFindings(self.text)
        self._words = passage.tokens.words
        self._lexicon = lexicon
        self._part_starts = starts_of_parts(self._words, known, lexicon)
        self._predicate_ends = [i for i in known if self._words[i] in lexicon.predicate_ends]

    def add_sentence(
        self, sentence: Sentence, named: list[PlaceCandidate], measurements: list[ReadMeasurement]
    ) -> None:
        """Add the mentions, structures and measurements of one sentence."""
        text, context, words = self.text, self.text.context, self._words
        start = len(text.groups)
        context.enter(sentence)
        if measurements:
            named = [s for s in named if not _is_part_of_finding(s, sentence, measurements)]
        structures = text.examined = self._structures(sentence, named)
        if "negation" in sentence.kind_set:
            deny_counted(structures, sentence, words)
        if sentence.section_excluded or sentence.modality not in {None, ULTRASOUND}:
            measurements = []
        sizes = [read for read in measurements if read.measurement.canonical_unit == "mm"]
        if len(sizes) > 1:
            text.named_members.update(map(id, name_listed(sentence, structures, sizes, words, self._lexicon)))
        groups = self._heads.of(
            sentence, self._predicates(sentence, structures), {read.end: read.first for read in sizes}
        )
        if not (groups or structures or measurements or sentence.attributes):
            text.groups += self._earlier(sentence, structures)
            context.leave(sentence, (), ())
            return
        holders = {id(structure): MentionGroup(sentence, places=[structure]) for structure in structures}
        groups = self._place(sentence, groups, structures, holders)
        if measurements:
            MeasuredSentence(sentence, groups, holders, structures, text).assign(measurements)
        for holder in holders.values():
            kept = holder.measurements or not (groups or self._is_measured(holder, start))
            if kept or _is_beside(holder.places[0], groups, sentence):
                self._keep(holder)
        text.groups += self._earlier(sentence, structures)
        if sentence.attributes:
            self._add_attributes(sentence, groups, structures, holders, start)
        if structures:
            text.groups[start:] = join_counted(text.groups[start:], holders.values(), self._lexicon)
        if "Likewise" in sentence.role_set:
            take_features(text.groups[:start], text.groups[start:])
        context.leave(sentence, structures, [*groups, *holders.values()])
        for group in groups:
            if group.head is not None and group.head.certainty != "absent":
                text.recent = group

    def _place(
        self,
        sentence: Sentence,
        groups: list[MentionGroup],
        structures: list[PlaceCandidate],
        holders: Mapping[int, MentionGroup],
    ) -> list[MentionGroup]:
        """Give the findings of a sentence their structures and sides; return them, with those of further organs."""
        text, context, words = self.text, self.text.context, self._words
        new = [group for group in groups if group.sentence is sentence]
        rest = side_structures(sentence, structures, words)
        for group in new:
            if group.referent is not None and not structures:
                group.places, group.implied_place = list(group.referent.places), group.referent.implied_place
        if new:
            assign_places(new, structures, context, words)
            self._place_predicates(new)
        if len(structures) > 1:
            shared = share(new, new, structures, words, self._lexicon)
            new += shared
            groups = groups + shared
        side_groups(new, holders, rest, context, words)
        if text.named_members:
            side_listed(new, text.named_members)
        repeated = self._join_repeated(new) if len(new) > 1 else []
        text.groups += [group for group in new if group not in repeated]
        return [group for group in groups if group not in repeated]

    def _place_predicates(self, groups: list[MentionGroup]) -> None:
        """Put the structure that a predicate describes before the other structures of its finding."""
        for group in groups:
            structure = self.text.described_by.get(id(group.head))
            if structure is not None:
                group.places = [structure, *(place for place in group.places if place is not structure)]

    def _join_repeated(self, groups: list[MentionGroup]) -> list[MentionGroup]:
        """Join the states that repeat another finding of a sentence: *varicocele: the veins are dilated*.

        :returns: the findings that are part of another one now.
        """
        joined: list[MentionGroup] = []
        for state in groups:
            if state.head is None or not state.head.flags & ADJECTIVE:
                continue
            stated = self._statement(state)
            others = (one for one in groups if one is not state and one not in joined)
            group = next((one for one in others if self._statement(one) == stated), None)
            if group is not None:
                group.mentions += state.mentions
                group.places += [place for place in state.places if place not in group.places]
                joined.append(state)
        return joined

    def _statement(self, group: MentionGroup) -> tuple[str, str | None, str] | None:
        """Return the certainty, side and concept of a finding with a name, or None."""
        if group.head is None:
            return None
        concept = concept_of(group, self.text.passage, self._lexicon)
        return (group.head.certainty, group.laterality, concept.concept) if concept is not None else None

    def _structures(self, sentence: Sentence, named: list[PlaceCandidate]) -> list[PlaceCandidate]:
        """Return the structures that a sentence names, and those whose parts it names."""
        if sentence.attributes:
            named = [s for s in named if not is_in_name(s.mention, sentence.attributes)]
        starts = in_sentence(self._part_starts, sentence)
        if not starts:
            return named
        parts = parts_in(starts, sentence, self._words, self._lexicon)
        context = self.text.context
        found = resolve_parts(parts, sentence, named, context.around, self._lexicon, context.place_of)
        return [s for s in found if not is_in_name(s.mention, sentence.attributes)]

    def _predicates(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[Mention]:
        """Return the findings that predicates of a sentence make of structures."""
        text = self.text
        text.described_by = {}
        ends = in_sentence(self._predicate_ends, sentence)
        if not ends:
            return []
        found = predicates_in(ends, sentence, self._words, structures, text.context.around, self._lexicon)
        text.described_by = {id(mention): structure for mention, structure in found}
        return [mention for mention, _ in found if not _repeats(mention, found, sentence)]

    def _earlier(self, sentence: Sentence, structures: list[PlaceCandidate]) -> list[MentionGroup]:
        """Return the findings and operations of the history, which give no labels."""
        found: list[MentionGroup] = []
        if "history" not in sentence.kind_set and not sentence.section_excluded:
            return found
        context, words = self.text.context, self._words
        for mention in sentence.mentions:
            operation = is_history(mention)
            if not (operation or is_earlier_disease(mention, sentence, words)) or not is_head(mention):
                continue
            if not _is_lesion_or_category(mention):
                group = MentionGroup(sentence, mention)
                group.time = "previous"
                assign_places([group], structures, context, words)
                if found and not operation:  # the reason of an operation lies in its organ
                    group.places = list(found[-1].places)
                    group.implied_place = found[-1].implied_place or group.implied_place
                side_groups([group], {}, sentence.sides, context, words)
                found.append(group)
        return found

    def _is_measured(self, holder: MentionGroup, start: int) -> bool:
        """Return whether a new observation has measurements of one side of a structure: *kidneys: R 10 cm, L 11 cm*."""
        return any(group.places[:1] == holder.places for group in self.text.groups[start:])

    def _keep(self, holder: MentionGroup) -> None:
        """Keep a structure as a group, in the order of the text; one without a measurement only once."""
        context, place = self.text.context, holder.places[0]
        name_by_size(holder, self._lexicon)
        fleeting = not holder.measurements and not is_counted(place)
        if fleeting and context.is_known(place, holder.laterality):
            return
        context.know(place, holder.laterality)
        self.text.groups.append(holder)

    def _add_attributes(
        self,
        sentence: Sentence,
        groups: list[MentionGroup],
        structures: list[PlaceCandidate],
        holders: Mapping[int, MentionGroup],
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

        text = self.text
        kept = {id(group) for group in text.groups[start:]}
        described = groups or list(holders.values())
        assigner = AttributeAssigner(sentence, self._words, described, placed, lambda: text.continued(sentence))
        text.groups += assigner.assign()
        text.groups += [h for h in holders.values() if h.attributes and id(h) not in kept]


def _is_beside(structure: PlaceCandidate, groups: Sequence[MentionGroup], sentence: Sentence) -> bool:
    """Return whether a structure that is a finding itself is beside the others: *goitre with a level IV node*."""
    if not is_counted(structure):
        return False
    if any(structure in group.places[:1] for group in groups):
        return False
    before = [m for m in sentence.mentions if m.end <= structure.mention.first]
    linked = any(m.sense.role in _BESIDE for m in before[-BESIDE_REACH:])
    if linked:
        for group in groups:
            group.places = [place for place in group.places if place is not structure]
    return linked


def _is_part_of_finding(structure: PlaceCandidate, sentence: Sentence, measurements: Sequence[ReadMeasurement]) -> bool:
    """Return whether a name is that of a measured part of a finding before it: *hernia with a neck of 12 mm*."""
    mention = structure.mention
    terms = [read.term for read in measurements if read.term is not None and read.term.is_true("partOfFinding")]
    named = any(m.sense.kind == "finding" for m in sentence.mentions)
    return named and any(term.first == mention.first for term in terms)


def _repeats(predicate: Mention, found: Sequence[tuple[Mention, PlaceCandidate]], sentence: Sentence) -> bool:
    """Return whether a predicate is an attribute of what the one before it describes: *patent and compressible*."""
    rules = (one.sense.rules for one in sentence.attributes if one.overlaps(predicate))
    if not any(rule is not None and rule.stands_alone for rule in rules):
        return False
    named = [*(mention for mention, _ in found), *sentence.mentions]
    before = [one for one in named if one.end <= predicate.first]
    last = max((one.first for one in before if one.sense.kind == "anatomy"), default=sentence.first)
    return any(is_state(one) and one.first > last for one in before)


def _is_lesion_or_category(mention: Mention) -> bool:
    """Return whether a mention names no more than a lesion, or its category: *known lesions*, *BI-RADS 3*."""
    return mention.sense.curie == GENERIC_FINDING or "category" in mention.sense.attributes


def _is_shape(mention: Mention) -> bool:
    """Return whether a mention is no more than a shape, which a normal lymph node does not have as a label."""
    return {value.key for value in mention.values} == {"shape"}


def _is_empty(group: MentionGroup) -> bool:
    """Return whether a finding has nothing, or is only called *focus* or *area* and described no further."""
    own = bool(group.attributes or group.measurements)
    if group.head is None:
        return not (own or group.mentions or group.places)
    if not group.head.sense.vague:
        return group.added
    return not own and not any(mention.values for mention in group.mentions)
