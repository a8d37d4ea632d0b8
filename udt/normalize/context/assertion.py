"""Decides for every mention whether the text affirms it, holds it possible, or denies it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_DENIABLE = {"value", "finding", "head", "modifier"}
_TELLING = frozenset({"Verb", "Participle", "Copula"})
_NEXT_ONLY = {"Prefix": 2, "Joined": 0}
_FARTHEST = 30

Marker = Callable[[Mention, Mention], None]


def assert_all(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Sets certainty and cue of every mention of the sentence."""
    mentions, kinds = sentence.mentions, sentence.kinds
    if "hedge" in kinds:
        for k in [k for k, kind in enumerate(kinds) if kind == "hedge"]:
            _apply(sentence, k, words, _hedge)
    if "negation" in kinds:
        for k in [k for k, kind in enumerate(kinds) if kind == "negation"]:
            _apply(sentence, k, words, _deny)
    if "head" in kinds:
        for mention in [m for m in mentions if m.certainty == "absent"]:
            if mention.sense.kind == "head" and not _is_qualified(mention, mentions):
                _negated_head(mention, lexicon)


def _is_qualified(head: Mention, mentions: list[Mention]) -> bool:
    """Whether a modifier is denied with the head, and not the head itself (*without increased flow*)."""
    return any(m.composed and m.first <= head.first and head.last <= m.last for m in mentions)


def _deny(mention: Mention, cue: Mention) -> None:
    mention.certainty, mention.cue = "absent", cue


def _hedge(mention: Mention, cue: Mention) -> None:
    if mention.certainty == "present":
        mention.certainty, mention.cue = "possible", cue


def _negated_head(mention: Mention, lexicon: Lexicon) -> None:
    """`no flow` is a value of its own (no vascularity), and present."""
    value = next((lexicon.negated_heads[h] for h in mention.sense.heads if h in lexicon.negated_heads), None)
    if value is not None and mention.reason is None:
        mention.values, mention.certainty = (value,), "present"


def _apply(sentence: Sentence, k: int, words: list[str], mark: Marker) -> None:
    mentions, cue = sentence.mentions, sentence.mentions[k]
    role = cue.sense.role
    closes = cue.last >= sentence.last and cue.sense.kind == "negation"  # "Ascites: no."
    if role in _NEXT_ONLY:
        _prefix(mentions, k, mark, _NEXT_ONLY[role])
    elif role == "Backward":
        _backward(mentions, k, words, mark)
    elif role == "Both":
        _forward(mentions, k, words, mark)
        _backward(mentions, k, words, mark)
    elif not _forward(mentions, k, words, mark) and (role == "Either" or closes):
        _backward(mentions, k, words, mark)


def _prefix(mentions: list[Mention], k: int, mark: Marker, reach: int) -> None:
    """The next phrase alone: what starts at the next mention, if it is near, and what is composed of it."""
    following = mentions[k + 1] if k + 1 < len(mentions) else None
    if following is None or following.first - mentions[k].last > reach:
        return
    for mention in mentions:
        composed = mention.composed and mention.first <= following.first < mention.last
        if (mention.first == following.first or composed) and mention.sense.kind in _DENIABLE | {"anatomy"}:
            mark(mention, mentions[k])


def _forward(mentions: list[Mention], k: int, words: list[str], mark: Marker) -> bool:
    """Marks what follows cue `k` up to the end of its scope; whether there was anything to mark."""
    cue = mentions[k]
    last = cue.last
    anything = told = False
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        gap = words[last : mention.first]
        if mention.sense.kind == "break" and "," in gap and words[mention.last : mention.last + 1] == [","]:
            last = mention.last + 1  # an interjection: "no evidence, however, of a mass"
            continue
        if _scope_ends(mentions, k, j, gap, told) or mention.first - cue.last > _FARTHEST:
            break
        if mention.sense.role in _TELLING:
            if _new_clause(mentions, k, j):
                break
            told = True
        if (mention.sense.kind in _DENIABLE or mention.composed) and mention.first >= cue.last:
            mark(mention, cue)
            anything = anything or mention.sense.kind != "modifier"
        last = max(last, mention.last)
    return anything


def _scope_ends(mentions: list[Mention], k: int, j: int, gap: list[str], told: bool) -> bool:
    mention, hedging = mentions[j], mentions[k].sense.kind == "hedge"
    kind, role = mention.sense.kind, mention.sense.role
    if kind == "break" or (":" in gap and not (hedging and j == k + 1)):
        return True
    if kind == "landmark" or (role == "Preposition" and (j > k + 1 or gap)):
        return True
    if kind in {"negation", "hedge"} and not hedging and role == "Forward" and "," in gap:
        return True
    if role == "With" and ("," in gap or mentions[j - 1].sense.role == "And" or hedging):
        return True
    if role in {"Relative", "Anaphor"} and hedging:
        return True
    if role == "And" and "," in gap and j + 1 < len(mentions) and mentions[j + 1].sense.role in {"Article", "Definite"}:
        return True
    if hedging and "," in gap and not _names_only(mentions, j):
        return True
    return ("," in gap or role == "And") and _clause_follows(mentions, j, told)


def _names_only(mentions: list[Mention], j: int) -> bool:
    """Whether the segment that mention `j` opens names findings and describes nothing."""
    for mention in mentions[j:]:
        if mention.sense.role in {"And", "Or"}:
            break
        if mention.sense.role in _TELLING:
            return False
    return mentions[j].sense.kind in {"finding", "anatomy", "hedge"} or mentions[j].sense.role in {"And", "Or"}


def _clause_follows(mentions: list[Mention], j: int, told: bool) -> bool:
    """Whether the segment that opens at mention `j` is a clause of its own, not the rest of a list.

    *no mass, cyst or collection is seen* is one list with one verb; *no mass, and the liver is bright* are two clauses.
    """
    start = j + 1 if mentions[j].sense.role == "And" else j
    for i in range(start, len(mentions)):
        role = mentions[i].sense.role
        if role == "And":
            return False
        if role == "Copula":
            return told or not _says_seen(mentions, i)
        if role in _TELLING:
            return told or role == "Verb"
    return False


def _says_seen(mentions: list[Mention], i: int) -> bool:
    """Whether the copula `i` only leads to *seen*, *noted*, *identified*."""
    following = mentions[i + 1] if i + 1 < len(mentions) else None
    return following is not None and (following.sense.role in _TELLING or following.sense.kind == "negation")


def _new_clause(mentions: list[Mention], k: int, j: int) -> bool:
    """Whether the verb `j` has a subject of its own behind cue `k` (`No stones left kidney shows a cyst`)."""
    if mentions[j].sense.role != "Verb" or mentions[j - 1].sense.role == "Copula":
        return False
    return mentions[j - 1].sense.kind == "anatomy" and j - k > 2


def _backward(mentions: list[Mention], k: int, words: list[str], mark: Marker) -> None:
    """Marks what precedes cue `k` back to the start of its clause."""
    first = mentions[k].first
    for j in range(k - 1, -1, -1):
        mention = mentions[j]
        gap = words[mention.last : first]
        kind, role = mention.sense.kind, mention.sense.role
        if (
            kind == "break"
            or (":" in gap and j < k - 1)
            or role == "Relative"
            or (kind == "function" and role == "Verb")
        ):
            return
        if "," in gap and (mentions[k].sense.role == "Both" or not _lists_back(mentions, j)):
            return
        if kind in {"negation", "pseudo"}:
            return
        if role == "Copula" and first - mention.last > 1:
            return
        if kind in _DENIABLE or mention.composed:
            mark(mention, mentions[k])
        first = min(first, mention.first)


def _lists_back(mentions: list[Mention], j: int) -> bool:
    """Whether the comma behind mention `j` is one of a list: no verb stands before it in its sentence."""
    return not any(m.sense.role in _TELLING for m in mentions[: j + 1])


def strongest(found: Collection[Certainty]) -> Certainty:
    """The strongest of some certainties: present, then possible, then absent; present where there is none."""
    if "present" in found or not found:
        return "present"
    return "possible" if "possible" in found else "absent"
