"""Names that leave out their last words: *common femoral* and *popliteal veins*, *femoral DVT*."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from udt.lexicon.flags import ADJECTIVE, PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense
from udt.normalize.distances import LONGEST_ELIDED
from udt.normalize.match.mentions import Mention
from udt.normalize.match.order import index_at

# Words and signs between the names of a list.
_LINKS: Final = frozenset({"and", "or", "&", "/", ","})
# Kinds of mentions that the words of such a name may have: *femoral* is an adjective.
_REPLACED: Final = frozenset({"anatomy", "modifier", "attribute", "function", "side"})
_OR: Final = "or"
# Conjunctions between two structures, and what may follow the second: the end of the text or of a part of the sentence.
_JOINED: Final = frozenset({"and", "or", "&"})
_ENDS: Final = frozenset({".", ",", ";"})
# Signs between a name and the conjunction after it.
_BEFORE_LINK: Final = frozenset({",", "-"})
_SHORTEST_PREFIX: Final = 3
_VEINS: Final = "uhat:peripheral-veins"
# The noun that a name leaves out before a finding of the veins.
_VEIN: Final = "vein"


def complete_names(words: list[str], mentions: list[Mention], lexicon: Lexicon) -> None:
    """Add the structures before a conjunction whose noun is the one of the structure after it.

    :param mentions: the mentions in order; they are updated.
    """
    sides = lexicon.side_words
    for last in [m for m in reversed(mentions) if m.sense.kind == "anatomy" and m.first > 1]:
        first = last.first - (words[last.first - 1] in sides)
        while first > 1 and words[first - 1] in _LINKS:
            named = _named_before(first, last, words, mentions, lexicon)
            if named is None:
                break
            _put(named, mentions)
            last.flags &= ~PLURAL
            first = named.first


def join_kinds(mentions: list[Mention]) -> None:
    """Join the name of a structure and the noun of its kind after it: *EPB tendons*, *MCL ligament*.

    :param mentions: the mentions in order; they are updated.
    """
    joined: set[int] = set()
    for k in range(1, len(mentions)):
        named, kind = mentions[k - 1], mentions[k]
        if named.end != kind.first or named.sense.kind != "anatomy" or kind.sense.kind != "anatomy":
            continue
        if named.flags & ADJECTIVE:
            continue
        if kind.sense.curie in named.sense.names[1:] and kind.sense.one("genericName"):
            named.end = kind.end
            joined.add(id(kind))
    if joined:
        mentions[:] = [mention for mention in mentions if id(mention) not in joined]


def complete_veins(words: list[str], mentions: list[Mention], lexicon: Lexicon) -> None:
    """Add the veins that are named by an adjective before a finding of the veins: *femoral and popliteal DVT*.

    :param mentions: the mentions in order; they are updated.
    """
    for finding in [m for m in mentions if m.sense.kind == "finding" and _is_of_veins(m.sense)]:
        i = finding.first - 1
        while i >= 0:
            vein = next((s for s, _, _ in lexicon.entries_of([words[i], _VEIN]) if s.kind == "anatomy"), None)
            covering = _overlapping(i, i + 1, mentions)
            if vein is None or any(m.end - m.first > 1 or m.sense.kind != "anatomy" for m in covering):
                break
            _put(Mention(i, i + 1, vein), mentions)
            i -= 2 if i and words[i - 1] in _LINKS else len(words)


def complete_findings(words: list[str], mentions: list[Mention], lexicon: Lexicon) -> None:
    """Add the findings that leave out words of the finding beside them in a list.

    It is the noun of the one after it (*pleural or pericardial effusion*), or the adjective of the one before it
    (*enlarged liver and spleen*). *Acute and chronic cholecystitis* is one finding.

    :param mentions: the mentions in order; they are updated.
    """
    for last in [m for m in mentions if m.sense.kind == "finding" and m.end - m.first > 1]:
        first = last.first
        while first > 1 and words[first - 1] in _LINKS and (words[first - 1] != "," or first < last.first):
            named = _finding_before(first, last, words, mentions, lexicon)
            if named is None:
                break
            _put(named, mentions)
            first = named.first
        following = _finding_after(last, words, mentions, lexicon)
        if following is not None:
            _put(following, mentions)


def _span_of(first: int, end: int, mentions: list[Mention]) -> tuple[int, int]:
    """Return the indices from and up to which mentions, in order, have words from `first` up to `end`."""
    start = index_at(mentions, first)
    while start and mentions[start - 1].end > first:
        start -= 1
    return start, index_at(mentions, end, start)


def _overlapping(first: int, end: int, mentions: list[Mention]) -> list[Mention]:
    start, stop = _span_of(first, end, mentions)
    return mentions[start:stop]


def _put(named: Mention, mentions: list[Mention]) -> None:
    """Put a mention in the place of those that share words with it."""
    start, stop = _span_of(named.first, named.end, mentions)
    mentions[start:stop] = [named]


def _finding_after(last: Mention, words: list[str], mentions: list[Mention], lexicon: Lexicon) -> Mention | None:
    """Return the finding that a structure after *and* names with the start of a name: *enlarged liver and spleen*.

    The structure has to end its part of the sentence: not *enlarged liver and spleen of normal size*.
    """
    if last.end >= len(words) or words[last.end] not in _JOINED:
        return None
    after = _overlapping(last.end + 1, last.end + 2, mentions)
    structure = next((m for m in after if m.first > last.end and m.sense.kind == "anatomy"), None)
    if structure is None or structure.flags & ADJECTIVE:
        return None
    if structure.end < len(words) and words[structure.end] not in _ENDS:
        return None
    for end in range(last.first + 1, last.end):
        for sense, _, _ in lexicon.entries_of([*words[last.first : end], *words[structure.first : structure.end]]):
            if sense.kind == "finding" and sense is not last.sense:
                return Mention(structure.first, structure.end, sense)
    return None


def _finding_before(
    first: int, last: Mention, words: list[str], mentions: list[Mention], lexicon: Lexicon
) -> Mention | None:
    """Return the finding that the words before a conjunction name with the end of the name of a finding, or None.

    They are the adjective of a structure, or before *or* its noun (*kidney or bladder stones*) or a word without a
    mention of its own (*acute or chronic*). A noun after an article or preposition is no part of the list.

    :param first: index of the word after the conjunction or comma.
    """
    link = first - 1 - (words[first - 2] in _BEFORE_LINK)
    if not link:
        return None  # no word precedes the conjunction
    own = _overlapping(link - 1, link, mentions)
    either = words[first - 1] == _OR
    if not (own or either):
        return None
    if not all(m.end == link and m.sense.kind == "anatomy" and (either or m.flags & ADJECTIVE) for m in own):
        return None
    start = min((m.first for m in own), default=link - 1)
    is_noun = any(not m.flags & ADJECTIVE for m in own)
    if is_noun and any(m.sense.kind == "function" for m in _overlapping(start - 1, start, mentions)):
        return None
    for name in (words[start:link], *_completed(words[start:link], words[first])):
        for tail in range(last.first + 1, last.end):
            for sense, _, _ in lexicon.entries_of([*name, *words[tail : last.end]]):
                if sense.kind == "finding" and sense is not last.sense:
                    return Mention(start, link, sense)
    return None


def _completed(prefix: list[str], word: str) -> Iterator[list[str]]:
    """Yield a prefix with each end of the word after it: *intrahepatic* for *intra- or extrahepatic*."""
    if len(prefix) == 1:
        for i in range(_SHORTEST_PREFIX, len(word) - _SHORTEST_PREFIX):
            yield [prefix[0] + word[i:]]


def _is_of_veins(sense: Sense) -> bool:
    """Return whether the name of a finding implies the peripheral veins."""
    organ = sense.places[0].organ if sense.places else None
    return organ is not None and organ.concept == _VEINS


def _named_before(
    first: int, last: Mention, words: list[str], mentions: list[Mention], lexicon: Lexicon
) -> Mention | None:
    """Return the structure that the words before a conjunction or a comma name with the last words of a list, or None.

    :param first: index of the word after the conjunction or comma; directly before the structure, a comma links no
        list.
    """
    link = first - 1
    if words[link] == "," and first == last.first:
        return None
    if words[link - 1] == ",":
        link -= 1  # the comma before a conjunction
    for start in range(max(link - LONGEST_ELIDED, 0), link):
        overlapping = _overlapping(start, link, mentions)
        if all(start <= m.first and m.end <= link and m.sense.kind in _REPLACED for m in overlapping):
            nouns = [m for m in overlapping if m.sense.kind == "anatomy" and not m.flags & ADJECTIVE]
            sense = next(_senses(words[start:link], words[last.first : last.end], nouns, lexicon), None)
            if sense is not None:
                return Mention(start, link, sense)
    return None


def _senses(words: list[str], name: list[str], nouns: list[Mention], lexicon: Lexicon) -> Iterator[Sense]:
    """Yield the structures that words and the end of a name call together; a name that has a side is no such name.

    :param nouns: structures that the words name themselves; such a name may leave out no more than the kind of
        structure (*supraspinatus* and *infraspinatus tendons*).
    """
    for tail in range(1, len(name)):
        for sense, _, exact in lexicon.entries_of([*words, *name[tail:]]):
            if sense.kind != "anatomy" or exact is not None or sense.own_side is not None:
                continue
            if not nouns or (
                sense.attributes.get("generic") and all(_is_called_by(sense, noun.sense) for noun in nouns)
            ):
                yield sense


def _is_called_by(sense: Sense, noun: Sense) -> bool:
    """Return whether the name of a structure begins with that of another: *supraspinatus tendon*, *supraspinatus*."""
    own = str(noun.attributes["attributive"]).lower()
    return str(sense.attributes["label"]).lower().startswith(f"{own} ")
