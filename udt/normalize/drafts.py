"""Puts together what belongs together: a lesion with its attributes, its place and its measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from udt.lexicon.lexicon import Place
from udt.normalize.mention import Mention
from udt.normalize.passage import Passage, Sentence
from udt.normalize.places import Candidate
from udt.report import Measurement

_DIAGNOSIS = 2
_ANAPHORA = frozenset({"the", "this", "these", "it", "its", "that", "they", "which", "both", "such", "said"})


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
    place: Place | None = None

    @property
    def anchor(self) -> int:
        """Index of the word that stands for the finding in the text."""
        if self.head is not None:
            return self.head.first
        return min((m.first for m in self.mentions), default=self.sentence.first)


def draft_findings(passage: Passage, places: list[Candidate], measured: list[tuple[int, Measurement]]) -> list[Draft]:
    """The findings of the text in order, places without a finding included."""
    drafter = _Drafter(passage)
    by_sentence: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in places:
        by_sentence[id(candidate.sentence)].append(candidate)
    lengths = iter(measured)
    length = next(lengths, None)
    for sentence in passage.sentences:
        here = []
        while length is not None and length[0] < sentence.last:
            here.append(length[1])
            length = next(lengths, None)
        drafter.read(sentence, by_sentence.get(id(sentence), []), here)
    drafter.place_the_rest(places)
    return [d for d in drafter.drafts if d.places or d.mentions]


class _Drafter:
    """Reads a text's sentences in order and keeps what the next ones may go on with.

    :ivar recent: the last finding that the text does not deny.
    """

    def __init__(self, passage: Passage) -> None:
        self.drafts: list[Draft] = []
        self.recent: Draft | None = None
        self._by_place: dict[Place, Draft] = {}
        self._words = passage.tokens.words
        self._starts = passage.tokens.starts

    def read(self, sentence: Sentence, places: list[Candidate], lengths: list[Measurement]) -> None:
        """Add what one sentence says."""
        mine = self._findings_of(sentence)
        self.drafts += [draft for draft in mine if draft.sentence is sentence]
        mine += self._hand_out(places, [draft for draft in mine if draft.sentence is sentence], sentence)
        for length in lengths:
            if mine:
                min(mine, key=lambda d: abs(self._starts[d.anchor] - length.start)).measurements.append(length)
        for draft in mine:
            if draft.head is not None and draft.head.certainty != "absent":
                self.recent = draft

    def _findings_of(self, sentence: Sentence) -> list[Draft]:
        """The findings that the sentence speaks of: new ones, and the one of an earlier sentence that it goes on with."""
        drafts: list[Draft] = []
        waiting: list[Mention] = []
        for mention in sentence.mentions:
            if mention.excluded or not (mention.values or mention.sense.kind == "finding"):
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
        again = self._continued(sentence) if not here and self._is_anaphoric(mention, sentence) else None
        if again is not None and mention.certainty == "present":
            again.mentions.append(mention)
            return [*here, again]
        return [*here, Draft(sentence, mention, [mention])]

    def _is_anaphoric(self, mention: Mention, sentence: Sentence) -> bool:
        return not _ANAPHORA.isdisjoint(self._words[max(sentence.first, mention.first - 2) : mention.first])

    def _continued(self, sentence: Sentence) -> Draft | None:
        """The last finding that the sentence may go on with: same section, same topic, no place of its own."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        own = any(m.sense.kind == "anatomy" and not m.excluded for m in sentence.mentions)
        return None if own and self._words[sentence.first] not in _ANAPHORA else self.recent

    def _hand_out(self, places: Iterable[Candidate], mine: list[Draft], sentence: Sentence) -> list[Draft]:
        """Gives every place to the nearest finding of its sentence, else to one with that place; new drafts for the rest."""
        opened: list[Draft] = []
        for candidate in places:
            if mine:
                draft = min(mine, key=lambda d: abs(d.anchor - candidate.mention.first))
            else:
                found = self._by_place.get(candidate.place)
                draft = found or Draft(sentence)
                opened += [] if found else [draft]
            draft.places.append(candidate)
            self._by_place[candidate.place] = draft
        self.drafts += opened
        return opened

    def place_the_rest(self, places: list[Candidate]) -> None:
        """A finding without a place has the one of its name, of its topic, of the text before it, or the only one there is."""
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
    names = any(v.dimension == _DIAGNOSIS for v in mention.values)
    return names and (mention.reason is None or mention.sense.kind == "anatomy")


def _explains(mention: Mention, head: Mention) -> bool:
    """Whether a hedged head only interprets the finding before it."""
    cue = mention.cue
    return mention.certainty == "possible" and cue is not None and head.last <= cue.first and head.certainty != "absent"


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
        if other.sense.kind not in {"modifier", "value", "side", "anatomy", "hedge"} and other.sense.role != "And":
            return False
        last = other.last
    return False
