"""Decides which organs and body systems a text is about, among all the anatomy that it names."""

from __future__ import annotations

from udt.lexicon.build import ADJECTIVE
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place, Sense
from udt.normalize.context.patient import Patient
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

_EXAM_REACH = 6
_COMPARTMENT_REACH = 8
_SETTLE_REACH = 16
_LOCATING = frozenset({"", "landmark", "between"})
_STRENGTH = {"Structure": 3, "TissueLayer": 2, "JointRegion": 2, "BodyRegion": 1}


class Candidate:
    """A mention that may label a place.

    :ivar strength: 3 for a definite structure, 2 for a joint or tissue layer, 1 for a region, 0 for a mere hint.
    """

    __slots__ = ("mention", "place", "sentence", "strength")

    def __init__(self, mention: Mention, place: Place, strength: int, sentence: Sentence) -> None:
        self.mention = mention
        self.place = place
        self.strength = strength
        self.sentence = sentence


def choose_places(passage: Passage, patient: Patient, lexicon: Lexicon) -> list[Candidate]:
    """The candidates that label: the definite ones, else the regions, else what is only known of the patient."""
    found = [c for s in passage.sentences for c in _in_sentence(s, passage, patient)]
    if not found:
        return []
    _settle(found, lexicon)
    sure = [c for c in found if not c.mention.weak and c.strength > 0]
    chosen = _strongest(sure) or _strongest([c for c in found if c.strength > 0])
    if not chosen and not any(
        m.sense.kind == "anatomy" and not m.excluded for s in passage.sentences for m in s.mentions
    ):
        chosen = _between(found)
    if patient.child:
        for candidate in chosen:
            candidate.place = _pediatric(candidate, lexicon)
    return [c for c in chosen if c.place.values]


def _between(candidates: list[Candidate]) -> list[Candidate]:
    """The organ that both sides of a *between* share, where the text names nothing else."""
    sides = [c for c in candidates if c.mention.excluded == "between"]
    return sides if len({c.place.organ for c in sides}) == 1 else []


def _settle(candidates: list[Candidate], lexicon: Lexicon) -> None:
    """A structure whose own sentence names no compartment takes that of a sentence near it, sooner one before it."""
    for i, candidate in enumerate(candidates):
        rules = candidate.mention.sense.compartments
        if rules and candidate.place == candidate.mention.sense.places[0] and candidate.sentence.topic is None:
            others = [*reversed(candidates[max(0, i - _SETTLE_REACH) : i]), *candidates[i + 1 : i + 1 + _SETTLE_REACH]]
            lines = [lexicon.senses[other.place.concept].line for other in others if other.strength > 1]
            places = (place for line in lines for within, place in rules if within in line)
            candidate.place = next(places, candidate.place)


def holds(mention: Mention, sentence: Sentence, places: list[Candidate]) -> bool | None:
    """Whether a known diagnosis lies in what the text examines; None where the text does not tell its place."""
    own = [p for p in mention.sense.places if p.organ]
    if not own:
        near = (m for m in sentence.mentions if m.sense.kind == "anatomy" and m.weak and not m.excluded)
        own = [p for m in near for p in m.sense.places]
    if not own:
        return None
    examined = {c.mention.sense.places[0] for c in places if c.mention.sense.places} | {c.place for c in places}
    organs = {p.organ or p.system for p in examined}
    return any((p.organ or p.system) in organs for p in own)


def _strongest(candidates: list[Candidate]) -> list[Candidate]:
    """Regions yield to everything more definite; what names no class yields to what does."""
    definite = [c for c in candidates if c.strength > 1]
    if not definite:
        named = [c for c in candidates if c.mention.sense.kind == "finding"]
        denied = [c for c in named if c.mention.certainty == "absent" and c.place.organ]
        return denied or [c for c in named if c.place.organ is None] or candidates
    organs = [c for c in definite if c.place.organ]
    if len(organs) == len(definite):
        return definite
    systems = {c.place.system for c in organs}
    return [c for c in definite if c.place.organ or c.place.system not in systems]


def _in_sentence(sentence: Sentence, passage: Passage, patient: Patient) -> list[Candidate]:
    candidates: list[Candidate] = []
    if "anatomy" not in sentence.kinds and "finding" not in sentence.kinds:
        return candidates
    for mention in [m for m in sentence.mentions if m.sense.places and not m.composed]:
        if mention.sense.kind == "anatomy":
            if mention.excluded in _LOCATING:
                candidates.append(_of_anatomy(mention, sentence, patient))
        elif not mention.excluded:
            candidates += _of_finding(mention, sentence)
    if 2 not in [candidate.strength for candidate in candidates]:
        return candidates
    definite = [c for c in candidates if c.strength == 3]
    return [c for c in candidates if c.strength != 2 or not _yields(c, definite, sentence, passage)]


def _of_anatomy(mention: Mention, sentence: Sentence, patient: Patient) -> Candidate:
    sense = mention.sense
    place = _in_compartment(mention, sentence) if sense.compartments else None
    if place is None:
        place = sense.female if patient.female and sense.female else sense.places[0]
    strength = _STRENGTH[sense.specificity] if not mention.excluded or _holds_collection(mention, sentence) else 0
    return Candidate(mention, place, strength, sentence)


def _of_finding(mention: Mention, sentence: Sentence) -> list[Candidate]:
    """Where a finding lies by its name."""
    faint = mention.certainty == "absent" or mention.sense.specificity == "BodyRegion"
    return [
        Candidate(mention, place, 1 if faint or place.organ is None else 3, sentence) for place in mention.sense.places
    ]


def _holds_collection(mention: Mention, sentence: Sentence) -> bool:
    """Whether a collection lies beside an organ that counts such collections as its own (perirenal)."""
    beside = mention.sense.attributes.get("perifocal", ())
    return bool(beside) and any(v.concept in beside for m in sentence.mentions if not m.excluded for v in m.values)


def _yields(candidate: Candidate, definite: list[Candidate], sentence: Sentence, passage: Passage) -> bool:
    """Whether a joint or tissue layer only locates a definite structure of the same sentence."""
    others = [c for c in definite if c.place != candidate.place]
    if not others:
        return False
    if candidate.mention.sense.specificity == "TissueLayer" or any(c.mention.sense.kind == "finding" for c in others):
        return True
    return not _is_examined(candidate.mention, sentence)


def _is_examined(mention: Mention, sentence: Sentence) -> bool:
    """Whether the mention is what the examination is of: `ultrasound of the wrist`, `wrist ultrasound`."""
    for other in sentence.mentions:
        if other.sense.role == "Exam":
            before = 0 <= mention.first - other.last <= _EXAM_REACH
            after = 0 <= other.first - mention.last <= 1
            if before or after:
                return True
    return sentence.topic is mention


def _in_compartment(mention: Mention, sentence: Sentence) -> Place | None:
    """The class that a structure takes in the compartment that the sentence puts it in."""
    near = [
        m
        for m in sentence.mentions
        if m is not mention
        and m.sense.kind == "anatomy"
        and m.excluded != "legend"
        and abs(m.first - mention.first) <= _COMPARTMENT_REACH
    ]
    for other in sorted(near, key=lambda m: abs(m.first - mention.first)):
        for within, place in mention.sense.compartments:
            if within in other.sense.line:
                if other.flags & ADJECTIVE and not other.excluded:
                    other.excluded = "compartment"
                return place
    return None


def _pediatric(candidate: Candidate, lexicon: Lexicon) -> Place:
    """The pediatric class that covers the place, or the body system of pediatrics alone."""
    if candidate.place.system == lexicon.pediatrics.system:
        return candidate.place
    counterpart = _own_pediatric(candidate.mention.sense, candidate.place) or lexicon.pediatric_of(candidate.place)
    if counterpart is not None:
        return counterpart
    return lexicon.pediatrics


def _own_pediatric(sense: Sense, place: Place) -> Place | None:
    return sense.pediatric if sense.kind == "anatomy" and sense.places[0] == place else None
