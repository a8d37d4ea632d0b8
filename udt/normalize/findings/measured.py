"""Measurements of a finding, of a structure, or of one of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.core.report import Measurement
from udt.normalize.distances import ENDS_OF_SIZE, NONE, NONE_TO_SIZE
from udt.normalize.findings.group import MentionGroup, is_lesion, is_normal
from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.findings.owners import owner_of
from udt.normalize.findings.sides import side_groups
from udt.normalize.findings.state import TextFindings
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.measurements.words import Term
from udt.normalize.match.mentions import Mention, side_of
from udt.normalize.match.sentence import Sentence, ends_part

# Signs between a size and the adjective that judges it.
_BEFORE_ADJECTIVE: Final = frozenset({",", "(", "-"})
_SIDES: Final = frozenset({"left", "right"})


class MeasuredSentence:
    """Gives the measurements of one sentence to what they measure.

    :ivar holders: the group of each structure by the `id` of that; a measured one of the context is added.
    """

    def __init__(
        self,
        sentence: Sentence,
        groups: Sequence[MentionGroup],
        holders: dict[int, MentionGroup],
        structures: Sequence[PlaceCandidate],
        text: TextFindings,
    ) -> None:
        self._sentence, self._groups, self._structures = sentence, groups, structures
        self.holders = holders
        self._text, self._words = text, text.words

    def assign(self, measurements: Sequence[ReadMeasurement]) -> None:
        """Give each measurement to the finding or the structure that it measures."""
        starts = [read.first for read in measurements]
        owner: MentionGroup | None = None
        for read in measurements:
            if owner is not None and read.measurement.role == "reference":
                owner.measurements.append(read)
            else:
                owner = self._measured(read, starts)

    def _measured(self, read: ReadMeasurement, starts: list[int]) -> MentionGroup | None:
        """Give a measurement to what it measures, and return that.

        :param starts: indices of the first words of all measurements of the sentence.
        """
        owner = self._owner(read, starts)
        if owner is None:
            return None
        owner = self._named(self._of_side(read, owner, starts[0]) or owner)
        named = owner.places[0].mention.first if owner.head is None and owner.places else owner.anchor
        if owner.measurements or named < self._sentence.first:
            owner = self._denied_by_none(read, owner)
        elif self._is_bound(read):
            read = read._replace(measurement=_at_most(read.measurement))
        owner.measurements.append(read)
        if read.term is not None:
            self._name_by_adjective(owner, read, read.term)
        return owner

    def _owner(self, read: ReadMeasurement, starts: list[int]) -> MentionGroup | None:
        """Return what a measurement measures by its words, by what is around it or by what the text speaks of."""
        sentence, groups = self._sentence, self._groups
        owner = self._of_term(read.term) if read.term is not None else None
        if owner is not None:
            return owner
        owner = owner_of(read, groups, self.holders, self._structures, sentence, self._words, starts)
        if owner is not None:
            return owner
        return (self._text.continued(sentence) if not groups else None) or self._of_context()

    def _of_context(self) -> MentionGroup | None:
        """Return the structure of the heading or of the text before, or None."""
        context = self._text.context
        topic = context.topic_place() or next(iter(context.subjects), None)
        return self._holder(topic, self._sentence.sides[:1]) if topic is not None else None

    def _holder(self, structure: PlaceCandidate, sides: Sequence[Mention]) -> MentionGroup:
        """Return the group of a structure, which is made with the sides if there is none."""
        key, text = id(structure), self._text
        if key not in self.holders:
            self.holders[key] = MentionGroup(self._sentence, places=[structure])
            side_groups([], {key: self.holders[key]}, sides, text.context, self._words)
        return self.holders[key]

    def _name_by_adjective(self, owner: MentionGroup, read: ReadMeasurement, term: Term) -> None:
        """Name the observation whose size an adjective follows: *post-void residual 95 ml (significant)*."""
        words, end = self._words, self._sentence.end
        i = next((i for i in range(read.end, end) if words[i] not in _BEFORE_ADJECTIVE), end)
        if i == end or not (ends_part(i + 1, self._sentence, words) or words[i + 1] == ")"):
            return
        for sense, _, _ in self._text.lexicon.entries_of((words[i], *words[term.first : term.end])):
            if sense.kind == "finding":
                owner.head = Mention(term.first, i + 1, sense)
                owner.mentions = [owner.head]

    def _is_bound(self, read: ReadMeasurement) -> bool:
        """Return whether *none* shortly precedes a size: *nodules, none larger than 8 mm* are of 8 mm at most."""
        near = self._words[max(read.first - NONE_TO_SIZE, self._sentence.first) : read.first]
        return NONE in near and ENDS_OF_SIZE.isdisjoint(near[near.index(NONE) :])

    def _denied_by_none(self, read: ReadMeasurement, owner: MentionGroup) -> MentionGroup:
        """Return the denied finding that *none* means beside one with a size: *up to 11 mm; none above 15 mm*."""
        sentence = self._sentence
        named = owner.head or next((place.mention for place in owner.places), None)
        if named is None or not self._is_bound(read):
            return owner
        none = self._words.index(NONE, max(read.first - NONE_TO_SIZE, sentence.first))
        denied = Mention(none, none + 1, named.sense)
        denied.certainty, denied.cue = "absent", denied
        if owner.head is not None:
            group = MentionGroup(sentence, denied, places=list(owner.places))
        else:
            place = owner.places[0]
            places = [PlaceCandidate(denied, place.place, place.definiteness, sentence)]
            if not owner.measurements:  # it was made for the size
                owner.places = places
                return owner
            group = MentionGroup(sentence, places=places)
        group.laterality, group.side = owner.laterality, owner.side
        self._text.groups.append(group)
        return group

    def _of_term(self, term: Term) -> MentionGroup | None:
        """Return what the words for the quantity measure by themselves: the bladder for *residual urine*, or None."""
        heads = [(group.head, group) for group in self._groups if group.head is not None]
        if term.is_true("partOfFinding"):
            return heads[-1][1] if heads else None
        measured = term.one("measuredStructure")
        if measured is None:
            return None
        for head, group in heads:
            if head.first <= term.first < head.end:
                return group
        structures, context = self._structures, self._text.context
        spoken_of = term.one("spokenOfWith")
        if spoken_of:
            spoken = [s for s in (*structures, *context.around()) if spoken_of in s.mention.sense.names]
            if not spoken or structures:
                return None  # the flow of another structure
        for holder in self.holders.values():
            if measured in holder.places[0].mention.sense.names:
                return holder
        sense = self._text.lexicon.senses[measured]
        mention, place = Mention(term.first, term.end, sense), context.place_of(sense.places[0])
        named = PlaceCandidate(mention, place, Definiteness.STRUCTURE, self._sentence)
        return self._holder(named, self._sentence.sides)

    def _named(self, owner: MentionGroup) -> MentionGroup:
        """Return the finding that is the counted structure which owns a measurement: *lymph node 18 mm, reactive*."""
        if not owner.is_structure or not is_counted(owner.places[0]):
            return owner
        named = (g for g in self._groups if g.head is None or _is_of_structure(g.head))
        return next((g for g in named if g.places[:1] == owner.places), owner)

    def _of_side(self, read: ReadMeasurement, owner: MentionGroup, first: int) -> MentionGroup | None:
        """Return the observation of one of a pair whose both sides a sentence measures: *right 10.4, left 10.7 cm*.

        :param first: index of the first word of the first measurement of the sentence; sides after it follow their
            numbers (*10.4 cm on the right and 10.7 cm on the left*).
        """
        if not owner.places or (owner.head is not None and not is_normal(owner.head)):
            return None
        sides = [side for side in self._sentence.sides if side_of(side) in _SIDES]
        if not _SIDES.issubset(map(side_of, sides)):
            return None
        follow = sides[0].first > first
        beside = [side for side in sides if (side.first > read.first) == follow]
        if not beside:
            return None
        nearest = beside[0 if follow else -1]
        if owner.laterality == side_of(nearest):
            return None
        found = MentionGroup(self._sentence, places=[owner.places[0]])
        found.laterality, found.side = side_of(nearest), nearest
        self._text.groups.append(found)
        return found


def _at_most(measurement: Measurement) -> Measurement:
    """Return a measurement above which there is nothing as the most that there is."""
    return measurement._replace(comparator="<=", range=(None, max(measurement.values)))


def _is_of_structure(head: Mention) -> bool:
    """Return whether a name is that of a state of a structure, and of no lesion in it: *node 18 mm, reactive*."""
    return head.certainty != "absent" and not is_lesion(head)
