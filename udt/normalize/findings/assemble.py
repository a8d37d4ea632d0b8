"""Assembly of findings from groups of mentions: certainty, organ, side, labels and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

from udt.core.construct import constructor
from udt.core.report import Certainty, Evidence, Finding
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import FULL, Value
from udt.normalize.context.assertion import strongest
from udt.normalize.context.laterality import side_before, side_of
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

_TEXT_ORDER = attrgetter("start", "end", "dimension", "label")
_finding = constructor(Finding)
_END = attrgetter("end")
_new = tuple.__new__  # makes an `Evidence` of its fields in half the time of a call of the class


def assemble_finding(
    group: MentionGroup, number: int, passage: Passage, lexicon: Lexicon, given: set[Value]
) -> Finding:
    """Assemble the finding of a group, with its evidence.

    :param number: number of the finding in the text, from 1.
    :param given: the labels of the text; mentions of less than full weight are evidence of these only.
    """
    certainty = _certainty(group)
    evidence: list[Evidence] = []
    for mention in group.mentions:
        _add_evidence(mention, passage, given, evidence)
    for attribute in group.attributes:
        _add_evidence(attribute, passage, given, evidence)
    for candidate in group.places:
        _add_place_evidence(candidate, passage, evidence)
    evidence.sort(key=_TEXT_ORDER)
    start, end = _extent(group, evidence, passage)
    labels, attributes = lexicon.labels_and_attributes(_values(group, certainty, given))
    return _finding(
        f"f{number}",
        certainty,
        group.sentence.section,
        _organ_label(group),
        _laterality(group, passage.tokens.words, lexicon.side_words),
        labels,
        tuple(group.measurements),
        tuple(evidence),
        start,
        end,
        attributes,
    )


def _certainty(group: MentionGroup) -> Certainty:
    """Return absent if the head is absent, else the strongest certainty of the head and the values."""
    described = group.mentions or group.attributes
    found = {mention.certainty for mention in described if mention.values}
    if group.head is not None:
        if group.head.certainty == "absent":
            return "absent"
        found.add(group.head.certainty)
    return strongest(found)


def _add_evidence(mention: Mention, passage: Passage, given: set[Value], evidence: list[Evidence]) -> None:
    start, end = passage.span(mention)
    cue = mention.cue
    cue_text = passage.text[slice(*passage.span(cue))] if cue is not None else None
    text, certainty, reason = passage.text[start:end], mention.certainty, _reason(mention)
    full = mention.weight is FULL
    for v in mention.values:
        if not full and v not in given:
            continue
        evidence.append(_new(Evidence, (v.key, v.label, v.concept, start, end, text, certainty, cue_text, reason)))


def _reason(mention: Mention) -> str | None:
    if mention.reason is not None:
        return mention.reason
    if mention.sense.kind == "finding":
        return f"implied by {mention.sense.curie}"
    return None


def _add_place_evidence(candidate: PlaceCandidate, passage: Passage, evidence: list[Evidence]) -> None:
    start, end = passage.span(candidate.mention)
    text, reason = passage.text[start:end], f"by {candidate.mention.sense.curie}"
    evidence += [
        _new(Evidence, (v.key, v.label, v.concept, start, end, text, "present", None, reason))
        for v in candidate.place.values
    ]


def _extent(group: MentionGroup, evidence: list[Evidence], passage: Passage) -> tuple[int, int]:
    """Return the start and exclusive end offset of the finding in the text.

    :param evidence: the evidence of the finding, in the order of the text.
    """
    if evidence:
        start, end = evidence[0].start, max(map(_END, evidence))
    else:
        start, end = passage.tokens.starts[group.anchor], passage.tokens.ends[group.anchor]
    for length in group.measurements:
        start, end = min(start, length.start), max(end, length.end)
    return start, end


def _organ_label(group: MentionGroup) -> str | None:
    """Return the label of the organ, else of the body system if no organ class covers the place, or None."""
    places = [candidate.place for candidate in group.places]
    if group.implied_place is not None:
        places.append(group.implied_place)
    for place in places:
        if place.organ is not None:
            return place.organ.label
    for place in places:
        if place.system is not None:
            return place.system.label
    return None


def _laterality(group: MentionGroup, words: list[str], side_words: Mapping[str, str]) -> str | None:
    """Return the side that the sentence gives the finding, else that of its place in an earlier sentence, or None."""
    sentence = group.sentence
    if group.sides:
        own = {side_of(side) for side in group.sides}
        if len(own) == 1:
            return own.pop()
    side = None
    for candidate in group.places:
        if candidate.sentence is sentence:
            side = side or side_before(candidate.mention, sentence, words, side_words)
    if group.head is not None:
        side = side or side_before(group.head, sentence, words, side_words)
    if sentence.topic_side is not None:
        side = side or side_of(sentence.topic_side)
    for candidate in group.places:
        side = side or side_before(candidate.mention, candidate.sentence, words, side_words)
    return side


def _values(group: MentionGroup, certainty: Certainty, given: set[Value]) -> set[Value]:
    """Return the labels of the finding: affirmed or possible ones; for an absent finding, denied ones."""
    denied = certainty == "absent"
    found: set[Value] = set()
    for candidate in group.places:
        found.update(candidate.place.values)
    for mention in group.mentions:
        if (mention.certainty == "absent") == denied:
            found.update(mention.values if mention.weight is FULL else given.intersection(mention.values))
    for attribute in group.attributes:
        if denied or attribute.certainty != "absent":
            found.update(attribute.values)
    return found
