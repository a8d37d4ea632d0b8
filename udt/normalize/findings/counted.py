"""Structures that are findings themselves if the text speaks of them: lymph nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.normalize.findings.naming import is_counted
from udt.normalize.findings.organs import PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

# Most words before the name of what a sentence is about: its side, its level, its number.
_OPENING: Final = 4
# Kinds of mentions between *no* and the thing denied: its adjectives, and other things in a list with it.
_DENIED_BESIDE: Final = frozenset({"modifier", "side", "value", "finding", "anatomy", "length unit"})
_LISTING: Final = frozenset({"And", "Or"})
_COMMA: Final = ","


def deny_counted(structures: Sequence[PlaceCandidate], sentence: Sentence, words: list[str]) -> None:
    """Set the structures that are findings themselves and directly follow a negation to absent: *no left nodes*."""
    for structure in structures:
        cue = _negation_of(structure.mention, sentence, words) if is_counted(structure) else None
        if cue is not None:
            structure.mention.certainty, structure.mention.cue = "absent", cue


def _negation_of(named: Mention, sentence: Sentence, words: list[str]) -> Mention | None:
    """Return the negation before a name, if nothing but adjectives and items of a list is between them."""
    first = named.first
    for mention in reversed(sentence.mentions):
        if mention.end > first:
            continue
        if any(word != _COMMA for word in words[mention.end : first]):
            return None
        if mention.sense.kind == "negation":
            return mention if mention.sense.role in {"Forward", "Either"} else None
        if mention.sense.kind not in _DENIED_BESIDE and mention.sense.role not in _LISTING:
            return None
        first = mention.first
    return None


def is_about_counted(mention: Mention, structures: Sequence[PlaceCandidate], sentence: Sentence) -> bool:
    """Return whether the last structure before a mention is a finding itself, of which the sentence speaks."""
    before = [one for one in structures if one.mention.end <= mention.first]
    return bool(before) and is_counted(before[-1]) and before[-1].mention.first <= sentence.first + _OPENING
