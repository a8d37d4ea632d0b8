"""The structures that the sentences of a text speak of: named anatomy, and parts named without their structure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place, Sense
from udt.normalize.distances import LONGEST_PART, TAKING_UP_REACH
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Roles of the words before a noun that takes up a structure (*the tendon*).
_TAKING_UP: Final = frozenset({"Anaphor", "Definite"})


class PartName:
    """Words that may name a part of a structure.

    :ivar name: these words.
    """

    __slots__ = ("end", "first", "name")

    def __init__(self, first: int, end: int, name: str) -> None:
        self.first, self.end, self.name = first, end, name


def is_sided(sense: Sense) -> bool:
    """Return whether a structure is one of a pair and its name has the side: *left kidney*, not *left ventricle*."""
    return sense.own_side is not None


def in_sentence(indices: list[int], sentence: Sentence) -> list[int]:
    """Return those of the sorted indices that are words of a sentence."""
    if not indices:
        return indices
    first = bisect_left(indices, sentence.first)
    return indices[first : bisect_left(indices, sentence.end, first)]


def starts_of_parts(words: list[str], candidates: Iterable[int], lexicon: Lexicon) -> list[int]:
    """Return those of the indices of words with which a part may start: by the word alone, or by the word after it."""
    starts = []
    part_starts, last = lexicon.part_starts, len(words) - 1
    for i in candidates:
        second_words = part_starts.get(words[i])
        if second_words is not None and ("" in second_words or (i < last and words[i + 1] in second_words)):
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
        limit = min(first + LONGEST_PART, sentence.end)
        if limit - first > 1 and words[first + 1] not in lexicon.part_starts[words[first]]:
            limit = first + 1
        for end in range(limit, first, -1):
            name = " ".join(words[first:end])
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
    resolver: _PartResolver | None = None
    found = named
    for part in parts:
        inside = [s for s in named if s.mention.first <= part.first and part.end <= s.mention.end]
        if inside and max(s.mention.end - s.mention.first for s in inside) > part.end - part.first:
            continue
        if resolver is None:
            resolver = _PartResolver(sentence, named, context, lexicon, place_of)
        meant = resolver.meaning(part, inside)
        if meant is not None:
            found = [*(s for s in found if not _is_within(s, part)), meant]
    return sorted(found, key=lambda s: s.mention.first) if len(found) > 1 else found


def _is_within(structure: PlaceCandidate, part: PartName) -> bool:
    return part.first <= structure.mention.first and structure.mention.end <= part.end


class _PartResolver:
    """Finds what the names of parts in one sentence mean; the arguments are those of `resolve_parts`."""

    def __init__(
        self,
        sentence: Sentence,
        named: list[PlaceCandidate],
        context: Callable[[], list[PlaceCandidate]],
        lexicon: Lexicon,
        place_of: Callable[[Place], Place],
    ) -> None:
        self._sentence, self._named, self._context = sentence, named, context
        self._lexicon, self._place_of = lexicon, place_of
        self._implied = self._implied_structures() if "finding" in sentence.kind_set else []
        # Filled at the first use; mypyc does not know `cached_property`.
        self._around: list[PlaceCandidate] | None = None

    def _implied_structures(self) -> list[PlaceCandidate]:
        """Return what the names of findings imply, by definition or as their organ: *gallstone in the neck*."""
        found: list[PlaceCandidate] = []
        for mention in self._sentence.mentions:
            if mention.sense.kind == "finding" and not mention.excluded:
                organ = mention.sense.places[0].organ if mention.sense.places else None
                structures = [self._lexicon.structures.get(mention.sense.curie), organ.concept if organ else None]
                for sense in (self._lexicon.senses[curie] for curie in structures if curie is not None):
                    named = Mention(mention.first, mention.end, sense)
                    place = self._place_of(sense.places[0])
                    found.append(PlaceCandidate(named, place, Definiteness.STRUCTURE, self._sentence))
        return found

    def meaning(self, part: PartName, inside: Sequence[PlaceCandidate]) -> PlaceCandidate | None:
        """Return the structure that a name means: a part of one in the sentence, else of one of the context, or None.

        If no structure has such a part, the end of the name may name one: *lateral wall* of the bladder.

        :param inside: the structures that have the same words; the name of an organ names no part of another, except
            for what is counted (*nodes* of the axilla).
        """
        implied = [s for s in self._implied if s.mention.end <= part.first or part.end <= s.mention.first]
        named = [*self._named, *implied]
        if inside:
            named = [structure for structure in named if structure not in inside]
        endings = list(self._endings(part)) if " " in part.name else [part]
        for ending in endings:
            wholes = [s for s in named if ending.name in self._lexicon.components_of(s.mention.sense)]
            if wholes:
                return self._part(ending, min(wholes, key=lambda s: abs(s.mention.first - part.first)))
        return next((meant for ending in endings if (meant := self._in_context(ending)) is not None), None)

    def _endings(self, part: PartName) -> Iterator[PartName]:
        """Yield the name of a part, then the ends of it that name one."""
        names = part.name.split()
        for i in range(len(names)):
            name = " ".join(names[i:])
            if not i or names[i - 1] in self._lexicon.positions:
                yield PartName(part.first + i, part.end, name)

    def _in_context(self, part: PartName) -> PlaceCandidate | None:
        if self._around is None:
            self._around = self._context()
        around = self._around
        if not around:
            return None
        known = _taken_up(part, around, self._sentence)
        if known is not None:
            noun = Mention(part.first, part.end, known.mention.sense)
            return PlaceCandidate(noun, known.place, Definiteness.STRUCTURE, self._sentence)
        whole = next((s for s in around if part.name in self._lexicon.components_of(s.mention.sense)), None)
        return self._part(part, whole) if whole is not None else None

    def _part(self, part: PartName, whole: PlaceCandidate) -> PlaceCandidate | None:
        """Return the part of a structure; *nodes* are no part of what another sentence speaks of."""
        sense = self._lexicon.senses[self._lexicon.components_of(whole.mention.sense)[part.name]]
        elsewhere = whole.sentence is not self._sentence and whole.mention is not self._sentence.topic
        if elsewhere and sense.counted:
            return None
        mention = Mention(part.first, part.end, sense)
        place = self._place_of(sense.places[0])
        place = place if place.organ is not None or whole.place.organ is None else whole.place  # *its lumen*
        found = PlaceCandidate(mention, place, Definiteness.STRUCTURE, self._sentence)
        found.whole = whole.mention.sense.curie
        return found


def _taken_up(part: PartName, around: Sequence[PlaceCandidate], sentence: Sentence) -> PlaceCandidate | None:
    """Return the structure of the text before that a noun takes up by its last word: *the tendon*, *this vein*.

    :param around: the structures that the sentence may mean, the nearest first.
    """
    if part.first > sentence.first:
        near = (m for m in sentence.mentions if m.end <= part.first <= m.end + TAKING_UP_REACH)
        if _TAKING_UP.isdisjoint(m.sense.role for m in near):
            return None
    ending = f" {part.name}"
    return next((s for s in around if str(s.mention.sense.attributes["label"]).endswith(ending)), None)
