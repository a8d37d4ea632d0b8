"""The labels of a text: those of its mentions and of its selected places, by certainty."""

from __future__ import annotations

from collections.abc import Iterable

from udt.core.report import Certainty
from udt.lexicon.senses import FALLBACK, FULL, Value
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.organs import PlaceCandidate, is_in_examined_place
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage, Sentence


class TextLabels:
    """The labels of a text.

    :ivar given: labels that are present or possible.
    :ivar possible: the given labels whose mentions are all hedged.
    :ivar absent: labels that are denied and not given.
    """

    __slots__ = ("absent", "given", "possible")

    def __init__(self, given: set[Value], possible: set[Value], absent: set[Value]) -> None:
        self.given, self.possible, self.absent = given, possible, absent


def collect_labels(passage: Passage, places: list[PlaceCandidate]) -> TextLabels:
    """Collect the labels of all mentions that count, and of the selected places.

    A label of fallback weight is added if its dimension would have no label without it.
    """
    present: set[Value] = set()
    hedged: set[Value] = set()
    denied: set[Value] = set()
    affirmed: set[Value] = set()
    fallback: list[tuple[set[Value], Value]] = []
    by_certainty: dict[Certainty, set[Value]] = {"present": present, "possible": hedged, "absent": denied}
    for sentence in passage.sentences:
        for mention in [m for m in sentence.mentions if m.values]:
            if not mention.excluded and mention.certainty != "unknown":
                target = by_certainty[mention.certainty]
                if target is present:
                    affirmed.update(mention.values)
                counts = mention.weight is FULL or mention.certainty == "absent" or _counts(mention, sentence, places)
                if counts:
                    target.update(mention.values)
                elif counts is None:
                    fallback += [(target, value) for value in mention.values]
    for candidate in places:
        if candidate.mention.certainty == "unknown":
            continue
        sure = candidate.mention.sense.kind == "anatomy" or candidate.mention.certainty != "possible"
        (present if sure else hedged).update(candidate.place.values)
    labelled = {value.dimension for value in present | hedged} if fallback else set()
    for target, value in fallback:
        if value.dimension not in labelled:
            target.add(value)
    given = present | hedged
    return TextLabels(given, hedged - present - affirmed, denied - given)


def add_attributes(labels: TextLabels, groups: Iterable[MentionGroup]) -> None:
    """Add the attributes of all findings to the labels of the text."""
    found = [attribute for group in groups for attribute in group.attributes]
    sure = {value for attribute in found if attribute.certainty == "present" for value in attribute.values}
    labels.given.update(sure)
    if len(sure) < len(found):
        others = [(attribute.certainty, value) for attribute in found for value in attribute.values]
        labels.possible.update(v for certainty, v in others if certainty == "possible" and v not in labels.given)
        labels.given.update(labels.possible)
        labels.absent.update(v for certainty, v in others if certainty == "absent" and v not in labels.given)


def _counts(mention: Mention, sentence: Sentence, places: list[PlaceCandidate]) -> bool | None:
    """Return whether a mention of less than full weight gives labels; None if only without others of its dimension."""
    if mention.weight is FALLBACK:
        return None
    return is_in_examined_place(mention, sentence, places)
