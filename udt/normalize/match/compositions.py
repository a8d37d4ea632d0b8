"""Finds the values that are said in two words: *irregular* … *margin*, *flow* … *increased*."""

from __future__ import annotations

from collections.abc import Iterator

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind, Value
from udt.normalize.match.mentions import COMPOSED, Mention
from udt.normalize.match.passage import Sentence

_HEADS: frozenset[Kind] = frozenset({"head", "value", "finding", "anatomy"})
_HEADS_OF_VALUES = _HEADS - {"anatomy"}
_BARE: frozenset[Kind] = frozenset({"head"})
_QUALIFIERS: frozenset[Kind] = frozenset({"modifier", "value"})
_ANY_LESION = "lex:lesion"
_MOST_WORDS = 9
_WIDEST_GAP = 4
_BARRIERS = frozenset({":", ";", "(", ")", "/"})


def compose(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Adds to the sentence a mention for every composition in it; bare heads get the value of theirs."""
    mentions, kinds = sentence.mentions, sentence.kinds
    if "modifier" not in kinds and "head" not in kinds:
        return
    composing = lexicon.composing
    qualifiers = [j for j, m in enumerate(mentions) if kinds[j] in _QUALIFIERS and m.sense.curie in composing]
    heads = (_HEADS if "modifier" in kinds else _HEADS_OF_VALUES) if qualifiers else _BARE
    used: set[int] = set()
    made: list[Mention] = []
    for k in range(len(mentions) - 1, -1, -1):
        head = mentions[k]
        if kinds[k] in heads and head.sense.heads and not head.excluded:
            found = _of_head(mentions, k, words, lexicon, qualifiers, used)
            if not found and head.sense.kind == "head":
                head.values = lexicon.compositions.get((None, head.sense.curie), ())
            made += found
    made += _of_topic(sentence, lexicon)
    if made:
        sentence.mentions = sorted([*mentions, *made], key=lambda m: (m.at, m.first))
        sentence.kinds = [mention.sense.kind for mention in sentence.mentions]


def _of_topic(sentence: Sentence, lexicon: Lexicon) -> Iterator[Mention]:
    """A sentence of a single modifier speaks of its topic, or of what is examined (`Left ovary: 3 cm. Normal.`)."""
    alone = sentence.mentions[0]
    if len(sentence.mentions) == 1 and alone.sense.kind == "modifier" and sentence.last - sentence.first <= 2:
        names = sentence.topic.sense.heads if sentence.topic is not None else ("lex:anatomy",)
        values = next((v for name in names if (v := lexicon.compositions.get((alone.sense.curie, name)))), ())
        if values:
            made = Mention(alone.first, alone.last, alone.sense)
            made.values, made.reason = values, COMPOSED
            yield made


def _of_head(
    mentions: list[Mention], k: int, words: list[str], lexicon: Lexicon, qualifiers: list[int], used: set[int]
) -> list[Mention]:
    """The compositions of head `k`. A modifier serves one head, but all anatomy of a list (*normal liver, spleen*).

    :param qualifiers: indices of the mentions that qualify some head, in order; may be empty.
    :param used: those of them that serve a head already; is added to.
    """
    head = mentions[k]
    made: list[Mention] = []
    if not qualifiers:
        return made
    before = _before(mentions, k, words, qualifiers[0]) if qualifiers[0] < k else ()
    after = _after(mentions, k, words, qualifiers[-1]) if qualifiers[-1] > k else ()
    for j in (*before, *after):
        modifier = mentions[j]
        values = () if j in used or modifier.excluded else _values(lexicon, modifier.sense.curie, head)
        if values:
            if head.sense.kind != "anatomy":
                used.add(j)
            if modifier.sense.kind == "value":
                modifier.values = ()
            made.append(_joined(modifier, head, values))
    return made


def _values(lexicon: Lexicon, modifier: str, head: Mention) -> tuple[Value, ...]:
    """What modifier and head mean: by the most specific name of the head that knows the modifier, and as a lesion."""
    for name in head.sense.heads:
        values = lexicon.compositions.get((modifier, name))
        if values:
            general = lexicon.compositions.get((modifier, _ANY_LESION), ()) if _ANY_LESION in head.sense.heads else ()
            return tuple(dict.fromkeys((*values, *general)))
    return ()


def _joined(modifier: Mention, head: Mention, values: tuple[Value, ...]) -> Mention:
    made = Mention(min(modifier.first, head.first), max(modifier.last, head.last), head.sense)
    made.values = values
    made.at = head.first
    made.weak = modifier.weak or head.weak
    made.reason = COMPOSED
    return made


def _before(mentions: list[Mention], k: int, words: list[str], leftmost: int) -> Iterator[int]:
    """Indices of the mentions, from `leftmost` on, that may qualify head `k` from before it, nearest first."""
    first = mentions[k].first
    for j in range(k - 1, leftmost - 1, -1):
        mention = mentions[j]
        if mention.first == mentions[k].first:
            continue
        gap = words[mention.last : first]
        if len(gap) > _WIDEST_GAP or mentions[k].first - mention.last > _MOST_WORDS or not _BARRIERS.isdisjoint(gap):
            return
        if not _passes(mentions, j, mentions[k]):
            return
        if mention.sense.kind in _QUALIFIERS:
            yield j
        first = mention.first


def _passes(mentions: list[Mention], j: int, head: Mention) -> bool:
    """Whether the noun phrase of a head goes on over mention `j` to its left."""
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
        if role in {"Of", "Preposition", "Article", "Definite"}:
            return j > 0 and _nominal(mentions, j - 1)
    return False


def _nominal(mentions: list[Mention], j: int) -> bool:
    """Whether mention `j`, or the one before an article or *of* there, is a modifier used as a noun (*increase in*)."""
    if mentions[j].sense.role in {"Of", "Preposition"} and j > 0:
        j -= 1
    return mentions[j].sense.kind == "modifier"


def _after(mentions: list[Mention], k: int, words: list[str], rightmost: int) -> Iterator[int]:
    """Indices of the mentions, up to `rightmost`, that qualify head `k` from behind: after a copula or colon, or
    directly."""
    if _belongs_to_head(mentions, k):
        return
    last = mentions[k].last
    linked = False
    listed = mentions[k].sense.kind == "anatomy" and not any(m.sense.role in {"Copula", "Verb"} for m in mentions)
    for j in range(k + 1, min(k + 9, rightmost + 1)):
        mention = mentions[j]
        gap = words[last : mention.first]
        kind, role = mention.sense.kind, mention.sense.role
        lists = listed or (kind == "anatomy" and mentions[k].sense.kind == "anatomy")
        if ";" in gap or len(gap) > _WIDEST_GAP + 4 or ("," in gap and not linked and not lists):
            return
        linked = linked or ":" in gap or ("," in gap and listed)
        if kind in _QUALIFIERS:
            direct = not linked and mention.first - mentions[k].last <= 1 and _may_follow(mentions, k, j, words)
            if linked or direct:
                if kind == "value" and mention.diagnoses:
                    return
                yield j
            elif kind == "value" and mentions[j - 1].sense.role not in {"Of", "Article", "Definite"}:
                return
        elif kind == "function" and role == "Copula":
            linked = True
        elif not _between_head_and_copula(mention, linked):
            return
        last = mention.last


def _belongs_to_head(mentions: list[Mention], k: int) -> bool:
    """Whether `k` is what a head is of (*the margin of the mass is …*): what follows then speaks of that head."""
    i = k - 1
    while i >= 0 and (
        mentions[i].sense.role in {"Of", "Article", "Definite"} or mentions[i].sense.kind in {"modifier", "side"}
    ):
        i -= 1
    return i < k - 1 and mentions[i].sense.kind == "head" and mentions[i + 1].sense.role == "Of"


def _may_follow(mentions: list[Mention], k: int, j: int, words: list[str]) -> bool:
    """Whether modifier `j` may qualify `k` from directly behind: a head, or anatomy at the end of its phrase."""
    if mentions[k].sense.kind == "head":
        return True
    following = mentions[j + 1] if j + 1 < len(mentions) else None
    ends = following is None or following.first - mentions[j].last > 0
    return (
        mentions[k].sense.kind == "anatomy"
        and ends
        and words[mentions[j].last : mentions[j].last + 1] in ([], ["."], [","], ["\n"])
    )


def _between_head_and_copula(mention: Mention, linked: bool) -> bool:
    kind, role = mention.sense.kind, mention.sense.role
    if kind in {"legend", "side", "hedge", "length unit"}:
        return True
    if kind == "negation":
        return role == "Prefix" and linked
    if kind == "function" and role in {"And", "Or", "Article", "Definite"}:
        return True
    return not linked and (kind == "anatomy" or (kind == "function" and role in {"Of", "Preposition", "Relative"}))
