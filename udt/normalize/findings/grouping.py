"""Puts together what belongs together: a lesion with its attributes, its place and its measurements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from udt.core.report import Measurement
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place
from udt.normalize.context.laterality import side_before
from udt.normalize.findings.organs import Candidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence

_PHRASE_GAP = 2
_IN_PHRASE = frozenset({"modifier", "value", "side", "anatomy", "hedge", "length unit"})
_ANAPHORA = frozenset({"Anaphor", "Definite"})
_ANAPHOR_REACH = 2
_SIDE_REACH = 3
_JOINTS = frozenset({"And", "Or", "With"})
_BREAKS = frozenset({",", ")", "("})
_LENGTH_REACH = 4


@dataclass(slots=True, eq=False)
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
    sides: list[Mention] = field(default_factory=list)
    place: Place | None = None

    @property
    def anchor(self) -> int:
        """Index of the word that stands for the finding in the text."""
        if self.head is not None:
            return self.head.at
        here = [c.mention.first for c in self.places if c.sentence is self.sentence]
        return min([*(m.first for m in self.mentions), *here], default=self.sentence.first)


def draft_findings(
    passage: Passage, places: list[Candidate], measured: list[tuple[int, Measurement]], lexicon: Lexicon
) -> list[Draft]:
    """The findings of the text in order, places without a finding included."""
    drafter = _Drafter(passage, lexicon)
    by_sentence: dict[int, list[Candidate]] = {}
    for candidate in places:
        by_sentence.setdefault(id(candidate.sentence), []).append(candidate)
    lengths = iter(measured)
    length = next(lengths, None)
    for sentence in passage.sentences:
        here: list[tuple[int, Measurement]] = []
        while length is not None and length[0] < sentence.last:
            here.append(length)
            length = next(lengths, None)
        drafter.read(sentence, by_sentence.get(id(sentence), []), here)
    drafter.place_the_rest(places)
    return [d for d in drafter.drafts if d.places or d.mentions]


class _Drafter:
    """Reads a text's sentences in order and keeps what the next ones may go on with.

    :ivar recent: the last finding that the text does not deny.
    """

    def __init__(self, passage: Passage, lexicon: Lexicon) -> None:
        self.drafts: list[Draft] = []
        self.recent: Draft | None = None
        self._by_place: dict[tuple[Place, str | None], Draft] = {}
        self._words = passage.tokens.words
        self._sides = lexicon.sides

    def read(self, sentence: Sentence, places: list[Candidate], lengths: list[tuple[int, Measurement]]) -> None:
        """Add what one sentence says."""
        mine = self._findings_of(sentence)
        new = [draft for draft in mine if draft.sentence is sentence]
        self.drafts += new
        mine += self._hand_out(places, new, sentence)
        if lengths and not mine:
            again = self._continued(sentence)
            mine = [again] if again is not None else []
        for word, length in lengths:
            if mine:
                self._measured(word, mine, sentence).measurements.append(length)
        for side in sentence.sides if mine else ():
            _nearest(side, mine).sides.append(side)
        for draft in mine:
            if draft.head is not None and draft.head.certainty != "absent":
                self.recent = draft

    def _measured(self, word: int, drafts: list[Draft], sentence: Sentence) -> Draft:
        """The finding of a length: the one it stands right before (*a 3 cm cyst*), else the last one before it."""
        for draft in drafts:
            anchor = draft.anchor
            if draft.head is None or not 0 < anchor - word <= _LENGTH_REACH:
                continue
            joined = any(m.sense.role in _JOINTS for m in sentence.mentions if word < m.first < anchor)
            if not joined and _BREAKS.isdisjoint(self._words[word + 1 : anchor]):
                return draft
        before = [draft for draft in drafts if draft.anchor <= word]
        return max(before, key=lambda d: d.anchor) if before else drafts[0]

    def _findings_of(self, sentence: Sentence) -> list[Draft]:
        """What the sentence speaks of: new findings, and the one of an earlier sentence that it goes on with."""
        drafts: list[Draft] = []
        waiting: list[Mention] = []
        for mention in [m for m in sentence.mentions if m.values or m.sense.kind == "finding"]:
            if mention.excluded:
                continue
            if _is_head(mention):
                drafts = self._open(mention, sentence, drafts)
                drafts[-1].mentions += waiting
                waiting = []
            elif drafts and not _qualifies_next(mention, sentence, self._words):
                drafts[-1].mentions.append(mention)
            else:
                waiting.append(mention)
        if waiting:
            drafts = drafts or [self._continued(sentence) or Draft(sentence)]
            drafts[-1].mentions += waiting
        return drafts

    def _open(self, mention: Mention, sentence: Sentence, here: list[Draft]) -> list[Draft]:
        """A draft for a head: a new one, the one that it explains (`… suggesting carcinoma`), or an earlier one."""
        if here and here[-1].head is not None and _explains(mention, here[-1].head):
            here[-1].mentions.append(mention)
            return here
        if not here and mention.certainty == "present":
            again = self._continued(sentence)
            if again is not None and self._is_anaphoric(mention, sentence):
                again.mentions.append(mention)
                return [again]
        return [*here, Draft(sentence, mention, [mention])]

    def _is_anaphoric(self, mention: Mention, sentence: Sentence) -> bool:
        """Whether a head takes up an earlier finding: *the lesion*, *this mass*; not *the second nodule*, *a cyst*."""
        if mention.reason is not None:
            return False
        near = [
            m for m in sentence.mentions if 0 <= mention.first - m.last <= _ANAPHOR_REACH and m.sense.kind == "function"
        ]
        roles = {m.sense.role for m in near}
        return not roles.isdisjoint(_ANAPHORA) and "Distinct" not in roles

    def _continued(self, sentence: Sentence) -> Draft | None:
        """The last finding that the sentence may go on with: same section, same topic, no other place of its own."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        refers = bool(sentence.mentions) and sentence.mentions[0].sense.role == "Anaphor"
        known = {candidate.place for candidate in self.recent.places}
        places = {p for m in sentence.mentions if m.sense.kind == "anatomy" and not m.excluded for p in m.sense.places}
        return self.recent if refers or places <= known else None

    def _hand_out(self, places: Iterable[Candidate], mine: list[Draft], sentence: Sentence) -> list[Draft]:
        """Gives a place to the nearest finding of its sentence, else to one there on its side, else to a new draft."""
        opened: list[Draft] = []
        for candidate in places:
            key = (candidate.place, side_before(candidate.mention, candidate.sentence, self._words, self._sides))
            if mine:
                draft = mine[0]
                if len(mine) > 1:
                    draft = min(mine, key=lambda d: abs(d.anchor - candidate.mention.first))
            else:
                found = self._by_place.get(key)
                draft = found or Draft(sentence)
                opened += [] if found else [draft]
            draft.places.append(candidate)
            self._by_place[key] = draft
        self.drafts += opened
        return opened

    def place_the_rest(self, places: list[Candidate]) -> None:
        """A finding without a place has that of its name, of its topic, of the text before it, or the only one."""
        if all(draft.places for draft in self.drafts):
            return
        by_mention = {id(p.mention): p for p in places}
        last = places[0] if len({p.place for p in places}) == 1 else None
        for draft in self.drafts:
            if draft.places:
                last = draft.places[0]
            elif draft.head is not None and draft.head.sense.places:
                draft.place = draft.head.sense.places[0]
            elif draft.sentence.topic is not None and id(draft.sentence.topic) in by_mention:
                draft.places = [by_mention[id(draft.sentence.topic)]]
            elif last is not None:
                draft.places = [last]


def _is_head(mention: Mention) -> bool:
    """Whether a mention names a finding: a disease, a type of finding, or that a structure is normal."""
    if mention.sense.kind == "finding" and mention.reason is None:
        return True
    return mention.diagnoses and (mention.reason is None or mention.sense.kind in {"anatomy", "head"})


def _nearest(side: Mention, drafts: list[Draft]) -> Draft:
    """The finding that a side belongs to: the one whose name it stands before, else the last one before it."""
    if len(drafts) == 1:
        return drafts[0]
    behind = [d for d in drafts if 0 <= d.anchor - side.last <= _SIDE_REACH]
    if behind:
        return behind[0]
    before = [d for d in drafts if d.anchor <= side.first]
    return max(before, key=lambda d: d.anchor) if before else drafts[0]


def _explains(mention: Mention, head: Mention) -> bool:
    """Whether a hedged head only interprets the finding before it."""
    cue = mention.cue
    return mention.certainty == "possible" and cue is not None and head.last <= cue.first and head.certainty != "absent"


def _qualifies_next(mention: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Whether an attribute stands in the phrase of the head behind it rather than with the one before it."""
    last = mention.last
    for other in sentence.mentions:
        if other.first < mention.first or other is mention:
            continue
        if other.last <= mention.last:  # what the attribute was composed of
            if _is_head(other) and not other.excluded and other.first > mention.first:
                return True
            continue
        if other.first - last > _PHRASE_GAP or "," in words[last : other.first]:
            return False
        if _is_head(other) and not other.excluded:
            return True
        if other.sense.kind not in _IN_PHRASE and other.sense.role != "And":
            return False
        last = other.last
    return False
