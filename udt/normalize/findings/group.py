"""The mentions of one finding."""

from __future__ import annotations

from typing import Final

from udt.core.report import Time
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

ENLARGEMENT: Final = "finding:enlargement"
NORMAL: Final = "udaf:diagnosis.normal-appearance"
# The finding that the word for any lesion names.
GENERIC_FINDING: Final = "finding:lesion"
# Kinds of mentions that separate parts of a sentence, and those that end a noun phrase.
SCOPES: Final = frozenset({"break", "negation"})
GRAMMAR: Final = SCOPES | {"function"}
# Dimensions whose values are things that may be there or not.
THINGS: Final = frozenset({"internal_characteristics", "posterior_acoustics"})


class MentionGroup:
    """The mentions that make up one finding.

    :ivar sentence: the sentence that introduces the finding.
    :ivar head: the mention that names the lesion, or None if there are attributes or places only.
    :ivar places: the structures of the finding, the nearest first; those of a sentence without findings are a group of
        their own.
    :ivar implied_place: the place that the name of the finding implies if `places` is empty (`no ascites`), or None.
    :ivar interpretations: names of findings that the text offers for it (*suggesting carcinoma*).
    :ivar attributes: the values that are read as attributes of the finding.
    :ivar laterality: the side of the finding, or None.
    :ivar side: the mention that names the side, or None if it is part of the name of a structure.
    :ivar time: whether the text speaks of it as present now or earlier; one of earlier gives no labels.
    :ivar referent: the earlier finding to which its name refers (*the nodules*), or None.
    :ivar added: whether it was made for attributes of a structure which no other finding has, or is the heading of a
        list whose items are named themselves, so that it is a finding with something of its own only.
    """

    __slots__ = (
        "added",
        "attributes",
        "head",
        "implied_place",
        "interpretations",
        "laterality",
        "measurements",
        "mentions",
        "places",
        "referent",
        "sentence",
        "side",
        "time",
    )

    def __init__(
        self,
        sentence: Sentence,
        head: Mention | None = None,
        mentions: list[Mention] | None = None,
        *,
        places: list[PlaceCandidate] | None = None,
    ) -> None:
        self.sentence = sentence
        self.head = head
        own: list[Mention] = [] if head is None else [head]
        self.mentions = own if mentions is None else mentions
        self.places: list[PlaceCandidate] = [] if places is None else places
        self.measurements: list[ReadMeasurement] = []
        self.interpretations: list[Mention] = []
        self.implied_place: Place | None = None
        self.attributes: list[Mention] = []
        self.laterality: str | None = None
        self.side: Mention | None = None
        self.time: Time = "current"
        self.referent: MentionGroup | None = None
        self.added = False

    @property
    def anchor(self) -> int:
        """Index of the word that represents the finding in distances: that of its head, else its first word."""
        if self.head is not None:
            return self.head.anchor
        words = [m.first for m in self.mentions or self.attributes]
        words += [c.mention.first for c in self.places if c.sentence is self.sentence]
        return min(words) if words else self.sentence.first

    @property
    def own_organ(self) -> str | None:
        """CURIE of the organ that the name implies if that has another class in this patient: the spleen of a child."""
        head, implied = self.head, self.implied_place
        if head is None or implied is None or not head.sense.places or head.sense.places[0] is implied:
            return None
        organ = head.sense.places[0].organ
        return organ.concept if organ is not None else None

    @property
    def is_structure(self) -> bool:
        """Whether it only names or measures a structure."""
        return not self.mentions and not self.attributes


def place_by_definition(group: MentionGroup, lexicon: Lexicon) -> Place | None:
    """Return the place of the structure in which a finding is by definition, which gives no label (*splenectomy*)."""
    site = lexicon.structures.get(group.head.sense.curie) if group.head is not None else None
    return lexicon.place(site) if site is not None else None


def is_head(mention: Mention) -> bool:
    """Return whether a mention names a finding: a disease, a type of lesion, or the normality of a structure."""
    if mention.sense.kind == "finding" and mention.reason is None:
        return True
    return (
        bool(mention.values)
        and mention.diagnoses
        and (mention.reason is None or mention.sense.kind in {"anatomy", "head"})
    )


def is_normal(mention: Mention) -> bool:
    """Return whether a mention is no more than the normality of a structure."""
    return [value.concept for value in mention.values] == [NORMAL]


def is_lesion(mention: Mention) -> bool:
    """Return whether a mention names a focal finding."""
    if mention.sense.kind == "value":
        return mention.diagnoses and mention.sense.curie != NORMAL
    return mention.sense.focal


def is_state(mention: Mention) -> bool:
    """Return whether a mention affirms a state of a structure, and names nothing focal: *patent*, *dilated*."""
    if mention.sense.kind != "finding" or mention.certainty == "absent":
        return False
    return not mention.sense.focal and not mention.diagnoses


def hedge_of(mention: Mention) -> Mention | None:
    """Return the cue that hedges a mention, or None if it is not held possible."""
    return mention.cue if mention.certainty == "possible" else None


def is_denied(group: MentionGroup) -> bool:
    """Return whether the name of a finding, or all that describes it, is denied."""
    named = [group.head] if group.head is not None else group.mentions
    return all(mention.certainty == "absent" for mention in named)
