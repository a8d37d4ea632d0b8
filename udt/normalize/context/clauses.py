"""Cues in a language without blanks, where the scope of a cue is its clause instead of a phrase of the grammar.

A clause ends at a comma, at a verb of finding, at a word that turns, and at another cue; commas between names of
findings and the sign of a list keep it. A cue acts on what follows it in its clause or, if nothing does, on what
precedes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from udt.lexicon.senses import Kind
from udt.normalize.match.mentions import Mention
from udt.normalize.match.sentence import Sentence

Mark = Callable[[Mention, Mention], None]
"""Function that sets the certainty of a mention, the first argument, by a cue, the second."""

EXCLUDING: Final[frozenset[Kind]] = frozenset({"history", "comparison", "landmark"})
"""Kinds of cues whose scope `excluded_by` returns."""

DENIABLE: Final[frozenset[Kind]] = frozenset({"value", "attribute", "finding", "head", "modifier"})
"""Kinds of mentions that a cue of negation or of a hedge may mark."""

_CUES: Final[frozenset[Kind]] = frozenset({"negation", "hedge"})
_COMMAS: Final = frozenset({",", ";"})
_SEPARATORS: Final = frozenset({":", "|"})
_JOINING: Final = frozenset({"And", "Or"})
# Dimensions of what describes a lesion, and does not continue a list of lesions.
_DESCRIBING: Final = frozenset({"shape", "margins", "echogenicity", "vascularity"})


def mark_clauses(sentence: Sentence, words: list[str], hedge: Mark, deny: Mark) -> None:
    """Mark the mentions in the scope of each cue of a sentence: of hedges first, then of negations."""
    for kind, mark in (("hedge", hedge), ("negation", deny)):
        for k in [k for k, other in enumerate(sentence.kinds) if other == kind]:
            _apply(sentence, k, words, mark)


def excluded_by(sentence: Sentence, k: int, words: list[str]) -> list[Mention]:
    """Return the mentions that are no finding because of cue `k`: of history or advice, a comparison, a landmark."""
    mentions, cue = sentence.mentions, sentence.mentions[k]
    backward = cue.sense.role == "Backward"
    if cue.sense.kind == "history":
        if backward:
            return [m for m in _before(mentions, k, words) if _is_disease(m)]
        headed = words[cue.end : cue.end + 1] == [":"]
        return mentions[k + 1 :] if headed else list(_after(mentions, k, words))
    if cue.sense.kind == "landmark" and backward:
        return [m for m in mentions[:k] if m.end == cue.first and m.sense.kind == "anatomy"]
    found = []
    for mention in _before(mentions, k, words) if backward else _after(mentions, k, words):
        if mention.sense.role in _JOINING and backward:
            break
        if mention.sense.kind == "anatomy":
            found.append(mention)
        elif found and mention.sense.kind in DENIABLE:
            break
    return found


def _is_disease(mention: Mention) -> bool:
    """Return whether a mention is something that was there before an operation: no structure, and no operation."""
    return mention.sense.kind != "anatomy" and not mention.sense.attributes.get("treatment")


def _apply(sentence: Sentence, k: int, words: list[str], mark: Mark) -> None:
    mentions, cue = sentence.mentions, sentence.mentions[k]
    if cue.sense.role == "Prefix":
        following = [m for m in mentions[k + 1 :] if m.first - cue.end <= cue.sense.reach][:1]
        _mark([m for m in mentions if following and m.first <= following[0].first < m.end], cue, mark)
        return
    if cue.sense.role != "Backward" and _mark(_forward(mentions, k, words), cue, mark):
        return
    if not _mark(_before(mentions, k, words), cue, mark) and cue.sense.kind == "hedge":
        _mark(_part_before(mentions, k, words), cue, mark)  # a hedge after a comma: *cyst, to be excluded*


def _mark(mentions: Collection[Mention] | Iterator[Mention], cue: Mention, mark: Mark) -> bool:
    """Mark what may be there or not; return whether there was any but modifiers."""
    marked = False
    for mention in mentions:
        if mention.sense.kind in DENIABLE or mention.composed:
            mark(mention, cue)
            marked = marked or mention.sense.kind != "modifier"
    return marked


def _forward(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the mentions after cue `k` in its scope."""
    end, named, joined = mentions[k].end, False, False
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        if mention.end <= mentions[k].end:
            continue
        gap = words[end : mention.first]
        kind = mention.sense.kind
        if _ends(mention, gap) or (not _COMMAS.isdisjoint(gap) and not _continues_list(mentions, j, words)):
            return
        if kind == "anatomy" and named and not joined:
            return
        yield mention
        named = named or kind in {"finding", "value"}
        joined = mention.sense.role in _JOINING
        end = max(end, mention.end)


def _ends(mention: Mention, gap: list[str]) -> bool:
    """Return whether a scope ends before a mention that is in the same part of the sentence."""
    if not _SEPARATORS.isdisjoint(gap) or mention.sense.kind == "break" or mention.sense.kind in _CUES:
        return True
    return mention.sense.kind == "function" and mention.sense.role == "Verb"


def _continues_list(mentions: list[Mention], j: int, words: list[str]) -> bool:
    """Return whether the part of a sentence from mention `j` on is no more than names of findings."""
    end, names = mentions[j].first, False
    for mention in mentions[j:]:
        if not _COMMAS.isdisjoint(words[end : mention.first]):
            break
        if mention.sense.kind not in {"finding", "value", "neutral"} and mention.sense.role not in _JOINING:
            return False
        if mention.sense.kind == "value" and mention.sense.values[0].key in _DESCRIBING:
            return False
        names = names or mention.sense.kind in {"finding", "value"}
        end = max(end, mention.end)
    return names


def _after(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the mentions after cue `k` up to a comma, a verb or a word that turns."""
    end = mentions[k].end
    for mention in mentions[k + 1 :]:
        gap = words[end : mention.first]
        if not _COMMAS.isdisjoint(gap) or mention.sense.kind == "break" or mention.sense.role == "Verb":
            return
        yield mention
        end = max(end, mention.end)


def _before(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the mentions before cue `k` in its clause, the nearest first."""
    first = mentions[k].first
    for j in range(k - 1, -1, -1):
        mention = mentions[j]
        gap = words[mention.end : first]
        beside = j == k - 1
        if not _COMMAS.isdisjoint(gap) or (not _SEPARATORS.isdisjoint(gap) and not beside):
            return
        if mention.sense.kind == "break" or mention.sense.kind in _CUES or mention.sense.role == "Verb":
            return
        yield mention
        first = min(first, mention.first)


def _part_before(mentions: list[Mention], k: int, words: list[str]) -> Iterator[Mention]:
    """Yield the mentions of the part of the sentence before the comma that opens the clause of cue `k`."""
    first = mentions[k].first
    if first == 0 or words[first - 1] not in _COMMAS:
        return
    for mention in reversed(mentions[:k]):
        gap = words[mention.end : first]
        if mention.sense.kind in _CUES or (not _COMMAS.isdisjoint(gap) and first != mentions[k].first):
            return
        yield mention
        first = min(first, mention.first)
