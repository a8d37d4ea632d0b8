"""A sentence of a text with its mentions, its section and its topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.lexicon.senses import Kind
from udt.normalize.match.mentions import Mention

_ENDS: Final = frozenset({",", ";", "|"})


class Sentence:
    """One sentence.

    :ivar first: index of its first word.
    :ivar end: exclusive end index of its words.
    :ivar kinds: the kind of each mention.
    :ivar roles: the role of each mention.
    :ivar kind_set: all kinds; most rules test it first and skip a sentence without mentions for them.
    :ivar role_set: all roles, for the same purpose.
    :ivar sides: the mentions that name a side, without those in legends.
    :ivar section: label of its section, or None.
    :ivar section_excluded: whether the section reports no findings, but history, technique or recommendations.
    :ivar modality: the imaging or method that its section is about (`ultrasound`, `CT`, `pathology`), or None if no
        heading names one.
    :ivar headed: whether a heading opens its line, so that it is an item of its own beside the line before.
    :ivar topic: the anatomy in the heading of the sentence or of its list (`KIDNEYS: …`), or None.
    :ivar topic_side: the side in that heading (`Right lobe: …`), or None.
    :ivar row: the words of the row of a table that it is in, or None.
    :ivar attributes: the values in it that are read as attributes, apart from `mentions`, in order.
    :ivar language: the tag of its language, or None for that of the lexicon.
    :ivar support: how much of its language the ontology holds.
    :ivar divided: whether its language is written without blanks, and its clauses are divided by commas.
    :ivar composed: whether some of the mentions are compositions.
    """

    __slots__ = (
        "attributes",
        "composed",
        "divided",
        "end",
        "first",
        "headed",
        "kind_set",
        "kinds",
        "language",
        "mentions",
        "modality",
        "role_set",
        "roles",
        "row",
        "section",
        "section_excluded",
        "sides",
        "support",
        "topic",
        "topic_side",
    )

    def __init__(
        self, first: int, end: int, mentions: list[Mention], kinds: list[Kind], roles: list[str], sides: list[Mention]
    ) -> None:
        self.first, self.end = first, end
        self.mentions, self.kinds, self.roles = mentions, kinds, roles
        self.kind_set, self.role_set = frozenset(kinds), frozenset(roles)
        self.sides = sides
        self.section: str | None = None
        self.section_excluded = False
        self.modality: str | None = None
        self.headed = False
        self.topic: Mention | None = None
        self.topic_side: Mention | None = None
        self.row: range | None = None
        self.attributes: Sequence[Mention] = ()
        self.composed = False
        self.language: str | None = None
        self.support = "full"
        self.divided = False

    def replace_mentions(self, mentions: list[Mention]) -> None:
        """Replace the mentions, with their kinds and roles."""
        self.mentions = mentions
        self.kinds = [mention.sense.kind for mention in mentions]
        self.roles = [mention.sense.role for mention in mentions]
        self.kind_set, self.role_set = frozenset(self.kinds), frozenset(self.roles)


def ends_part(end: int, sentence: Sentence, words: list[str]) -> bool:
    """Return whether a part of a sentence ends before the word `end`: with the sentence, at a comma or a cell."""
    return end >= sentence.end or words[end] in _ENDS
