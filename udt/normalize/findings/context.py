"""Context of a sentence: the structure and the side that the text before it names, and the sentence leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place
from udt.normalize.distances import HEADING_REACH, LONGEST_ITEM_NUMBER
from udt.normalize.findings.group import MentionGroup, place_by_definition
from udt.normalize.findings.organs import Definiteness, PlaceCandidate, Places
from udt.normalize.match.mentions import Mention, side_of
from udt.normalize.match.passage import Passage, Sentence

_BULLETS: Final = frozenset({"*", "-", "•", "·", "#"})
_TITLE_BREAKS: Final = frozenset({"-", "–", ":", ",", ";", "("})
_VERBS: Final = frozenset({"Verb", "Participle", "Copula"})
_BOTH: Final = frozenset({"left", "right"})
# Share of the labelled structures that are of one organ in a text about that organ.
_DOMINANT: Final = 0.6
# Most structures of that organ that are looked at.
_MOST_EXAMINED: Final = 4


class TextContext:
    """The structures and sides that a sentence inherits, sentence by sentence.

    :ivar continues: whether the sentence continues the one before.
    :ivar is_item: whether the sentence is an item of a list.
    :ivar exam_side: the side in the title of the text, if it is one, or None.
    :ivar subjects: the structures that the sentence before spoke of, if this one continues it.
    :ivar side: the side that the sentence before spoke of, if this one continues it and there was one only.
    :ivar side_mention: the mention that named it, or None.
    :ivar sides: all sides of the sentences that this one continues.
    """

    def __init__(self, passage: Passage, places: Places, lexicon: Lexicon) -> None:
        self._lexicon, self._places = lexicon, places
        self._words = passage.tokens.words
        self._text, self._tokens = passage.text, passage.tokens
        self._known: set[tuple[Place, str | None]] = set()
        # Filled at the first use; mypyc does not know `cached_property`.
        self._by_mention: dict[int, PlaceCandidate] | None = None
        self._exam: list[PlaceCandidate] | None = None
        self._passage = passage
        self.exam_side = _side_of_title(passage)
        self._before: Sentence | None = None
        self._sentence: Sentence | None = None
        self.continues = False
        self.is_item = False
        self.subjects: list[PlaceCandidate] = []
        self.side: str | None = None
        self.side_mention: Mention | None = None
        self.sides: set[str | None] = set()
        self._part_heading: PlaceCandidate | None = None

    def enter(self, sentence: Sentence) -> None:
        """Begin a sentence: forget the structures and the side if it does not continue the one before."""
        self._sentence = sentence
        before = self._before
        opens_item = self._is_item(sentence)
        self.is_item = opens_item or self._follows_mark(sentence)
        self.continues = before is not None and not opens_item and self._continues(before, sentence)
        if not self.continues:
            self.subjects, self.side, self.side_mention, self.sides = [], None, None, set()

    def leave(self, sentence: Sentence, structures: Sequence[PlaceCandidate], groups: Sequence[MentionGroup]) -> None:
        """End a sentence: its structures and its side are those that the next one may inherit."""
        if sentence.headed and not self.is_numbered(sentence):
            self._part_heading = self._part_in_heading(sentence, structures)
        if structures:
            self.subjects = list(structures[-_MOST_EXAMINED:])
        stated = [(g.laterality, g.side) for g in groups if g.laterality is not None]
        if stated:
            named: set[str | None] = {side for side, _ in stated}
            self.sides = named if structures and self.sides <= named else self.sides | named
            self.side, self.side_mention = stated[-1] if len(named) == 1 else (None, None)
        elif structures:
            self.side, self.side_mention, self.sides = None, None, set()
        self._before = sentence

    def _continues(self, before: Sentence, sentence: Sentence) -> bool:
        if before.section != sentence.section or before.topic is not sentence.topic or before.row is not sentence.row:
            return False
        between = self._text[self._tokens.ends[before.end - 1] : self._tokens.starts[sentence.first]]
        if "\n" not in between:
            return True
        if between.count("\n") > 1:
            return False
        return not self._has_heading(before) and not self._has_heading(sentence)

    def is_title(self, sentence: Sentence) -> bool:
        """Return whether a sentence is the title of the text: its first line, which names the examination."""
        return not sentence.first and _is_title(sentence) and _is_line_without_verb(sentence, self._words)

    def precedes_list(self, sentence: Sentence) -> bool:
        """Return whether the line after a sentence is an item of a list."""
        words, i = self._words, sentence.end
        if words[i : i + 1] != ["\n"]:
            return False
        return words[i + 1 : i + 2] != [] and (words[i + 1] in _BULLETS or words[i + 1].isdigit())

    def _is_item(self, sentence: Sentence) -> bool:
        first = self._words[sentence.first]
        if first in _BULLETS:
            return True
        if not first.isdigit():
            return False
        return self._words[sentence.first + 1 : sentence.first + 2] in (["."], [")"])

    def is_mark(self, sentence: Sentence) -> bool:
        """Return whether a sentence is no more than the number of an item: *1.*"""
        return sentence.end - sentence.first == 1 and self._is_item(sentence)

    def _follows_mark(self, sentence: Sentence) -> bool:
        before = self._before
        return before is not None and before.end == sentence.first - 1 and self.is_mark(before)

    def _has_heading(self, sentence: Sentence) -> bool:
        return ":" in self._words[sentence.first : min(sentence.first + HEADING_REACH, sentence.end)]

    def is_numbered(self, sentence: Sentence) -> bool:
        """Return whether the heading of a sentence is a number, so that it is about a thing of its own: `N2: …`."""
        words = self._words[sentence.first : sentence.first + LONGEST_ITEM_NUMBER + 1]
        return sentence.headed and ":" in words[1:] and words[words.index(":") - 1].isdecimal()

    def _part_in_heading(self, sentence: Sentence, structures: Sequence[PlaceCandidate]) -> PlaceCandidate | None:
        """Return the part of the structure of the text that a heading names, or None: `Right lobe: …`."""
        words = self._words[sentence.first : sentence.end]
        colon = sentence.first + words.index(":") if ":" in words else sentence.first
        return next((s for s in structures if s.whole is not None and s.mention.end <= colon), None)

    def topic_place(self) -> PlaceCandidate | None:
        """Return the structure in the heading of the sentence, or in that before `Nodule 1: …`, or None."""
        sentence, before = self._sentence, self._before
        if sentence is None:
            return None
        topic = sentence.topic
        if topic is None:
            same = before is not None and before.section == sentence.section
            return self._part_heading if same and self.is_numbered(sentence) else None
        if self._by_mention is None:
            self._by_mention = {id(candidate.mention): candidate for candidate in self._places.structures}
        return self._by_mention.get(id(topic))

    def topic_side(self) -> Mention | None:
        """Return the side in the heading of the sentence, or None."""
        return self._sentence.topic_side if self._sentence is not None else None

    def around(self) -> list[PlaceCandidate]:
        """Return the structures that a sentence may mean without naming them, the nearest first."""
        topic = self.topic_place()
        around = [*self.subjects, *self.exam]
        return around if topic is None else [topic, *around]

    @property
    def exam(self) -> list[PlaceCandidate]:
        """The structure that the whole text is about, if it is one."""
        if self._exam is None:
            self._exam = _examined(self._places, self._passage)
        return self._exam

    def place_by_definition(self, group: MentionGroup) -> Place | None:
        """Return the place of the structure in which a finding is by definition, or None."""
        return place_by_definition(group, self._lexicon)

    def is_kind_in(self, group: MentionGroup, structure: PlaceCandidate) -> bool:
        """Return whether a finding of what is counted, such as nodes, has a name in a structure (*axilla*)."""
        organ = group.implied_place.organ if group.implied_place is not None else None
        if group.head is None or organ is None or not self._lexicon.senses[organ.concept].counted:
            return False
        named = self._lexicon.compounds.get(group.head.sense.curie, {})
        return any(name in named for name in structure.mention.sense.names)

    def is_apart(self, group: MentionGroup, structure: PlaceCandidate) -> bool:
        """Return whether a structure is of an organ, and the finding by definition in a structure outside of it.

        One in a kind of structures (a vein), in a tissue (synovium) or in what an organ contains (a gestational sac)
        may be in any of them.
        """
        named = self._lexicon.structures.get(group.head.sense.curie) if group.head is not None else None
        own, organ = self._lexicon.senses[named] if named is not None else None, structure.place.organ
        if own is None or organ is None or own.one("genericName") or own.attributes.get("contained"):
            return False
        if own.specificity != "Structure":
            return False
        return organ.concept not in own.names and own.curie not in structure.mention.sense.names

    def place_of(self, place: Place) -> Place:
        """Return the place in this patient for the one of the lexicon."""
        return self._places.place_in_patient(place, self._lexicon)

    def own_place(self, structure: PlaceCandidate) -> Place:
        """Return the place that distinguishes a structure; in a child, whole regions share a class."""
        return structure.mention.sense.places[0] if self._places.of_child else structure.place

    def is_part(self, structure: PlaceCandidate, whole: PlaceCandidate) -> bool:
        """Return whether a structure is a part of another one, or of what that one is a kind of."""
        part, line = structure.mention.sense, whole.mention.sense.names
        if part.curie == whole.mention.sense.curie:
            return False
        wholes = self._lexicon.wholes
        if whole.mention.sense.curie in part.names:
            return True
        return wholes.get(part.curie) in line and whole.mention.sense.curie not in wholes

    @property
    def of_both(self) -> bool:
        """Whether the text before speaks of both sides of a pair."""
        return self.sides >= _BOTH or ("bilateral" in self.sides)

    def is_in_exam(self, group: MentionGroup) -> bool:
        """Return whether the side of the whole examination may be that of a finding: it lies in nothing unpaired."""
        systems = {structure.place.system for structure in self.exam}
        if not group.places:
            return self.may_have_side(group) or (
                group.implied_place is not None and group.implied_place.system in systems
            )
        return all(
            self.is_of_pair(structure) or (structure.place.system in systems and not self._is_single(structure))
            for structure in group.places
            if structure.place.organ is not None
        )

    def is_in_limb(self, group: MentionGroup) -> bool:
        """Return whether a finding lies in a joint by its name, and the title is of a limb: *left leg*, Baker cyst."""
        place, first = group.implied_place, self._passage.sentences[0]
        if self.exam_side is None or place is None or place.organ is None:
            return False
        titled = {c.place.system for c in self._places.structures if c.sentence is first}
        return self._lexicon.senses[place.organ.concept].specificity == "JointRegion" and place.system in titled

    def may_have_side(self, group: MentionGroup) -> bool:
        """Return whether a finding that names no structure may lie in one of a pair, by its name or its organ.

        One whose name implies another paired organ than the text before speaks of has no side of that.
        """
        head, implied = group.head, group.implied_place
        site = self._lexicon.structures.get(head.sense.curie) if head is not None else None
        contained = self._lexicon.senses[site] if site is not None else None
        own = [implied, *(contained.places if contained is not None else ())]
        paired = contained is not None and (
            contained.paired or any(self._is_paired(place) for place in contained.places)
        )
        if implied is None or not (paired or self._is_paired(implied)):
            return implied is None or paired
        organs = {structure.place.organ for structure in self.subjects}
        return not organs or any(place is not None and place.organ in organs for place in own)

    def carries_side_to(self, places: Sequence[PlaceCandidate]) -> bool:
        """Return whether the side of the text before is that of structures too; both sides are of one organ only."""
        if self.side == "bilateral" and self.subjects:
            organs = {structure.place.organ for structure in self.subjects}
            places = [*places] if all(place.place.organ in organs for place in places) else []
            return bool(places) and all(self.is_of_pair(place) for place in places)
        return self.side is not None and all(self.is_of_pair(place) for place in places)

    def names_more(self, structures: Sequence[PlaceCandidate]) -> bool:
        """Return whether structures include what the text before speaks of: the adnexa, an ovary."""
        wholes = {structure.mention.sense.curie for structure in structures}
        parts = (subject.mention.sense for subject in self.subjects)
        return any(part.own_side is None and not wholes.isdisjoint(part.line - {part.curie}) for part in parts)

    def is_of_pair(self, structure: PlaceCandidate) -> bool:
        """Return whether a structure may have a side: it or its organ is one of a pair, or a tissue of both sides."""
        if structure.mention.sense.paired or self._is_paired(structure.place):
            return True
        return structure.place.organ is not None and not self._is_single(structure)

    def _is_paired(self, place: Place) -> bool:
        return place.organ is not None and self._lexicon.senses[place.organ.concept].paired

    def _is_single(self, structure: PlaceCandidate) -> bool:
        """Return whether the organ of a structure is the only one of its kind in the body: the thyroid gland."""
        organ = self._lexicon.senses[structure.place.organ.concept] if structure.place.organ is not None else None
        return organ is None or (organ.specificity == "Structure" and "genericName" not in organ.attributes)

    def is_known(self, structure: PlaceCandidate, side: str | None) -> bool:
        """Return whether the structure has been kept on that side already."""
        return (structure.place, side) in self._known

    def know(self, structure: PlaceCandidate, side: str | None) -> None:
        """Note that a structure has been kept."""
        self._known.add((structure.place, side))


def _examined(places: Places, passage: Passage) -> list[PlaceCandidate]:
    """Return the structures that the text is about: those of its title, or those of the organ named most."""
    if not places.structures:
        return []
    first = places.structures[0].sentence
    titled = [c for c in places.structures if c.sentence is first]
    if first is passage.sentences[0] and _is_title(first):
        titled = [c for c in titled if c.definiteness > Definiteness.REGION] or titled
        named_organs = {c.place.organ for c in titled}
        if named_organs != {None}:  # no mere region: *ultrasound of the neck*
            return titled[:_MOST_EXAMINED] if len(named_organs) == 1 else []
    organs = [c.place.organ for c in places.labelled]
    if not organs:
        return []
    organ = organs[0]
    if len(set(organs)) > 1:
        organ = max(dict.fromkeys(organs), key=organs.count)
        if organs.count(organ) < _DOMINANT * len(organs):
            return []
    named = (c for c in places.labelled if c.place.organ is organ and c.mention.sense.kind == "anatomy")
    return list(islice(named, _MOST_EXAMINED))


def _side_of_title(passage: Passage) -> Mention | None:
    """Return the side that the title of a text names, or None if it names none or both."""
    if not passage.sentences:
        return None
    title = passage.sentences[0]
    words = passage.tokens.words
    if not title.sides or not (_is_title(title) or _fills_line(title, words)):
        return None
    one = len({side_of(side) for side in title.sides}) == 1
    return title.sides[0] if one and _is_of_structure(title.sides[0], title, words) else None


def _is_of_structure(side: Mention, title: Sentence, words: list[str]) -> bool:
    """Return whether a title names a structure beside a side, if any: *US left leg*, no *US neck - left swelling*."""
    structures = [m for m in title.mentions if m.sense.kind == "anatomy"]
    gaps = [words[side.end : m.first] if m.first >= side.end else words[m.end : side.first] for m in structures]
    return not structures or any(_TITLE_BREAKS.isdisjoint(gap) for gap in gaps)


def _is_title(sentence: Sentence) -> bool:
    """Return whether the first sentence of a text names the examination."""
    return "Exam" in sentence.role_set


def _fills_line(sentence: Sentence, words: list[str]) -> bool:
    """Return whether the first line of a text is a title: no heading of an item, and without a verb or a number."""
    line = words[sentence.first : sentence.end]
    is_item = ":" in line or any(word[0].isdigit() for word in line) or sentence.topic is not None
    return not is_item and _is_line_without_verb(sentence, words)


def _is_line_without_verb(sentence: Sentence, words: list[str]) -> bool:
    """Return whether a sentence without a verb or a denial ends with its line."""
    if words[sentence.end : sentence.end + 1] != ["\n"]:
        return False
    return _VERBS.isdisjoint(sentence.role_set) and "negation" not in sentence.kind_set
