"""Turns drafts into findings: certainty, organ, side, labels and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from udt.lexicon.lexicon import Lexicon, Value
from udt.normalize.assertion import certainty_of
from udt.normalize.drafts import Draft
from udt.normalize.mention import Mention
from udt.normalize.passage import Passage
from udt.normalize.places import Candidate
from udt.normalize.sides import side_before, side_of
from udt.report import Certainty, Evidence, Finding

_IN_TEXT = attrgetter("start", "end", "dimension", "label")


def finish(draft: Draft, number: int, passage: Passage, lexicon: Lexicon, labelled: set[Value]) -> Finding:
    """The finding of a draft, with its evidence.

    :param labelled: what the whole text is labelled with; weak mentions outside it give no evidence.
    """
    spoken = [m for m in draft.mentions if m.values]
    denied = draft.head is not None and draft.head.certainty == "absent"
    certainty = "absent" if denied else certainty_of([*spoken, *([draft.head] if draft.head else [])])
    evidence = [e for m in draft.mentions for e in _evidence(m, passage, lexicon, labelled)]
    evidence += [e for c in draft.places for e in _place_evidence(c, passage, lexicon)]
    evidence.sort(key=_IN_TEXT)
    first = min((e.start for e in evidence), default=passage.tokens.starts[draft.anchor])
    last = max((e.end for e in evidence), default=passage.tokens.ends[draft.anchor])
    spans = [(m.start, m.end) for m in draft.measurements]
    return Finding(
        id=f"f{number}",
        certainty=certainty,
        section=draft.sentence.section,
        organ=_organ_label(draft),
        laterality=_laterality(draft, passage.tokens.words, lexicon),
        labels=lexicon.named(_values(draft, certainty, labelled)),
        measurements=tuple(draft.measurements),
        evidence=tuple(evidence),
        start=min([first, *(s for s, _ in spans)]),
        end=max([last, *(e for _, e in spans)]),
    )


def _evidence(mention: Mention, passage: Passage, lexicon: Lexicon, labelled: set[Value]) -> Iterator[Evidence]:
    start, end = passage.span(mention)
    cue = mention.cue
    words = passage.text[slice(*passage.span(cue))] if cue else None
    reason = _reason(mention)
    for value in mention.values:
        if mention.weak and value not in labelled:
            continue
        key = lexicon.dimensions[value.dimension].key
        yield Evidence(
            key, value.label, value.concept, start, end, passage.text[start:end], mention.certainty, words, reason
        )


def _reason(mention: Mention) -> str | None:
    if mention.reason is not None:
        return mention.reason
    if mention.sense.kind == "finding":
        return f"implied by {mention.sense.curie}"
    return None


def _place_evidence(candidate: Candidate, passage: Passage, lexicon: Lexicon) -> Iterator[Evidence]:
    start, end = passage.span(candidate.mention)
    reason = f"by {candidate.mention.sense.curie}"
    for value in (candidate.place.system, candidate.place.organ):
        if value is not None:
            key = lexicon.dimensions[value.dimension].key
            yield Evidence(
                key, value.label, value.concept, start, end, passage.text[start:end], "present", None, reason
            )


def _organ_label(draft: Draft) -> str | None:
    """The organ of the finding, or its body system where no organ class covers it."""
    places = [c.place for c in draft.places] + ([draft.place] if draft.place else [])
    values = [p.organ for p in places if p.organ] + [p.system for p in places if p.system]
    return values[0].label if values else None


def _laterality(draft: Draft, words: list[str], lexicon: Lexicon) -> str | None:
    """The side that the sentence gives the finding; else that of its place, which an earlier sentence may have told."""
    here = [c.mention for c in draft.places if c.sentence is draft.sentence] + ([draft.head] if draft.head else [])
    own = {side_of(side) for side in draft.sides}
    if len(own) == 1:
        return own.pop()
    told = (side_before(anchor, draft.sentence, words, lexicon) for anchor in here)
    heading = [side_of(draft.sentence.side)] if draft.sentence.side is not None else []
    elsewhere = (side_before(c.mention, c.sentence, words, lexicon) for c in draft.places)
    return next((side for side in (*told, *heading, *elsewhere) if side is not None), None)


def _values(draft: Draft, certainty: Certainty, labelled: set[Value]) -> set[Value]:
    """What the finding is labelled with: what is affirmed or possible of it; for a denied finding, what is denied."""
    denied = certainty == "absent"
    found = {v for c in draft.places for v in (c.place.system, c.place.organ) if v is not None}
    for mention in draft.mentions:
        if (mention.certainty == "absent") == denied:
            found.update(v for v in mention.values if not mention.weak or v in labelled)
    return found
