"""The structures that the sentences of a text speak of: named anatomy, and parts named without their structure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Final, NamedTuple

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place, Sense
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Most words of the name of a part.
_LONGEST_PART: Final = 3
# Roles of the words before a noun that takes up a structure (*the tendon*), and most words between (*the whole vein*).
_TAKING_UP: Final = frozenset({"Anaphor", "Definite"})
_TAKING_UP_REACH: Final = 1


class PartName(NamedTuple):
    """Words that may name a part of a structure.

    :ivar name: these words.
    """

    first: int
    end: int
    name: str


def is_sided(sense: Sense) -> bool:
    """Return whether a structure is one of a pair and its name has the side: *left kidney*, not *left ventricle*."""
    return sense.own_side is not None


def known_words(words: list[str], known: frozenset[str]) -> list[int]:
    """Return the indices of the words that are known, in order."""
    return list(compress(range(len(words)), map(known.__contains__, words)))  # faster than a loop over the words


def in_sentence(indices: list[int], sentence: Sentence) -> list[int]:
    """Return those of the sorted indices that are words of a sentence."""
    if not indices:
        return indices
    if sentence.first <= indices[0] and indices[-1] < sentence.end:
        return indices
    first = bisect_left(indices, sentence.first)
    return indices[first : bisect_left(indices, sentence.end, first)]


def starts_of_parts(words: list[str], candidates: Iterable[int], lexicon: Lexicon) -> list[int]:
    """Return those of the indices of words with which a part may start: by the word alone, or by the word after it."""
    starts = []
    for i in candidates:
        second_words = lexicon.part_starts.get(words[i])
        if second_words is not None and ("" in second_words or second_words.intersection(words[i + 1 : i + 2])):
            starts.append(i)
    return starts


def parts_in(starts: Iterable[int], sentence: Sentence, words: list[str], lexicon: Lexicon) -> list[PartName]:
    """Return the words of a sentence that may name parts, longest first at each word, without overlap.

    :param starts: the indices of its words with which a part may start, in order.
    """
    found: list[PartName] = []
    left, parts = 0, lexicon.parts
    for first in starts:
        if first < left:
            continue
        second_words = lexicon.part_starts[words[first]]
        several = first + 1 < sentence.end and words[first + 1] in second_words
        if not several and "" not in second_words:
            continue
        for end in range(min(first + _LONGEST_PART, sentence.end) if several else first + 1, first, -1):
            name = " ".join(words[first:end]) if several else words[first]
            if name in parts:
                found.append(PartName(first, end, name))
                left = end
                break
    return found


def resolve_parts(
    parts: Sequence[PartName],
    sentence: Sentence,
    named: list[PlaceCandidate],
    context: Callable[[], list[PlaceCandidate]],
    lexicon: Lexicon,
    place_of: Callable[[Place], Place],
) -> list[PlaceCandidate]:
    """Return the structures of a sentence in order: those that it names, and the parts of these or of the context.

    :param parts: the words that may name parts.
    :param named: the structures that the sentence names.
    :param context: function that returns other structures whose parts may be meant, the nearest first.
    """
    around: list[PlaceCandidate] | None = None
    found = named
    for part in parts:
        first, end, name = part
        inside = [s for s in named if s.mention.first <= first and end <= s.mention.end]
        if inside and max(s.mention.end - s.mention.first for s in inside) > end - first:
            continue
        wholes = [s for s in named if name in lexicon.components_of(s.mention.sense) and s not in inside]
        if not wholes:
            around = context() if around is None else around
            known = _taken_up(part, around, sentence)
            if known is not None:
                found = [s for s in found if s not in inside]
                noun = Mention(first, end, known.mention.sense)
                found.append(PlaceCandidate(noun, known.place, Definiteness.STRUCTURE, sentence))
                continue
            wholes = [s for s in around if name in lexicon.components_of(s.mention.sense)][:1]
            if wholes and _is_counted(lexicon.components_of(wholes[0].mention.sense)[name], lexicon):
                wholes = [s for s in wholes if s.mention is sentence.topic]
            if not wholes:
                continue
        nearest = min(wholes, key=lambda s: abs(s.mention.first - first)) if len(wholes) > 1 else wholes[0]
        component = lexicon.components_of(nearest.mention.sense)[name]
        if component not in lexicon.senses:
            continue
        found = [s for s in found if s not in inside and not (first <= s.mention.first and s.mention.end <= end)]
        found.append(_candidate(part, component, sentence, lexicon, place_of))
    return sorted(found, key=lambda s: s.mention.first) if found is not named else named


def _taken_up(part: PartName, around: Sequence[PlaceCandidate], sentence: Sentence) -> PlaceCandidate | None:
    """Return the structure of the text before that a noun takes up by its last word: *the tendon*, *this vein*.

    :param around: the structures that the sentence may mean, the nearest first.
    """
    if part.first > sentence.first:
        near = (m for m in sentence.mentions if 0 <= part.first - m.end <= _TAKING_UP_REACH)
        if _TAKING_UP.isdisjoint(m.sense.role for m in near):
            return None
    ending = f" {part.name}"
    return next((s for s in around if str(s.mention.sense.attributes["label"]).endswith(ending)), None)


def _is_counted(component: str, lexicon: Lexicon) -> bool:
    """Return whether a component is a finding itself: *nodes* are no part of what another sentence speaks of."""
    return component in lexicon.senses and bool(lexicon.senses[component].attributes.get("counted"))


def _candidate(
    part: PartName, component: str, sentence: Sentence, lexicon: Lexicon, place_of: Callable[[Place], Place]
) -> PlaceCandidate:
    mention = Mention(part.first, part.end, lexicon.senses[component])
    return PlaceCandidate(mention, place_of(mention.sense.places[0]), Definiteness.STRUCTURE, sentence)
