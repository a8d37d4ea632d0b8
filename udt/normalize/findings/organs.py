"""Selection of the organs and body systems that a text is about, among all the anatomy that it names."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from udt.lexicon.flags import ADJECTIVE
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import FULL, Place, Sense
from udt.normalize.context.exclusion import NOT_SEEN
from udt.normalize.context.patient import Patient
from udt.normalize.distances import COMPARTMENT_CANDIDATES, COMPARTMENT_REACH, REACH_AFTER_EXAM, REACH_BEFORE_EXAM
from udt.normalize.match.mentions import LEGEND, Mention
from udt.normalize.match.passage import Passage, Sentence

_BETWEEN: Final = "between"
_COMPARTMENT: Final = "compartment"
# Reasons of exclusion that leave a mention a candidate: it still locates the finding.
_LOCATING: Final = frozenset({"", "landmark", _BETWEEN})


class Definiteness(IntEnum):
    """How definitely a mention names a place; the most definite ones are selected."""

    UNSEEN = -1
    """A structure that was not seen, which names no place."""
    HINT = 0
    """A landmark, which may name the place if nothing else does."""
    REGION = 1
    """A region of the body, or the place of a finding that is denied or has no organ class."""
    PART = 2
    """A joint or a tissue layer."""
    STRUCTURE = 3
    """An organ or a part of one, or the place that a finding implies."""


# Constants, since in Python 3.11 each access by `Definiteness.…` takes as long as a call.
_UNSEEN, _HINT, _REGION, _PART, _STRUCTURE = Definiteness
_DEFINITENESS: Final = {
    "Structure": _STRUCTURE,
    "TissueLayer": _PART,
    "JointRegion": _PART,
    "BodyRegion": _REGION,
}


class PlaceCandidate:
    """A mention whose place may become a label.

    :ivar place: the place of the mention in its context (compartment, sex, age).
    :ivar definiteness: how definitely the mention names the place.
    :ivar side: the side that the sentence gives the structure, or None.
    :ivar side_mention: the mention that names the side, or None if the name of the structure does.
    :ivar whole: for a part that the text names without its structure, the concept of that, or None.
    """

    __slots__ = ("definiteness", "mention", "place", "sentence", "side", "side_mention", "whole")

    def __init__(self, mention: Mention, place: Place, definiteness: Definiteness, sentence: Sentence) -> None:
        self.mention = mention
        self.place = place
        self.definiteness = definiteness
        self.sentence = sentence
        self.side: str | None = None
        self.side_mention: Mention | None = None
        self.whole: str | None = None


class Places:
    """The places of a text, in order.

    :ivar labelled: the candidates that become labels: the definite ones, else the regions, else the hints.
    :ivar structures: the anatomy that is no landmark, or that is labelled.
    :ivar of_child: whether the patient is a child, whose organs have classes of their own.
    """

    __slots__ = ("labelled", "of_child", "structures")

    def __init__(
        self, labelled: list[PlaceCandidate], structures: list[PlaceCandidate], of_child: bool = False
    ) -> None:
        self.labelled, self.structures, self.of_child = labelled, structures, of_child

    def place_in_patient(self, place: Place, lexicon: Lexicon) -> Place:
        """Return the place of a structure or finding in this patient."""
        if not self.of_child or place.system is None or place.system == lexicon.pediatrics.system:
            return place
        return lexicon.pediatric_of(place) or lexicon.pediatrics


def select_places(passage: Passage, patient: Patient, lexicon: Lexicon) -> Places:
    """Return the places of a text.

    Candidates of less than full weight become labels only if there are no others.
    """
    of_report = any(sentence.section is not None for sentence in passage.sentences)
    found = [c for s in passage.sentences for c in _candidates_in(s, patient, of_report)]
    candidates = [c for c in found if c.definiteness is not _UNSEEN]
    _resolve_compartments(candidates, lexicon)
    named = [c for c in candidates if c.definiteness > _HINT]
    selected = _most_definite([c for c in named if c.mention.weight is FULL]) or _most_definite(named)
    if not selected and not _names_anatomy(passage):
        selected = _shared_by_between(candidates)
    if patient.child:
        for candidate in found:
            candidate.place = _pediatric(candidate, lexicon)
    labelled = [c for c in selected if c.place.values]
    anatomy = [c for c in found if c.mention.sense.kind == "anatomy"]
    return Places(labelled, [c for c in anatomy if c.definiteness is not _HINT or c in labelled], patient.child)


def _names_anatomy(passage: Passage) -> bool:
    return any(m.sense.kind == "anatomy" and not m.excluded for s in passage.sentences for m in s.mentions)


def _shared_by_between(candidates: list[PlaceCandidate]) -> list[PlaceCandidate]:
    """Return the landmarks of *between … and …* if they are of one organ, else nothing."""
    landmarks = [c for c in candidates if c.mention.excluded == _BETWEEN]
    return landmarks if len({c.place.organ for c in landmarks}) == 1 else []


def _resolve_compartments(candidates: list[PlaceCandidate], lexicon: Lexicon) -> None:
    """Place a structure whose own sentence names no compartment by its heading, else by the nearest other candidates.

    Earlier candidates come first.

    Other sentences place what is counted in another body system only: a node beside a parotid gland is one of the neck,
    unless its own sentence places it inside that gland.
    """
    for i, candidate in enumerate(candidates):
        own = candidate.place
        sense = candidate.mention.sense
        if not sense.compartments:
            continue
        rules = [rule for rule in sense.compartments if not sense.counted or rule[1].system is not own.system]
        if not rules or own != sense.places[0]:
            continue
        topic = candidate.sentence.topic
        if topic is not None:
            lines = [topic.sense.line]
        else:
            earlier = candidates[max(0, i - COMPARTMENT_CANDIDATES) : i]
            others = [*reversed(earlier), *candidates[i + 1 : i + 1 + COMPARTMENT_CANDIDATES]]
            definite = (other for other in others if other.definiteness > _REGION)
            lines = [lexicon.senses[other.place.concept].line for other in definite]
        places = (place for line in lines for within, place in rules if within in line)
        candidate.place = next(places, candidate.place)


def is_in_examined_place(mention: Mention, sentence: Sentence, places: list[PlaceCandidate]) -> bool | None:
    """Return whether a diagnosis known beforehand lies in a selected place, or None if its place is not known."""
    own = [p for p in mention.sense.places if p.organ]
    if not own:
        own = [
            p
            for m in sentence.mentions
            if m.sense.kind == "anatomy" and m.weight is not FULL and not m.excluded
            for p in m.sense.places
        ]
    if not own:
        return None
    examined = {c.mention.sense.places[0] for c in places if c.mention.sense.places} | {c.place for c in places}
    organs = {p.organ or p.system for p in examined}
    return any((p.organ or p.system) in organs for p in own)


def _most_definite(candidates: list[PlaceCandidate]) -> list[PlaceCandidate]:
    """Drop regions if there is anything more definite, and body systems if there is an organ of the same system."""
    definite = [c for c in candidates if c.definiteness > _REGION]
    if not definite:
        implied = [c for c in candidates if c.mention.sense.kind == "finding"]
        denied = [c for c in implied if c.mention.certainty == "absent" and c.place.organ]
        return denied or [c for c in implied if c.place.organ is None] or candidates
    organs = [c for c in definite if c.place.organ]
    if len(organs) == len(definite):
        return definite
    systems = {c.place.system for c in organs}
    return [c for c in definite if c.place.organ or c.place.system not in systems]


def _candidates_in(sentence: Sentence, patient: Patient, of_report: bool) -> list[PlaceCandidate]:
    candidates: list[PlaceCandidate] = []
    if "anatomy" not in sentence.kind_set and "finding" not in sentence.kind_set:
        return candidates
    for mention in [m for m in sentence.mentions if m.sense.places and not m.composed]:
        if mention.sense.kind == "anatomy":
            if mention.excluded in _LOCATING:
                candidates.append(_anatomy_candidate(mention, sentence, patient))
            elif mention.excluded == NOT_SEEN:
                candidates.append(PlaceCandidate(mention, mention.sense.places[0], _UNSEEN, sentence))
        elif not mention.excluded:
            candidates += _finding_candidates(mention, sentence, of_report)
    parts = [c for c in candidates if c.definiteness is _PART]
    if not parts:
        return candidates
    structures = [c for c in candidates if c.definiteness is _STRUCTURE]
    superseded = [c for c in parts if _is_superseded(c, structures, sentence)]
    return [c for c in candidates if c not in superseded]


def _anatomy_candidate(mention: Mention, sentence: Sentence, patient: Patient) -> PlaceCandidate:
    sense = mention.sense
    place = _in_compartment(mention, sentence) if sense.compartments else None
    if place is None:
        place = sense.female if patient.sex == "female" and sense.female else sense.places[0]
    locates_only = mention.excluded and not _has_perifocal_finding(mention, sentence)
    definiteness = _HINT if locates_only else _DEFINITENESS[sense.specificity]
    return PlaceCandidate(mention, place, definiteness, sentence)


def _finding_candidates(mention: Mention, sentence: Sentence, of_report: bool) -> list[PlaceCandidate]:
    """Return the places that a finding implies.

    A report denies what was looked for (*No ascites*). In a caption, the place of a denied finding is no more than a
    hint unless the name of the finding contains it, which the specificity `Structure` states: *no gallbladder wall
    thickening* is about a gallbladder that was examined.
    """
    specificity = mention.sense.specificity
    denied = mention.certainty == "absent" and not of_report
    indefinite = specificity == "BodyRegion" or (denied and specificity != "Structure")
    return [
        PlaceCandidate(
            mention,
            place,
            _REGION if indefinite or place.organ is None else _STRUCTURE,
            sentence,
        )
        for place in mention.sense.places
    ]


def _has_perifocal_finding(mention: Mention, sentence: Sentence) -> bool:
    """Return whether the sentence reports a finding beside the organ that counts as the organ's own (perirenal)."""
    perifocal = mention.sense.attributes.get("perifocal", ())
    return bool(perifocal) and any(
        value.concept in perifocal for m in sentence.mentions if not m.excluded for value in m.values
    )


def _is_superseded(candidate: PlaceCandidate, structures: list[PlaceCandidate], sentence: Sentence) -> bool:
    """Return whether a joint or tissue layer only locates another structure of the same sentence."""
    others = [c for c in structures if c.place != candidate.place]
    if not others:
        return False
    if candidate.mention.sense.specificity == "TissueLayer" or any(c.mention.sense.kind == "finding" for c in others):
        return True
    return not _is_examined(candidate.mention, sentence)


def _is_examined(mention: Mention, sentence: Sentence) -> bool:
    """Return whether the mention is the object of the examination (`ultrasound of the wrist`) or the topic."""
    for other in sentence.mentions:
        if other.sense.role == "Exam":
            after_exam = 0 <= mention.first - other.end <= REACH_AFTER_EXAM
            before_exam = 0 <= other.first - mention.end <= REACH_BEFORE_EXAM
            if after_exam or before_exam:
                return True
    return sentence.topic is mention


def _in_compartment(mention: Mention, sentence: Sentence) -> Place | None:
    """Return the place of a structure in the nearest compartment that the sentence names, or None.

    An adjective that names the compartment is excluded, since it names no place of its own.
    """
    near = [
        m
        for m in sentence.mentions
        if m is not mention
        and m.sense.kind == "anatomy"
        and m.excluded != LEGEND
        and abs(m.first - mention.first) <= COMPARTMENT_REACH
    ]
    for other in sorted(near, key=lambda m: abs(m.first - mention.first)):
        for within, place in mention.sense.compartments:
            if within in other.sense.line:
                if other.flags & ADJECTIVE and not other.excluded:
                    other.excluded = _COMPARTMENT
                return place
    return None


def _pediatric(candidate: PlaceCandidate, lexicon: Lexicon) -> Place:
    """Return the pediatric class that covers the place, else the body system of pediatrics."""
    if candidate.place.system == lexicon.pediatrics.system:
        return candidate.place
    counterpart = _own_pediatric(candidate.mention.sense, candidate.place) or lexicon.pediatric_of(candidate.place)
    return counterpart or lexicon.pediatrics


def _own_pediatric(sense: Sense, place: Place) -> Place | None:
    return sense.pediatric if sense.kind == "anatomy" and sense.places[0] == place else None
