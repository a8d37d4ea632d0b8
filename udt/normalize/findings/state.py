"""The findings of a text so far, which its next sentence may continue."""

from __future__ import annotations

from udt.lexicon.lexicon import Lexicon
from udt.normalize.findings.context import TextContext
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.organs import PlaceCandidate, Places
from udt.normalize.match.mentions import side_of
from udt.normalize.match.passage import Passage
from udt.normalize.match.sentence import Sentence


class TextFindings:
    """The findings of a text so far, and what its present sentence speaks of.

    :ivar groups: all findings so far.
    :ivar recent: the last finding with a head that the text does not deny, or None.
    :ivar examined: the structures of the present sentence.
    :ivar described_by: the structure that each predicate of the sentence describes, by the `id` of its mention.
    :ivar named_members: the `id` of each mention of one lesion of several.
    """

    def __init__(self, passage: Passage, places: Places, lexicon: Lexicon) -> None:
        self.passage = passage
        self.words = passage.tokens.words
        self.lexicon = lexicon
        self.context = TextContext(passage, places, lexicon)
        self.groups: list[MentionGroup] = []
        self.recent: MentionGroup | None = None
        self.examined: list[PlaceCandidate] = []
        self.described_by: dict[int, PlaceCandidate] = {}
        self.named_members: set[int] = set()

    def continued(self, sentence: Sentence) -> MentionGroup | None:
        """Return the last finding if the sentence may continue it: same section and topic, and no other place."""
        if self.recent is None:
            return None
        before = self.recent.sentence
        if sentence.row is not before.row or self.context.is_numbered(sentence):
            return None
        if before.section != sentence.section or before.topic is not sentence.topic:
            return None
        side = self.context.topic_side()
        if side is not None and self.recent.laterality != side_of(side):
            return None  # R: hydrocele. L: normal.
        if sentence.roles[:1] == ["Anaphor"]:
            return self.recent
        known = {self.context.own_place(structure) for structure in self.recent.places}
        places = {p for m in sentence.mentions if m.sense.kind == "anatomy" and not m.excluded for p in m.sense.places}
        places |= {self.context.own_place(s) for s in self.examined}
        return self.recent if places <= known else None
