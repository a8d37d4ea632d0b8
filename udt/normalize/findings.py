"""Puts together what belongs together: a lesion with its attributes, its place, its side and its measurements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from udt.lexicon.lexicon import Kind, Lexicon, Place
from udt.normalize.assertion import certainty_of
from udt.normalize.mention import Mention
from udt.normalize.passage import Passage, Sentence
from udt.normalize.places import Candidate
from udt.report import Certainty, Evidence, Finding, Measurement

_DIAGNOSIS = 2
_ANAPHORA = frozenset({"the", "this", "these", "it", "its", "that", "they", "which", "both", "such", "said"})
_SIDE_REACH = 4


@dataclass(slots=True)
class Draft:
    """A finding in the making.

    :ivar head: the mention that names the lesion, or None where only attributes are told.
    :ivar place: where a finding lies by its name, while no mention of the place labels it (`no ascites`).
    """

    sentence: Sentence
    head: Mention | None = None
    mentions: list[Mention] = field(default_factory=list)
    places: list[Candidate] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    place: Place | None = None

    @property
    def anchor(self) -> int:
        """Index of the word that stands for the finding's place in the text."""
        return self.head.first if self.head else min((m.first for m in self.mentions), default=self.sentence.first)


def draft_findings(passage: Passage, places: list[Candidate], measured: list[tuple[int, Measurement]]) -> list[Draft]:
    """The findings of the text in order, places without a finding included."""
    drafts: list[Draft] = []
    for sentence in passage.sentences:
        mine = _of_sentence(sentence, passage.tokens.words, drafts)
        drafts += [d for d in mine if d not in drafts]
        here = [c for c in places if c.sentence is sentence]
        _hand_out(here, mine, drafts, sentence)
        lengths = [m for word, m in measured if sentence.first <= word < sentence.last]
        _measure(lengths, mine or [d for d in drafts if d.sentence is sentence], passage)
    _place_the_rest(drafts, places)
    return drafts


def _of_sentence(sentence: Sentence, words: list[str], earlier: list[Draft]) -> list[Draft]:
    """The findings that the sentence speaks of, new ones and the one of an earlier sentence that it goes on with."""
    drafts: list[Draft] = []
    waiting: list[Mention] = []
    for mention in sentence.mentions:
        if mention.excluded or not (mention.values or mention.sense.kind is Kind.FINDING):
            continue
        if _is_head(mention):
            drafts = _open(mention, sentence, words, drafts, earlier)
            drafts[-1].mentions += waiting
            waiting = []
        elif drafts and not _qualifies_next(mention, sentence, words):
            drafts[-1].mentions.append(mention)
        else:
            waiting.append(mention)
    if waiting:
        if not drafts:
            drafts = [_continued(sentence, words, earlier) or Draft(sentence)]
        drafts[-1].mentions += waiting
    return drafts


def _is_head(mention: Mention) -> bool:
    """Whether a mention names a finding: a disease, a type of finding, or that a structure is normal."""
    if mention.sense.kind is Kind.FINDING and mention.reason is None:
        return True
    names = any(v.dimension == _DIAGNOSIS for v in mention.values)
    return names and (mention.reason is None or mention.sense.kind is Kind.ANATOMY)


def _open(mention: Mention, sentence: Sentence, words: list[str], here: list[Draft], earlier: list[Draft]) -> list[Draft]:
    """A draft for head `mention`: a new one, the one that it explains (`… suggesting carcinoma`), or an earlier one."""
    if here and here[-1].head is not None and _explains(mention, here[-1].head):
        here[-1].mentions.append(mention)
        return here
    again = _continued(sentence, words, earlier) if not here and _is_anaphoric(mention, sentence, words) else None
    if again is not None and again.head is not None and mention.certainty == "present":
        again.mentions.append(mention)
        return [*here, again]
    return [*here, Draft(sentence, mention, [mention])]


def _explains(mention: Mention, head: Mention) -> bool:
    """Whether a hedged head only interprets the finding before it."""
    cue = mention.cue
    return mention.certainty == "possible" and cue is not None and head.last <= cue.first and head.certainty != "absent"


def _is_anaphoric(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    return not _ANAPHORA.isdisjoint(words[max(sentence.first, mention.first - 2) : mention.first])


def _continued(sentence: Sentence, words: list[str], earlier: list[Draft]) -> Draft | None:
    """The last finding before the sentence that it may go on with: same section, same topic, no place of its own."""
    if not earlier or earlier[-1].sentence.section != sentence.section or earlier[-1].sentence.topic is not sentence.topic:
        return None
    own = any(m.sense.kind is Kind.ANATOMY and not m.excluded for m in sentence.mentions)
    if own and words[sentence.first] not in _ANAPHORA:
        return None
    return next((d for d in reversed(earlier) if d.head is not None and d.head.certainty != "absent"), None)


def _qualifies_next(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Whether an attribute stands in the phrase of the head behind it rather than with the one before it."""
    last = mention.last
    for other in sentence.mentions:
        if other.first < mention.last:
            continue
        if other.first - last > 2 or "," in words[last : other.first]:
            return False
        if _is_head(other) and not other.excluded:
            return True
        if other.sense.kind not in {Kind.MODIFIER, Kind.VALUE, Kind.SIDE, Kind.ANATOMY, Kind.HEDGE} and other.sense.role != "And":
            return False
        last = other.last
    return False


def _hand_out(places: list[Candidate], mine: list[Draft], drafts: list[Draft], sentence: Sentence) -> None:
    """Gives every place of a sentence to the nearest finding of it, or to a finding of its own."""
    for place in places:
        near = [d for d in mine if d.sentence is sentence]
        if near:
            min(near, key=lambda d: abs(d.anchor - place.mention.first)).places.append(place)
            continue
        same = next((d for d in reversed(drafts) if any(p.place == place.place for p in d.places)), None)
        if same is not None:
            same.places.append(place)
        else:
            drafts.append(Draft(sentence, None, [], [place]))


def _measure(lengths: list[Measurement], drafts: list[Draft], passage: Passage) -> None:
    for length in lengths:
        if drafts:
            starts = passage.tokens.starts
            min(drafts, key=lambda d: abs(starts[d.anchor] - length.start)).measurements.append(length)


def _place_the_rest(drafts: list[Draft], places: list[Candidate]) -> None:
    """A finding without a place has that of its topic, of the text before it, or the only one that there is."""
    by_mention = {id(p.mention): p for p in places}
    last: Candidate | None = None
    only = places[0] if len({p.place for p in places}) == 1 else None
    for draft in drafts:
        if draft.places:
            last = draft.places[0]
        elif draft.head is not None and draft.head.sense.places:
            draft.place = draft.head.sense.places[0]
        elif draft.sentence.topic is not None and id(draft.sentence.topic) in by_mention:
            draft.places = [by_mention[id(draft.sentence.topic)]]
        elif (near := last or only) is not None:
            draft.places = [near]


def finish(draft: Draft, number: int, passage: Passage, lexicon: Lexicon, labelled: set[str]) -> Finding:
    """The finding of a draft, with its evidence.

    :param labelled: concepts that the whole text is labelled with; weak mentions outside it give no evidence.
    """
    spoken = [m for m in draft.mentions if m.values]
    certainty = draft.head.certainty if draft.head else certainty_of(spoken) if spoken else "present"
    evidence = [e for m in draft.mentions for e in _evidence(m, passage, lexicon, labelled)]
    evidence += [e for c in draft.places for e in _place_evidence(c, passage, lexicon)]
    evidence.sort(key=lambda e: (e.start, e.end, e.dimension, e.label))
    first = min((e.start for e in evidence), default=passage.tokens.starts[draft.anchor])
    last = max((e.end for e in evidence), default=passage.tokens.ends[draft.anchor])
    spans = [(m.start, m.end) for m in draft.measurements]
    return Finding(
        id=f"f{number}",
        certainty=certainty,
        section=draft.sentence.section,
        organ=_organ_label(draft),
        laterality=_laterality(draft, passage.tokens.words, lexicon),
        labels=_labels(evidence, certainty, lexicon),
        measurements=tuple(draft.measurements),
        evidence=tuple(evidence),
        start=min([first, *(s for s, _ in spans)]),
        end=max([last, *(e for _, e in spans)]),
    )


def _evidence(mention: Mention, passage: Passage, lexicon: Lexicon, labelled: set[str]) -> Iterator[Evidence]:
    start, end = passage.span(mention)
    cue = mention.cue
    words = passage.text[slice(*passage.span(cue))] if cue else None
    reason = _reason(mention)
    for value in mention.values:
        if mention.weak and value.concept not in labelled:
            continue
        key = lexicon.dimensions[value.dimension].key
        yield Evidence(
            key, value.label, value.concept, start, end, passage.text[start:end], mention.certainty, words, reason
        )


def _reason(mention: Mention) -> str | None:
    if mention.reason is not None:
        return mention.reason
    if mention.sense.kind is Kind.FINDING:
        return f"implied by {mention.sense.curie}"
    return None


def _place_evidence(candidate: Candidate, passage: Passage, lexicon: Lexicon) -> Iterator[Evidence]:
    start, end = passage.span(candidate.mention)
    reason = f"by {candidate.mention.sense.curie}"
    for value in (candidate.place.system, candidate.place.organ):
        if value is not None:
            key = lexicon.dimensions[value.dimension].key
            yield Evidence(key, value.label, value.concept, start, end, passage.text[start:end], "present", None, reason)


def _organ_label(draft: Draft) -> str | None:
    """The organ of the finding, or its body system where no organ class covers it."""
    places = [c.place for c in draft.places] + ([draft.place] if draft.place else [])
    values = [p.organ for p in places if p.organ] + [p.system for p in places if p.system]
    return values[0].label if values else None


def _laterality(draft: Draft, words: list[str], lexicon: Lexicon) -> str | None:
    """The side that stands before the finding's place or head; else the only one of its sentence; else its place's elsewhere."""
    here = [c.mention for c in draft.places if c.sentence is draft.sentence] + ([draft.head] if draft.head else [])
    for anchor in here:
        side = _side_before(anchor, draft.sentence, words, lexicon)
        if side is not None:
            return side
    sides = {str(m.sense.one("side")) for m in _sides(draft.sentence)}
    if sides:
        return sides.pop() if len(sides) == 1 else None
    elsewhere = (_side_before(c.mention, c.sentence, words, lexicon) for c in draft.places)
    return next((side for side in elsewhere if side is not None), None)


def _side_before(anchor: Mention, sentence: Sentence, words: list[str], lexicon: Lexicon) -> str | None:
    """The side that the anchor itself begins with (*right kidney*), or that stands shortly before it."""
    if words[anchor.first] in lexicon.sides:
        return lexicon.sides[words[anchor.first]]
    near = [m for m in _sides(sentence) if 0 <= anchor.first - m.last <= _SIDE_REACH]
    return str(max(near, key=lambda m: m.first).sense.one("side")) if near else None


def _sides(sentence: Sentence) -> list[Mention]:
    return [m for m in sentence.mentions if m.sense.kind is Kind.SIDE and m.excluded != "legend"]


def _labels(evidence: Iterable[Evidence], certainty: Certainty, lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Labels by dimension: what is affirmed or possible; for a denied finding, what is denied."""
    found: dict[str, set[str]] = {d.key: set() for d in lexicon.dimensions}
    for item in evidence:
        if (item.certainty == "absent") == (certainty == "absent") or item.dimension in {"body_system", "organ"}:
            found[item.dimension].add(item.label)
    return {d.key: tuple(label for label in d.labels if label in found[d.key]) for d in lexicon.dimensions}

