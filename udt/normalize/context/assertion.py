"""Assertion: whether the text affirms each mention, holds it possible, or denies it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.mentions import COMPOSED, Mention
from udt.normalize.match.passage import Sentence

_DENIABLE = {"value", "attribute", "finding", "head", "modifier"}
_VERBS = frozenset({"Verb", "Participle", "Copula"})
# Cues that reach the next phrase only: role to the most words between the cue and the phrase.
_NEXT_PHRASE_ONLY = {"Prefix": 2, "Joined": 0}
# Most words from the start of a scope to a mention in it.
_LONGEST_SCOPE = 30
# Mentions after the cue before which a verb belongs to the cue's own phrase, not to a second clause.
_SHORTEST_CLAUSE = 2

# The cue that a question mark is.
_QUESTION = "cue:hedge.possible"
# Sign between the cells of a table, and the signs that no scope crosses but to the cell beside the cue.
_CELL = "|"
_CELL_SIGNS = frozenset({":", _CELL})
# Signs before and after a cue that answers for what precedes it.
_MARKS_OF_ANSWER = frozenset({":", "-", "=", "(", _CELL})
_ENDS_OF_ANSWER = frozenset({",", ")", "/", "-", _CELL})

Mark = Callable[[Mention, Mention], None]
"""Function that sets the certainty of a mention, the first argument, by a cue, the second."""


def assign_certainty(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Set the certainty and the cue of every mention of the sentence; negations override hedges."""
    mentions, kinds = sentence.mentions, sentence.kinds
    apply_cues(sentence, words, _hedge, _deny)
    if _is_asked(sentence, words):
        _hedge_question(sentence, words, lexicon)
    if "head" in kinds:
        for mention in [m for m in mentions if m.certainty == "absent" and m.reason in {None, COMPOSED}]:
            if mention.composed:
                _affirm_negated(mention, _modifier_of(mention, mentions), lexicon)
            elif mention.sense.kind == "head" and not _is_qualified(mention, mentions):
                _affirm_negated(mention, None, lexicon)


def apply_cues(sentence: Sentence, words: list[str], hedge: Mark, deny: Mark) -> None:
    """Mark the mentions in the scope of each cue of the sentence: of hedges first, then of negations."""
    kinds = sentence.kinds
    if "hedge" in kinds:
        for k in [k for k, kind in enumerate(kinds) if kind == "hedge"]:
            _apply_cue(sentence, k, words, deny if _is_denied(sentence.mentions, k) else hedge)
    if "negation" in kinds:
        for k in [k for k, kind in enumerate(kinds) if kind == "negation"]:
            _apply_cue(sentence, k, words, deny)


def _is_asked(sentence: Sentence, words: list[str]) -> bool:
    """Return whether a question mark ends the sentence (`Abscess?`, `Abscess (?)`), and hedges no next word."""
    end = sentence.end
    return words[end : end + 1] == ["?"] and (words[end - 1] != "(" or words[end + 1 : end + 2] == [")"])


def _hedge_question(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Hedge the findings that the last part of a question names."""
    mark = Mention(sentence.end, sentence.end + 1, lexicon.senses[_QUESTION])
    first = mark.first
    for mention in reversed(sentence.mentions):
        if mention.sense.kind == "break" or "," in words[mention.end : first]:
            return
        if mention.sense.kind == "finding" or mention.diagnoses:
            _hedge(mention, mark)
        first = min(first, mention.first)


def _is_denied(mentions: list[Mention], k: int) -> bool:
    """Return whether *not* directly precedes hedge `k`: what is *not suspicious for* a mass is none."""
    before = mentions[k - 1] if k else None
    return before is not None and before.sense.role == "Prefix" and before.end == mentions[k].first


def _is_qualified(head: Mention, mentions: list[Mention]) -> bool:
    """Return whether the denial is of a modifier of the head instead of the head (*without increased flow*)."""
    return any(m.composed and m.first <= head.first and head.end <= m.end for m in mentions)


def _deny(mention: Mention, cue: Mention) -> None:
    mention.certainty, mention.cue = "absent", cue


def _hedge(mention: Mention, cue: Mention) -> None:
    if mention.certainty == "present":
        mention.certainty, mention.cue = "possible", cue


def _modifier_of(composed: Mention, mentions: list[Mention]) -> str | None:
    """Return the CURIE of the modifier of a composition, which is at one of its ends, or None."""
    ends = (m for m in mentions if not m.composed and (m.first == composed.first or m.end == composed.end))
    return next((m.sense.curie for m in ends if m.sense.kind == "modifier"), None)


def _affirm_negated(mention: Mention, modifier: str | None, lexicon: Lexicon) -> None:
    """Give a denied head the value that its negation means, if there is one, and affirm it: `no flow`.

    :param modifier: CURIE of the modifier of a composition (`no abnormal flow`); None for a head alone.
    """
    heads = mention.sense.heads
    value = next((lexicon.negations[modifier, h] for h in heads if (modifier, h) in lexicon.negations), None)
    if value is not None:
        mention.values, mention.certainty = (value,), "present"


def _apply_cue(sentence: Sentence, k: int, words: list[str], mark: Mark) -> None:
    """Mark the mentions in the scope of cue `k`, in the direction that its role gives."""
    mentions, cue = sentence.mentions, sentence.mentions[k]
    role = cue.sense.role
    ends_sentence = cue.end >= sentence.end and cue.sense.kind == "negation"  # "Ascites: no."
    if role in _NEXT_PHRASE_ONLY:
        _mark_next_phrase(mentions, k, mark, _NEXT_PHRASE_ONLY[role])
    elif role == "Backward" or _is_answer(sentence, cue, words):
        _mark_backward(mentions, k, words, mark)
    elif role == "Both":
        _mark_forward(mentions, k, words, mark)
        _mark_backward(mentions, k, words, mark)
    elif not _mark_forward(mentions, k, words, mark) and (role == "Either" or ends_sentence):
        _mark_backward(mentions, k, words, mark)


def _is_answer(sentence: Sentence, cue: Mention, words: list[str]) -> bool:
    """Return whether a cue speaks of what precedes it alone: it ends its part of a list, a table or brackets.

    *Hilum lost, hypoechoic*; `Ascites: no, effusion: small`; `Nodes | none | normal`; `Abscess (possible)`.
    """
    ends = cue.end >= sentence.end or words[cue.end] in _ENDS_OF_ANSWER
    if not ends:
        return False
    after_mark = cue.first > sentence.first and words[cue.first - 1] in _MARKS_OF_ANSWER
    return after_mark or (cue.sense.role == "Either" and cue.end < sentence.end)


def _mark_next_phrase(mentions: list[Mention], k: int, mark: Mark, reach: int) -> None:
    """Mark the mentions that start with the next mention, if it is at most `reach` words away, and its compositions."""
    phrase = (m for m in mentions[k + 1 :] if m.sense.role != "Article")  # "not a mass"
    following = next(phrase, None)
    if following is None or following.first - mentions[k].end > reach:
        return
    for mention in mentions:
        composed = mention.composed and mention.first <= following.first < mention.end
        if (mention.first == following.first or composed) and mention.sense.kind in _DENIABLE | {"anatomy"}:
            mark(mention, mentions[k])


def _mark_forward(mentions: list[Mention], k: int, words: list[str], mark: Mark) -> bool:
    """Mark the mentions after cue `k` up to the end of its scope; return whether there was any but modifiers."""
    cue = mentions[k]
    end = cue.end
    marked = verb_seen = False
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        gap = words[end : mention.first]
        if mention.sense.kind == "break" and "," in gap and words[mention.end : mention.end + 1] == [","]:
            end = mention.end + 1  # an interjection: "no evidence, however, of a mass"
            continue
        if _ends_scope(mentions, k, j, gap, verb_seen) or mention.first - cue.end > _LONGEST_SCOPE:
            break
        if mention.sense.role in _VERBS:
            if _has_own_subject(mentions, k, j):
                break
            verb_seen = True
        if (mention.sense.kind in _DENIABLE or mention.composed) and mention.first >= cue.end:
            mark(mention, cue)
            marked = marked or mention.sense.kind != "modifier"
        end = max(end, mention.end)
    return marked


def _ends_scope(mentions: list[Mention], k: int, j: int, gap: list[str], verb_seen: bool) -> bool:
    """Return whether the scope of cue `k` ends before mention `j`.

    :param gap: unmatched words before mention `j`.
    :param verb_seen: whether the scope contains a verb already.
    """
    mention, hedging = mentions[j], mentions[k].sense.kind == "hedge"
    kind, role = mention.sense.kind, mention.sense.role
    if kind == "break" or _CELL in gap or (":" in gap and not (hedging and j == k + 1)):
        return True
    if kind == "landmark" or (role == "Preposition" and (j > k + 1 or gap)):
        return True
    if kind in {"negation", "hedge"} and not hedging and role == "Forward" and "," in gap:
        return True
    if role == "With" and ("," in gap or mentions[j - 1].sense.role == "And" or hedging):
        return True
    if hedging and (role == "Relative" or (role == "Anaphor" and (j > k + 1 or gap))):
        return True
    if role == "And" and "," in gap and j + 1 < len(mentions) and mentions[j + 1].sense.role in {"Article", "Definite"}:
        return True
    if hedging and "," in gap and not _only_names(mentions, j):
        return True
    return ("," in gap or role == "And") and _opens_clause(mentions, j, verb_seen)


def _only_names(mentions: list[Mention], j: int) -> bool:
    """Return whether the segment from mention `j` on names findings without a verb that describes them."""
    for mention in mentions[j:]:
        if mention.sense.role in {"And", "Or"}:
            break
        if mention.sense.role in _VERBS:
            return False
    return mentions[j].sense.kind in {"finding", "anatomy", "hedge"} or mentions[j].sense.role in {"And", "Or"}


def _opens_clause(mentions: list[Mention], j: int, verb_seen: bool) -> bool:
    """Return whether mention `j` opens a clause of its own instead of continuing a list.

    *no mass, cyst or collection is seen* is one list with one verb; *no mass, and the liver is bright* are two clauses.
    """
    start = j + 1 if mentions[j].sense.role == "And" else j
    for i in range(start, len(mentions)):
        role = mentions[i].sense.role
        if role == "And":
            return False
        if role == "Copula":
            return verb_seen or not _is_auxiliary(mentions, i)
        if role in _VERBS:
            return verb_seen or role == "Verb"
    return False


def _is_auxiliary(mentions: list[Mention], i: int) -> bool:
    """Return whether the copula `i` is the auxiliary of *seen*, *noted*, *identified*, or of a negation."""
    following = mentions[i + 1] if i + 1 < len(mentions) else None
    return following is not None and (following.sense.role in _VERBS or following.sense.kind == "negation")


def _has_own_subject(mentions: list[Mention], k: int, j: int) -> bool:
    """Return whether the verb `j` has a subject after cue `k` (`No stones left kidney shows a cyst`)."""
    if mentions[j].sense.role != "Verb" or mentions[j - 1].sense.role == "Copula":
        return False
    return mentions[j - 1].sense.kind == "anatomy" and j - k > _SHORTEST_CLAUSE


def _mark_backward(mentions: list[Mention], k: int, words: list[str], mark: Mark) -> None:
    """Mark the mentions before cue `k` back to the start of its clause."""
    if _is_conditional(mentions, k, words):
        return
    first = mentions[k].first
    for j in range(k - 1, -1, -1):
        mention = mentions[j]
        gap = words[mention.end : first]
        kind, role = mention.sense.kind, mention.sense.role
        if (
            kind == "break"
            or (not _CELL_SIGNS.isdisjoint(gap) and j < k - 1)
            or role == "Relative"
            or (kind == "function" and role == "Verb")
        ):
            return
        if "," in gap and (mentions[k].sense.role == "Both" or not _is_list_comma(mentions, j)):
            return
        if kind in {"negation", "pseudo"} or (kind == "hedge" and mentions[k].sense.role == "Both"):
            return
        if role == "Copula" and first - mention.end > 1:
            return
        if kind in _DENIABLE or mention.composed:
            mark(mention, mentions[k])
        first = min(first, mention.first)


def _is_conditional(mentions: list[Mention], k: int, words: list[str]) -> bool:
    """Return whether cue `k` is in a clause about the time to come, which denies nothing (*once it has resolved*)."""
    first = mentions[k].first
    for mention in reversed(mentions[:k]):
        if mention.sense.kind == "break" or "," in words[mention.end : first]:
            return False
        if mention.sense.role == "Conditional":
            return True
        first = min(first, mention.first)
    return False


def _is_list_comma(mentions: list[Mention], j: int) -> bool:
    """Return whether the comma after mention `j` is part of a list: no verb precedes it in the sentence."""
    return not any(m.sense.role in _VERBS for m in mentions[: j + 1])


def strongest(certainties: Collection[Certainty]) -> Certainty:
    """Return the strongest certainty: present, then possible, then absent; present if there are none."""
    if "present" in certainties or not certainties:
        return "present"
    return "possible" if "possible" in certainties else "absent"
