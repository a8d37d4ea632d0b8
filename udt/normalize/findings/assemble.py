"""Turns drafts into findings: certainty, organ, side, labels and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter

from udt.core.report import Certainty, Evidence, Finding
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Value
from udt.normalize.context.assertion import strongest
from udt.normalize.context.laterality import side_before, side_of
from udt.normalize.findings.grouping import Draft
from udt.normalize.findings.organs import Candidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

_IN_TEXT = attrgetter("start", "end", "dimension", "label")
_END = attrgetter("end")


def finish(draft: Draft, number: int, passage: Passage, lexicon: Lexicon, labelled: set[Value]) -> Finding:
    """The finding of a draft, with its evidence.

    :param labelled: what the whole text is labelled with; weak mentions outside it give no evidence.
    """
    certainty = _certainty(draft)
    evidence: list[Evidence] = []
    for mention in draft.mentions:
        _add_evidence(mention, passage, labelled, evidence)
    for candidate in draft.places:
        _add_place(candidate, passage, evidence)
    evidence.sort(key=_IN_TEXT)
    start, end = _extent(draft, evidence, passage)
    return Finding(
        f"f{number}",
        certainty,
        draft.sentence.section,
        _organ_label(draft),
        _laterality(draft, passage.tokens.words, lexicon.sides),
        lexicon.named(_values(draft, certainty, labelled)),
        tuple(draft.measurements),
        tuple(evidence),
        start,
        end,
    )


def _certainty(draft: Draft) -> Certainty:
    """Absent where the head is; else the strongest certainty of what is said."""
    found = {mention.certainty for mention in draft.mentions if mention.values}
    if draft.head is not None:
        if draft.head.certainty == "absent":
            return "absent"
        found.add(draft.head.certainty)
    return strongest(found)


def _add_evidence(mention: Mention, passage: Passage, labelled: set[Value], evidence: list[Evidence]) -> None:
    start, end = passage.span(mention)
    cue = mention.cue
    words = passage.text[slice(*passage.span(cue))] if cue is not None else None
    text, certainty, reason = passage.text[start:end], mention.certainty, _reason(mention)
    for v in mention.values:
        if mention.weak and v not in labelled:
            continue
        evidence.append(Evidence(v.key, v.label, v.concept, start, end, text, certainty, words, reason))


def _reason(mention: Mention) -> str | None:
    if mention.reason is not None:
        return mention.reason
    if mention.sense.kind == "finding":
        return f"implied by {mention.sense.curie}"
    return None


def _add_place(candidate: Candidate, passage: Passage, evidence: list[Evidence]) -> None:
    start, end = passage.span(candidate.mention)
    text, reason = passage.text[start:end], f"by {candidate.mention.sense.curie}"
    for v in candidate.place.values:
        told = Evidence(v.key, v.label, v.concept, start, end, text, "present", None, reason)
        evidence.append(told)


def _extent(draft: Draft, evidence: list[Evidence], passage: Passage) -> tuple[int, int]:
    """From where to where the text speaks of a finding.

    :param evidence: that of the finding, in the order of the text.
    """
    if evidence:
        start, end = evidence[0].start, max(map(_END, evidence))
    else:
        start, end = passage.tokens.starts[draft.anchor], passage.tokens.ends[draft.anchor]
    for length in draft.measurements:
        start, end = min(start, length.start), max(end, length.end)
    return start, end


def _organ_label(draft: Draft) -> str | None:
    """The organ of the finding, or its body system where no organ class covers it."""
    places = [candidate.place for candidate in draft.places]
    if draft.place is not None:
        places.append(draft.place)
    for place in places:
        if place.organ is not None:
            return place.organ.label
    for place in places:
        if place.system is not None:
            return place.system.label
    return None


def _laterality(draft: Draft, words: list[str], sides: Mapping[str, str]) -> str | None:
    """The side that the sentence gives the finding; else that of its place, which an earlier sentence may have told."""
    sentence = draft.sentence
    if draft.sides:
        own = {side_of(side) for side in draft.sides}
        if len(own) == 1:
            return own.pop()
    told = None
    for candidate in draft.places:
        if candidate.sentence is sentence:
            told = told or side_before(candidate.mention, sentence, words, sides)
    if draft.head is not None:
        told = told or side_before(draft.head, sentence, words, sides)
    if sentence.side is not None:
        told = told or side_of(sentence.side)
    for candidate in draft.places:
        told = told or side_before(candidate.mention, candidate.sentence, words, sides)
    return told


def _values(draft: Draft, certainty: Certainty, labelled: set[Value]) -> set[Value]:
    """What the finding is labelled with: what is affirmed or possible of it; for a denied finding, what is denied."""
    denied = certainty == "absent"
    found: set[Value] = set()
    for candidate in draft.places:
        found.update(candidate.place.values)
    for mention in draft.mentions:
        if (mention.certainty == "absent") == denied:
            found.update(labelled.intersection(mention.values) if mention.weak else mention.values)
    return found
