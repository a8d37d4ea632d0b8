"""Values that the text names in two words: *irregular* … *margin*, *flow* … *increased*."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from udt.lexicon.flags import ADJECTIVE
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import FULL, Kind, Sense, Value
from udt.normalize.distances import (
    DIRECT_GAP,
    LONE_MODIFIER,
    LONE_PREDICATE,
    LONGEST_DESCRIPTION,
    MENTIONS_AFTER,
    MODIFIER_REACH,
    PHRASE_GAP,
    PHRASE_GAP_AFTER,
)
from udt.normalize.match.mentions import COMPOSED, Mention
from udt.normalize.match.passage import Sentence

_HEADS: Final[frozenset[Kind]] = frozenset({"head", "value", "finding", "anatomy"})
_HEADS_OF_VALUES: Final = _HEADS - {"anatomy"}
_BARE_HEADS: Final[frozenset[Kind]] = frozenset({"head"})
_QUALIFIERS: Final[frozenset[Kind]] = frozenset({"modifier", "value"})
_ANY_LESION: Final = "lex:lesion"
_FLOW: Final = frozenset({"lex:flow", "lex:flow-measure"})
# Kinds of nouns; a sentence without one may describe the lesion of an earlier sentence.
_NOUNS: Final[frozenset[Kind]] = frozenset(
    {"anatomy", "finding", "head", "instrument", "history", "section", "patient"}
)
# Roles of the words between a noun and its complement.
_BEFORE_COMPLEMENT: Final = frozenset({"Of", "Preposition", "Article", "Definite"})
_BARRIERS: Final = frozenset({":", ";", "(", ")", "/"})
_CELL_STARTS: Final = frozenset({"|", ":"})
# Ending of the words that may be before an adjective without being the noun that it qualifies.
ADVERB_ENDING: Final = "ly"
# Kinds of mentions that may name a lesion.
_LESIONS: Final[frozenset[Kind]] = frozenset({"finding", "value"})


def add_compositions(sentence: Sentence, words: list[str], lexicon: Lexicon, lesion: Mention | None = None) -> None:
    """Add a mention for every composition in the sentence; bare heads get the value of their own, if they have one.

    :param lesion: the last lesion that the text names before the sentence, which a sentence without a noun describes
        (`Nodule 1: Circumscribed. Solid.`).
    """
    mentions, kinds, named = sentence.mentions, sentence.kinds, sentence.kind_set
    if "modifier" not in named and "head" not in named:
        return
    if "head" in named and "anatomy" in named:
        _read_as_vessels(mentions, kinds, words, lexicon)
    known = lexicon.qualifiers
    qualifiers = [j for j, m in enumerate(mentions) if kinds[j] in _QUALIFIERS and m.sense.curie in known]
    heads = (_HEADS if "modifier" in named else _HEADS_OF_VALUES) if qualifiers else _BARE_HEADS
    used: set[int] = set()
    composed: list[Mention] = []
    for k in range(len(mentions) - 1, -1, -1):
        head = mentions[k]
        if kinds[k] in heads and head.sense.heads and not head.excluded:
            found = _compositions_of(mentions, k, words, lexicon, qualifiers, used) if qualifiers else []
            if not found and head.sense.kind == "head":
                head.values = lexicon.compositions.get((None, head.sense.curie), ())
            composed += found
    if kinds.count("function") + kinds.count("side") == len(kinds) - 1:
        composed += _composition_with_topic(sentence, lexicon)
    if sentence.row is not None and sentence.topic is not None:
        composed += _compositions_of_row(sentence, sentence.topic, composed, words, lexicon)
    if lesion is not None and qualifiers and _NOUNS.isdisjoint(named):
        composed += _compositions_with_lesion(sentence, lesion, qualifiers, lexicon)
    if composed:
        sentence.replace_mentions(sorted([*mentions, *composed], key=lambda m: (m.anchor, m.first)))
        sentence.composed = True


def last_lesion(sentence: Sentence, before: Mention | None) -> Mention | None:
    """Return the last lesion that the sentence names as seen, else `before` unless the sentence is about anatomy."""
    if not _LESIONS.isdisjoint(sentence.kind_set):
        for mention in reversed(sentence.mentions):
            if mention.sense.kind in _LESIONS and not mention.composed and _is_lesion(mention):
                return None if mention.excluded or mention.certainty == "absent" else mention
    return None if "anatomy" in sentence.kind_set or "section" in sentence.kind_set else before


def _is_lesion(mention: Mention) -> bool:
    kind = mention.sense.kind
    return (kind == "finding" and _ANY_LESION in mention.sense.heads) or (kind == "value" and mention.diagnoses)


def _compositions_with_lesion(
    sentence: Sentence, lesion: Mention, qualifiers: list[int], lexicon: Lexicon
) -> Iterator[Mention]:
    """Yield the compositions of the modifiers of a short sentence without a noun with the lesion that it describes."""
    if sentence.end - sentence.first > LONGEST_DESCRIPTION:
        return
    for modifier in [sentence.mentions[j] for j in qualifiers]:
        values = _values(lexicon, modifier.sense.curie, lesion) if modifier.sense.kind == "modifier" else ()
        if values and not modifier.excluded:
            yield _alone(modifier, values)


def _alone(modifier: Mention, values: tuple[Value, ...], head: Sense | None = None) -> Mention:
    """Return the composition of a modifier whose head the sentence leaves out, or has far from it."""
    composed = Mention(modifier.first, modifier.end, head or modifier.sense)
    composed.values, composed.reason = values, COMPOSED
    return composed


def _read_as_vessels(mentions: list[Mention], kinds: list[Kind], words: list[str], lexicon: Lexicon) -> None:
    """Give an adjective of a region before *flow* the sense of the vessel of that name (*antegrade vertebral flow*).

    The adjective of an organ keeps its sense: *testicular flow* is the flow in the testis.
    """
    for k in [k for k, kind in enumerate(kinds) if kind == "head" and k]:
        head, adjective = mentions[k], mentions[k - 1]
        one_word = adjective.first + 1 == adjective.end == head.first
        if head.sense.curie in _FLOW and one_word and adjective.flags & ADJECTIVE and adjective.sense.kind == "anatomy":
            vessel = lexicon.vessel(words[adjective.first])
            if vessel is not None:
                adjective.sense, adjective.values = vessel, vessel.values


def _composition_with_topic(sentence: Sentence, lexicon: Lexicon) -> Iterator[Mention]:
    """Yield the composition of a lone modifier with the topic, or with any anatomy (`Left ovary: 3 cm. Normal.`)."""
    others = [mention for mention in sentence.mentions if mention.sense.kind not in {"function", "side"}]
    if len(others) != 1:
        return
    modifier = others[0]
    length = sentence.end - sentence.first
    sides = [mention for mention in sentence.mentions if mention.sense.kind == "side"]  # *L: normal*
    alone = len(sentence.mentions) == 1 + len(sides) and length - 2 * len(sides) <= LONE_MODIFIER
    if length <= LONE_PREDICATE and sentence.topic is not None and _is_predicate(modifier, sentence):
        alone = True
    if alone and modifier.sense.kind == "modifier":
        heads = sentence.topic.sense.heads if sentence.topic is not None else ("lex:anatomy",)
        values = next((v for head in heads if (v := lexicon.compositions.get((modifier.sense.curie, head)))), ())
        if values:
            yield _alone(modifier, values)


def _compositions_of_row(
    sentence: Sentence, topic: Mention, composed: list[Mention], words: list[str], lexicon: Lexicon
) -> list[Mention]:
    """Return the compositions of modifiers in cells without a header with what the row is about (`II | 8 | normal`)."""
    found: list[Mention] = []
    for modifier in sentence.mentions:
        if modifier.sense.kind != "modifier" or any(one.first <= modifier.first < one.end for one in composed):
            continue
        cell = next((j for j in range(modifier.first, sentence.first, -1) if words[j] in _CELL_STARTS), sentence.first)
        values = _values(lexicon, modifier.sense.curie, topic) if words[cell] == "|" else ()
        if values and not modifier.excluded:
            found.append(_alone(modifier, values, topic.sense))
    return found


def _is_predicate(modifier: Mention, sentence: Sentence) -> bool:
    """Return whether a copula links a modifier to a word before it, which names a part of the topic: *the tail is*."""
    return any(m.sense.role == "Copula" and m.end == modifier.first for m in sentence.mentions)


def _compositions_of(
    mentions: list[Mention], k: int, words: list[str], lexicon: Lexicon, qualifiers: list[int], used: set[int]
) -> list[Mention]:
    """Return the compositions of head `k`.

    A modifier qualifies one head, but all anatomy of a list (*normal liver, spleen*).

    :param qualifiers: indices of the mentions that are modifiers of some composition, in order.
    :param used: indices of the modifiers that qualify a head already; those of this head are added.
    """
    head = mentions[k]
    composed: list[Mention] = []
    before = _modifiers_before(mentions, k, words, qualifiers[0]) if qualifiers[0] < k else ()
    after = _modifiers_after(mentions, k, words, qualifiers) if qualifiers[-1] > k else ()
    for j in (*before, *after):
        modifier = mentions[j]
        values = () if j in used or modifier.excluded else _values(lexicon, modifier.sense.curie, head)
        if values:
            if head.sense.kind != "anatomy":
                used.add(j)
            if modifier.sense.kind == "value":
                modifier.values = ()
            composed.append(_composed(modifier, head, values))
    return composed


def _values(lexicon: Lexicon, modifier: str, head: Mention) -> tuple[Value, ...]:
    """Return the values of a modifier with the most specific name of the head that takes it, and with any lesion."""
    for name in head.sense.heads:
        values = lexicon.compositions.get((modifier, name))
        if values:
            general = lexicon.compositions.get((modifier, _ANY_LESION), ()) if _ANY_LESION in head.sense.heads else ()
            return tuple(dict.fromkeys((*values, *general)))
    return ()


def _composed(modifier: Mention, head: Mention, values: tuple[Value, ...]) -> Mention:
    composed = Mention(min(modifier.first, head.first), max(modifier.end, head.end), head.sense)
    composed.values = values
    composed.anchor = head.first
    composed.weight = head.weight if modifier.weight is FULL else modifier.weight
    composed.reason = COMPOSED
    return composed


def _modifiers_before(mentions: list[Mention], k: int, words: list[str], leftmost: int) -> Iterator[int]:
    """Yield the indices, from `leftmost` on, of the mentions before head `k` that may qualify it, nearest first."""
    first = mentions[k].first
    for j in range(k - 1, leftmost - 1, -1):
        mention = mentions[j]
        if mention.first == mentions[k].first:
            continue
        gap = words[mention.end : first]
        too_far = len(gap) > PHRASE_GAP or mentions[k].first - mention.end > MODIFIER_REACH
        if too_far or not _BARRIERS.isdisjoint(gap) or not _phrase_includes(mentions, j, mentions[k]):
            return
        if "," in gap and (mention.diagnoses or _is_postposed(mentions, j, words)):
            return
        if mention.sense.kind in _QUALIFIERS:
            yield j
        first = mention.first


def _is_postposed(mentions: list[Mention], j: int, words: list[str]) -> bool:
    """Return whether modifier `j` follows the noun that it qualifies (*hilum preserved, …*), which may be unmatched."""
    mention = mentions[j]
    if mention.sense.kind != "modifier" or mention.first == 0:
        return False
    if j > 0 and mentions[j - 1].end == mention.first:
        if mentions[j - 1].sense.role == "Copula":
            return True  # "the liver is normal, the spleen"
        return mentions[j - 1].sense.kind in _HEADS and mentions[j - 1].sense.kind != "value"
    return may_be_noun(words[mention.first - 1])


def may_be_noun(word: str) -> bool:
    """Return whether a word without a meaning here may be a noun: it is no number, sign or adverb."""
    return word.isalpha() and not word.endswith(ADVERB_ENDING)


def _phrase_includes(mentions: list[Mention], j: int, head: Mention) -> bool:
    """Return whether the noun phrase of a head extends to the left over mention `j`."""
    mention = mentions[j]
    kind, role = mention.sense.kind, mention.sense.role
    if kind in {"modifier", "side", "legend", "hedge", "length unit"}:
        return True
    if kind == "value":
        return not mention.diagnoses or head.sense.kind != "head"
    if kind == "anatomy":
        return True
    if kind == "negation":
        return role == "Joined"
    if kind == "function":
        if role in {"And", "Or"}:
            return j > 0 and mentions[j - 1].sense.kind in {"modifier", "value", "anatomy"}
        if role in {"Of", "Preposition", "Article", "Definite", "Anaphor"}:
            return j > 0 and _is_nominal(mentions, j - 1)
    return False


def _is_nominal(mentions: list[Mention], j: int) -> bool:
    """Return whether mention `j`, or the one before it if `j` is *of*, is a modifier used as a noun (*increase in*).

    The predicate of another head is none: *the velocity is normal in the carotid artery*.
    """
    if mentions[j].sense.role in {"Of", "Preposition"} and j > 0:
        j -= 1
    if mentions[j].sense.kind != "modifier":
        return False
    predicate = j > 0 and mentions[j - 1].sense.role == "Copula"
    return not (predicate and any(m.sense.kind == "head" for m in mentions[: j - 1]))


def _modifiers_after(mentions: list[Mention], k: int, words: list[str], qualifiers: list[int]) -> Iterator[int]:
    """Yield the indices of the mentions after head `k` that qualify it.

    A modifier follows a copula or a colon, or directly the head.

    :param qualifiers: as for `_compositions_of`.
    """
    rightmost = qualifiers[-1]
    if _is_complement(mentions, k):
        return
    end = mentions[k].end
    linked = False
    listed = mentions[k].sense.kind == "anatomy" and not any(m.sense.role in {"Copula", "Verb"} for m in mentions)
    for j in range(k + 1, min(k + 1 + MENTIONS_AFTER, rightmost + 1)):
        mention = mentions[j]
        gap = words[end : mention.first]
        kind, role = mention.sense.kind, mention.sense.role
        in_list = listed or (mentions[k].sense.kind == "anatomy" and _is_item(mentions, j))
        if ";" in gap or len(gap) > PHRASE_GAP_AFTER or ("," in gap and not linked and not in_list):
            return
        linked = linked or ":" in gap or ("," in gap and listed)
        if kind in _QUALIFIERS:
            near = mention.first - mentions[k].end <= DIRECT_GAP
            if linked or (near and _may_follow(mentions, k, j, words)):
                if kind == "value" and mention.diagnoses and j not in qualifiers:
                    return
                yield j
            elif kind == "value" and not _is_complement(mentions, j):
                return
        elif kind == "function" and role == "Copula":
            linked = True
        elif listed and linked and role == "Participle":
            pass  # "node, hilum present, normal"
        elif not _may_separate(mentions, j, linked):
            return
        end = mention.end


def _is_item(mentions: list[Mention], j: int) -> bool:
    """Return whether mention `j` is a structure in a list, or the conjunction before one: *liver, spleen, and …*."""
    if mentions[j].sense.role in {"And", "Or"}:
        following = (mention.sense.kind for mention in mentions[j + 1 : j + 5])
        return next((kind for kind in following if kind not in {"side", "function"}), None) == "anatomy"
    return mentions[j].sense.kind == "anatomy"


def _is_complement(mentions: list[Mention], k: int) -> bool:
    """Return whether `k` is the complement of a head (*the margin of the mass is …*), which what follows qualifies.

    So is the region of a structure: *the tendon of the foot is …*.
    """
    i = k - 1
    while i >= 0 and (mentions[i].sense.role in _BEFORE_COMPLEMENT or mentions[i].sense.kind in {"modifier", "side"}):
        i -= 1
    if i < 0 or i == k - 1:
        return False
    noun, link = mentions[i].sense, mentions[i + 1].sense.role
    if noun.kind == "anatomy":
        return link in {"Of", "Preposition"} and mentions[k].sense.concept_kind == "Region"
    return noun.kind == "head" and link == "Of"


def _may_follow(mentions: list[Mention], k: int, j: int, words: list[str]) -> bool:
    """Return whether modifier `j` may directly follow `k`: a head, or anatomy if the modifier ends the phrase."""
    if mentions[k].sense.kind == "head":
        return True
    following = mentions[j + 1] if j + 1 < len(mentions) else None
    ends = following is None or following.first - mentions[j].end > 0
    return (
        mentions[k].sense.kind == "anatomy"
        and ends
        and words[mentions[j].end : mentions[j].end + 1] in ([], ["."], [","], ["\n"])
    )


def _may_separate(mentions: list[Mention], j: int, linked: bool) -> bool:
    """Return whether mention `j` may be between a head and the modifier after it.

    :param linked: whether a copula or a colon has linked them already.
    """
    kind, role = mentions[j].sense.kind, mentions[j].sense.role
    if kind in {"legend", "side", "hedge", "length unit"}:
        return True
    if kind == "negation":
        return role == "Prefix" and linked
    if kind == "function" and role in {"And", "Or", "Article", "Definite"}:
        return True
    if role == "Of" and j + 1 < len(mentions) and mentions[j + 1].sense.kind == "length unit":
        return True  # "one of 12 mm, solid"
    return not linked and (
        kind in {"anatomy", "landmark"} or (kind == "function" and role in {"Of", "Preposition", "Relative"})
    )
