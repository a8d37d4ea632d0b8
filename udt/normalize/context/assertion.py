"""Assertion: whether the text affirms each mention, holds it possible, or denies it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.normalize.context.clauses import DENIABLE, Mark, mark_clauses
from udt.normalize.distances import ENDS_OF_SIZE, NONE, NONE_TO_SIZE, SHORTEST_CLAUSE
from udt.normalize.match.compositions import may_be_noun
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Kinds of the words of a place, and signs that end its part of the sentence.
_PLACING: Final = frozenset({"anatomy", "side", "function", "modifier"})
_SEPARATING: Final = frozenset({",", ":", "(", ")", "|", ";"})
_VERBS: Final = frozenset({"Verb", "Participle", "Copula"})
_PREDICATES: Final = frozenset({"Verb", "Copula"})

# Dimensions of what describes a lesion and is no part of it, and heads of what every lesion has.
_DESCRIBING: Final = frozenset({"shape", "margins", "echogenicity"})
_ALWAYS_THERE: Final = frozenset({"lex:margin", "lex:shape", "lex:echogenicity", "lex:appearance", "lex:size"})
_NORMAL: Final = frozenset({"lex:normal", "udaf:diagnosis.normal-appearance"})
# The cue that a question mark is.
_QUESTION: Final = "cue:hedge.possible"
# Sign between the cells of a table, and the signs that no scope crosses but to the cell beside the cue.
_CELL: Final = "|"
_CELL_SIGNS: Final = frozenset({":", _CELL})
# Signs before and after a cue that answers for what precedes it.
_MARKS_OF_ANSWER: Final = frozenset({":", "-", "=", "/", "(", "[", _CELL})
_ENDS_OF_ANSWER: Final = frozenset({",", ")", "]", "/", "-", _CELL})


def assign_certainty(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Set the certainty and the cue of every mention of the sentence; negations override hedges."""
    mentions, kinds = sentence.mentions, sentence.kind_set
    apply_cues(sentence, words, hedge, deny)
    if _is_asked(sentence, words):
        _hedge_question(sentence, words, lexicon)
    if "head" in kinds:
        for mention in [m for m in mentions if m.certainty == "absent"]:
            if mention.composed:
                _affirm_negated(mention, _modifier_of(mention, mentions), lexicon)
            elif not _is_qualified(mention, mentions):
                _affirm_negated(mention, None, lexicon)


def apply_cues(sentence: Sentence, words: list[str], hedge: Mark, deny: Mark) -> None:
    """Mark the mentions in the scope of each cue of the sentence: of hedges first, then of negations."""
    kinds, named = sentence.kinds, sentence.kind_set
    if sentence.divided:
        mark_clauses(sentence, words, hedge, deny)
        return
    if "hedge" in named:
        for k in [k for k, kind in enumerate(kinds) if kind == "hedge"]:
            _apply_cue(sentence, k, words, deny if _is_denied(sentence.mentions, k) else hedge)
    if "negation" in named:
        for k in [k for k, kind in enumerate(kinds) if kind == "negation"]:
            _apply_cue(sentence, k, words, deny)


def _is_asked(sentence: Sentence, words: list[str]) -> bool:
    """Return whether a question mark ends the sentence (`Abscess?`, `Abscess (?)`), and hedges no next word."""
    end = sentence.end
    return words[end : end + 1] == ["?"] and (words[end - 1] != "(" or words[end + 1 : end + 2] == [")"])


def _hedge_question(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Set the findings that the last part of a question names to possible."""
    mark = Mention(sentence.end, sentence.end + 1, lexicon.senses[_QUESTION])
    for mention in _part_before(sentence.mentions, mark.first, words):
        if mention.sense.kind == "finding" or mention.diagnoses:
            hedge(mention, mark)


def _part_before(mentions: list[Mention], first: int, words: list[str]) -> Iterator[Mention]:
    """Yield the mentions before the word `first`, the nearest first, back to a break or a comma."""
    for mention in reversed(mentions):
        if mention.sense.kind == "break" or "," in words[mention.end : first]:
            return
        yield mention
        first = min(first, mention.first)


def _is_denied(mentions: list[Mention], k: int) -> bool:
    """Return whether *not* directly precedes hedge `k`: what is *not suspicious for* a mass is none."""
    before = mentions[k - 1] if k else None
    return before is not None and before.sense.role == "Prefix"


def _is_qualified(head: Mention, mentions: list[Mention]) -> bool:
    """Return whether the denial is of a modifier of the head instead of the head (*without increased flow*)."""
    return any(m.composed and m.first <= head.first and head.end <= m.end for m in mentions)


def deny(mention: Mention, cue: Mention) -> None:
    """Set a mention to absent by a cue."""
    mention.certainty, mention.cue = "absent", cue


def hedge(mention: Mention, cue: Mention) -> None:
    """Set a mention that is not denied to possible by a cue."""
    if mention.certainty == "present":
        mention.certainty, mention.cue = "possible", cue


def _modifier_of(composed: Mention, mentions: list[Mention]) -> str | None:
    """Return the CURIE of the modifier of a composition, which is at one of its ends, or None."""
    ends = (m for m in mentions if m.first == composed.first or m.end == composed.end)
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
    ends_part = cue.end >= sentence.end or words[cue.end] in _ENDS_OF_ANSWER
    if cue.sense.kind == "negation":
        may_follow = role == "Either" or cue.end >= sentence.end  # "Ascites: no."
    else:
        may_follow = role == "Either" and ends_part  # "abscess likely", but "mass, likely malignant"
    if _bounds_size(cue, sentence, words):
        return
    if role == "Prefix":
        _mark_next_phrase(mentions, k, mark)
    elif role == "Backward" or (ends_part and _is_answer(sentence, k, words)):
        _mark_backward(mentions, k, words, mark)
    elif role == "Both":
        _mark_forward(mentions, k, words, mark)
        _mark_backward(mentions, k, words, mark)
    elif _precedes_preposition(mentions, k) or (not _mark_forward(mentions, k, words, mark) and may_follow):
        _mark_backward(mentions, k, words, mark)


def _precedes_preposition(mentions: list[Mention], k: int) -> bool:
    """Return whether cue `k`, an adjective, is a predicate with its place: *sliding is absent on the right*."""
    following = mentions[k + 1] if k + 1 < len(mentions) else None
    adjective = mentions[k].sense.kind == "negation" and mentions[k].sense.role == "Either"
    if not adjective or following is None or following.first != mentions[k].end:
        return False
    return following.sense.kind == "side" or following.sense.role == "Preposition"


def _is_answer(sentence: Sentence, k: int, words: list[str]) -> bool:
    """Return whether cue `k`, which ends its part of a list, a table or brackets, speaks of what precedes it alone.

    *Hilum lost, hypoechoic*; `Ascites: no, effusion: small`; `Nodes | none | normal`; `Abscess (possible)`.
    """
    cue, before = sentence.mentions[k], sentence.mentions[k - 1] if k else None
    if cue.first > sentence.first and words[cue.first - 1] in _MARKS_OF_ANSWER:
        return True
    beside = before is not None and before.end == cue.first and before.sense.kind in DENIABLE
    return cue.end < sentence.end and (cue.sense.role == "Either" or (beside and cue.sense.kind == "negation"))


def _mark_next_phrase(mentions: list[Mention], k: int, mark: Mark) -> None:
    """Mark the mentions that start with the next mention, if cue `k` reaches it, and its compositions."""
    phrase = [m for m in mentions[k + 1 :] if m.sense.role != "Article"]  # "not a mass"
    if not phrase or phrase[0].first - mentions[k].end > mentions[k].sense.reach:
        return
    head = phrase[0]
    for following in phrase[1:]:
        if head.sense.kind != "anatomy" or following.first != head.end:
            break
        head = following  # "not a hepatic abscess"
    for mention in mentions:
        if mention.first <= head.first < mention.end:
            mark(mention, mentions[k])


def _mark_forward(mentions: list[Mention], k: int, words: list[str], mark: Mark) -> bool:
    """Mark the mentions after cue `k` up to the end of its scope; return whether there was any but modifiers."""
    cue = mentions[k]
    end = cue.end
    marked = verb_seen = False
    for j in range(k + 1, len(mentions)):
        mention = mentions[j]
        gap = words[end : mention.first]
        if mention.sense.kind == "break" and words[mention.end : mention.end + 1] == [","]:
            end = mention.end + 1  # an interjection: "no evidence, however, of a mass"
            continue
        if _ends_scope(mentions, k, j, gap, verb_seen) or mention.first - cue.end > cue.sense.reach:
            if marked and cue.sense.kind == "negation" and mention.sense.role == "Preposition":
                for other in _after_place(mentions, j, words):
                    mark(other, cue)
            break
        if mention.sense.role in _VERBS:
            if _has_own_subject(mentions, k, j):
                break
            verb_seen = True
        if (mention.sense.kind in DENIABLE or mention.composed) and mention.first >= cue.end:
            mark(mention, cue)
            marked = marked or mention.sense.kind != "modifier"
        end = max(end, mention.end)
    return marked


def _after_place(mentions: list[Mention], j: int, words: list[str]) -> Iterator[Mention]:
    """Yield what *or* adds to a denial after the place that the preposition `j` begins, in the same part of a sentence.

    *No mass in the liver or focal lesion in the spleen.*
    """
    added, end = False, mentions[j].end
    for mention in mentions[j + 1 :]:
        kind, role = mention.sense.kind, mention.sense.role
        if not _SEPARATING.isdisjoint(words[end : mention.first]):
            return
        if role == "Or":
            added = True
        elif added and (kind in DENIABLE or mention.composed):
            yield mention
        elif kind not in _PLACING or (added and kind == "function"):
            return
        end = max(end, mention.end)


def _ends_scope(mentions: list[Mention], k: int, j: int, gap: list[str], verb_seen: bool) -> bool:
    """Return whether the scope of cue `k` ends before mention `j`.

    :param gap: unmatched words before mention `j`.
    :param verb_seen: whether the scope contains a verb already.
    """
    mention, hedging = mentions[j], mentions[k].sense.kind == "hedge"
    kind, role = mention.sense.kind, mention.sense.role
    if not hedging and "(" in gap and kind == "finding":
        return True  # "distended without stones (Courvoisier sign)"
    if kind == "break" or _CELL in gap or (":" in gap and not (hedging and j == k + 1)):
        return True
    if (kind == "landmark" and not _describes_next(mentions, k, j, gap)) or (
        role == "Preposition" and (j > k + 1 or gap)
    ):
        return True
    if not hedging and role in {"Forward", "Either"} and "," in gap:
        return True
    if role == "With" and ("," in gap or mentions[j - 1].sense.role == "And" or hedging):
        return True
    if hedging and (role == "Relative" or (role == "Anaphor" and j > k + 1)):
        return True
    if role == "And" and "," in gap and j + 1 < len(mentions) and mentions[j + 1].sense.role in {"Article", "Definite"}:
        return True
    if hedging and "," in gap and not _only_names(mentions, j):
        return True
    if "," not in gap and role != "And":
        return False
    return _opens_clause(mentions, j, verb_seen) or _opens_description(mentions, k, j, gap)


def _describes_next(mentions: list[Mention], k: int, j: int, gap: list[str]) -> bool:
    """Return whether the landmark `j` is an adjective between cue `k` and what it denies (*no surrounding fluid*)."""
    following = mentions[j + 1] if j + 1 < len(mentions) else None
    if following is None or gap or any(map(_is_thing, mentions[k + 1 : j])):
        return False
    return following.first == mentions[j].end and following.sense.kind in DENIABLE


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


def _opens_description(mentions: list[Mention], k: int, j: int, gap: list[str]) -> bool:
    """Return whether mention `j` opens a description of its own after what cue `k` denies.

    *no flow, hypoechoic*, *no flow and smooth margins*, but *no calcification, lobulation or spiculation*: what
    describes edge, form or echoes in a sentence without *or* is none of the things denied before it.
    """
    start = j + 1 if mentions[j].sense.role == "And" else j
    noun = gap[: gap.index(",")][-1:] if "," in gap else []
    if not any(map(_is_thing, mentions[k + 1 : j])) and not noun:
        return False
    if any(m.sense.role == "Or" for m in mentions[start:]):
        return False
    for mention in mentions[start:]:
        if mention.sense.kind == "value":
            return mention.sense.values[0].key in _DESCRIBING
        if mention.sense.kind == "head":
            return mention.sense.curie in _ALWAYS_THERE
        if mention.sense.kind != "modifier":
            return False
    return False


def _is_thing(mention: Mention) -> bool:
    """Return whether a mention names what may be there or not, instead of describing it."""
    kind = mention.sense.kind
    if kind == "value":
        return mention.sense.values[0].key not in _DESCRIBING
    return kind in {"finding", "anatomy"} or (kind == "head" and mention.sense.curie not in _ALWAYS_THERE)


def _is_auxiliary(mentions: list[Mention], i: int) -> bool:
    """Return whether the copula `i` is the auxiliary of *seen*, *noted*, *identified*, or of a negation."""
    following = mentions[i + 1] if i + 1 < len(mentions) else None
    return following is not None and (following.sense.role in _VERBS or following.sense.kind == "negation")


def _has_own_subject(mentions: list[Mention], k: int, j: int) -> bool:
    """Return whether the verb `j` has a subject after cue `k` (`No stones left kidney shows a cyst`)."""
    return mentions[j - 1].sense.kind == "anatomy" and j - k > SHORTEST_CLAUSE


def _mark_backward(mentions: list[Mention], k: int, words: list[str], mark: Mark) -> None:
    """Mark the mentions before cue `k` back to the start of its clause."""
    if _is_conditional(mentions, k, words):
        return
    first = mentions[k].first
    hedging, role = mentions[k].sense.kind == "hedge", mentions[k].sense.role
    in_list = role != "Both" and not hedging and not _follows_unknown_noun(mentions, k, words)
    marked = False
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
        beside = hedging and j == k - 1  # "abscess, probable"
        if "," in gap and not beside and not (in_list and _is_list_comma(mentions, j) and not _is_normal(mention)):
            return
        if "," in gap and j < k - 1 and not marked:
            return  # "cyst in the liver, pancreas not seen"
        if kind == "negation" or (kind == "hedge" and mentions[k].sense.role == "Both"):
            return
        if role == "Copula" and first - mention.end > 1:
            return
        if role == "And" and any(m.sense.role in _PREDICATES for m in mentions[:j]):
            return  # "flow is preserved and torsion is excluded"
        if kind in DENIABLE or mention.composed:
            mark(mention, mentions[k])
            marked = True
        first = min(first, mention.first)


def _follows_unknown_noun(mentions: list[Mention], k: int, words: list[str]) -> bool:
    """Return whether cue `k`, an adjective, directly follows a word without a meaning here (*round, hilum absent*)."""
    cue = mentions[k]
    if cue.first == 0 or (k > 0 and mentions[k - 1].end == cue.first):
        return False
    return may_be_noun(words[cue.first - 1])


def _is_conditional(mentions: list[Mention], k: int, words: list[str]) -> bool:
    """Return whether cue `k` is in a clause about the time to come, which denies nothing (*once it has resolved*)."""
    return any(m.sense.role == "Conditional" for m in _part_before(mentions[:k], mentions[k].first, words))


def _bounds_size(cue: Mention, sentence: Sentence, words: list[str]) -> bool:
    """Return whether *none* denies no more than things of a size: *nodes up to 11 mm, none above 15 mm*."""
    after = words[cue.end : min(cue.end + NONE_TO_SIZE, sentence.end)]
    return words[cue.first] == NONE and any(word[:1].isdigit() for word in after) and ENDS_OF_SIZE.isdisjoint(after)


def _is_list_comma(mentions: list[Mention], j: int) -> bool:
    """Return whether the comma after mention `j` is part of a list: no verb precedes it in the sentence."""
    return not any(m.sense.role in _VERBS for m in mentions[: j + 1])


def _is_normal(mention: Mention) -> bool:
    """Return whether a mention calls a structure normal, which *not seen* after a comma does not deny."""
    return mention.sense.curie in _NORMAL


def strongest(certainties: Collection[Certainty]) -> Certainty:
    """Return the strongest certainty: present, then possible, then absent; present if there are none.

    It is unknown if any is, since then all are.
    """
    if "unknown" in certainties:
        return "unknown"
    if "present" in certainties or not certainties:
        return "present"
    return "possible" if "possible" in certainties else "absent"
