"""Findings that a predicate makes of a structure: *the vein is recanalised*, *suspicious left axillary node*."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.normalize.context.attributes import assess
from udt.normalize.distances import AFTER_STRUCTURE, BEFORE_STRUCTURE, PREDICATE_OPENING
from udt.normalize.findings.group import GRAMMAR, is_head
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

NORMAL_STATE = "finding:normal-finding"
"""The group of the findings that are normal states (*patent*, *compressible*)."""
_COLON: Final = ":"
# Kinds of the names that are taken.
_NAMES: Final = frozenset({"finding", "anatomy"})
_ENDS: Final = frozenset({",", _COLON})
# Kinds of mentions that end the phrase of an adjective.
_APART: Final = GRAMMAR | {"hedge"}


def predicates_in(
    ends: Iterable[int],
    sentence: Sentence,
    words: list[str],
    structures: Sequence[PlaceCandidate],
    context: Callable[[], Sequence[PlaceCandidate]],
    lexicon: Lexicon,
) -> list[tuple[Mention, PlaceCandidate]]:
    """Return the findings that the predicates of a sentence make of its structures, or of those of the context.

    Each comes with its structure.

    :param ends: the indices of its words with which a predicate may end, in order.
    :param context: function that returns the structures that the sentence may mean without naming them, the nearest
        first.
    """
    found: list[Mention] = []
    described_by: list[PlaceCandidate] = []
    for i in ends:
        for first in (i - 1, i):
            predicate = " ".join(words[max(first, sentence.first) : i + 1])
            described = lexicon.predicates.get(predicate) or lexicon.denials.get(predicate)
            if described is None or first < sentence.first or _is_taken(first, i + 1, sentence):
                continue
            if _describes_finding(i + 1, sentence, words):
                continue
            structure = _structure(first, i + 1, described, sentence, words, structures, context)
            if structure is not None:
                found.append(Mention(first, i + 1, lexicon.senses[str(_of(structure, described))]))
                described_by.append(structure)
                break
    assess(sentence, found, words)
    for mention in found:
        if words[mention.end - 1] in lexicon.denials:
            mention.certainty = "absent" if mention.certainty == "present" else "present"
            mention.cue = mention if mention.certainty == "absent" else None
        else:
            take_opposite(mention, lexicon)
    return list(zip(found, described_by, strict=True))


def take_opposite(mention: Mention, lexicon: Lexicon) -> None:
    """Replace a denied finding by the one that its denial means, if there is one: *the vein is not compressible*."""
    opposite, cue = lexicon.senses.get(mention.sense.attributes.get("opposite", ("",))[0]), mention.cue
    if opposite is None or cue is None or mention.certainty != "absent":
        return
    mention.sense, mention.values, mention.certainty = opposite, opposite.values, "present"
    mention.first, mention.end, mention.cue = min(mention.first, cue.first), max(mention.end, cue.end), None


def _is_taken(first: int, end: int, sentence: Sentence) -> bool:
    """Return whether the words belong to a mention that gives something and begins no later (*well distended*)."""
    covering = (m for m in sentence.mentions if m.first < end and m.end > first and not first < m.first)
    return any(m.values or m.sense.kind in _NAMES for m in covering)


def _describes_finding(end: int, sentence: Sentence, words: list[str]) -> bool:
    """Return whether the name of a finding follows in the same phrase (*small left hydrocele*, *small renal cyst*)."""
    following = next((m for m in sentence.mentions if m.first >= end and is_head(m)), None)
    if following is None or not _ENDS.isdisjoint(words[end : following.first]):
        return False
    return all(m.sense.kind not in _APART for m in sentence.mentions if end <= m.first < following.first)


def _structure(
    first: int,
    end: int,
    described: dict[str, str],
    sentence: Sentence,
    words: list[str],
    structures: Sequence[PlaceCandidate],
    context: Callable[[], Sequence[PlaceCandidate]],
) -> PlaceCandidate | None:
    """Return the structure of which a predicate makes a finding: the one after it, before it, or of the context."""
    after = [s for s in structures if end <= s.mention.first <= end + BEFORE_STRUCTURE]
    before = [s for s in structures if s.mention.end <= first <= s.mention.end + AFTER_STRUCTURE][-1:]
    for structure in (*after, *before):
        if _COLON not in words[structure.mention.end : first] and _of(structure, described):
            return structure
    if not structures or first <= sentence.first + PREDICATE_OPENING:
        return next((s for s in context() if _of(s, described)), None)
    return None


def _of(structure: PlaceCandidate, described: Mapping[str, str]) -> str | None:
    names = structure.mention.sense.names
    if described.keys().isdisjoint(names):
        return None
    return next(described[curie] for curie in names if curie in described)
