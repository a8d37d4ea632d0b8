"""The structures that the sentences of a text speak of: named anatomy, and parts named without their structure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import compress
from typing import NamedTuple

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place, Sense
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence


class PartName(NamedTuple):
    """Words that may name a part of a structure.

    :ivar components: the component by the structure that it is a part of.
    """

    first: int
    end: int
    components: dict[str, str]


def line_of(sense: Sense) -> Sequence[str]:
    """Return the CURIEs of a structure, of what its name calls it (*vein*), and of all above it, in order."""
    line: list[str] = sense.attributes.get("line", [sense.curie])
    generic: list[str] = sense.attributes.get("generic", [])
    return [line[0], *generic, *line[1:]] if generic else line


def is_sided(sense: Sense) -> bool:
    """Return whether a structure is one of a pair and its name has the side: *left kidney*, not *left ventricle*."""
    name = str(sense.attributes.get("label", ""))
    return bool(sense.attributes.get("paired")) and name.startswith(("left ", "right "))


def known_words(words: list[str], known: Container[str]) -> list[int]:
    """Return the indices of the words that are known, in order."""
    return list(compress(range(len(words)), map(known.__contains__, words)))  # faster than a loop over the words


def in_sentence(indices: list[int], sentence: Sentence) -> list[int]:
    """Return those of the sorted indices that are words of a sentence."""
    if not indices:
        return indices
    first = bisect_left(indices, sentence.first)
    return indices[first : bisect_left(indices, sentence.end, first)]


def parts_in(starts: Iterable[int], sentence: Sentence, words: list[str], lexicon: Lexicon) -> list[PartName]:
    """Return the words of a sentence that may name parts, longest first at each word, without overlap.

    :param starts: the indices of its words with which a part may start, in order.
    """
    found: list[PartName] = []
    left = 0
    for first in starts:
        if first < left:
            continue
        for end in range(min(first + lexicon.part_starts[words[first]], sentence.end), first, -1):
            components = lexicon.parts.get(" ".join(words[first:end]))
            if components:
                found.append(PartName(first, end, components))
                left = end
                break
    return found


def resolve_parts(
    parts: Sequence[PartName],
    sentence: Sentence,
    named: list[PlaceCandidate],
    context: Iterable[PlaceCandidate],
    lexicon: Lexicon,
    place_of: Callable[[Place], Place],
) -> list[PlaceCandidate]:
    """Return the structures of a sentence in order: those that it names, and the parts of these or of the context.

    :param parts: the words that may name parts.
    :param named: the structures that the sentence names.
    :param context: other structures whose parts may be meant, the nearest first.
    """
    around = list(context)
    found = list(named)
    for part in parts:
        inside = [s for s in named if s.mention.first <= part.first and part.end <= s.mention.end]
        longer = [s for s in inside if s.mention.end - s.mention.first > part.end - part.first]
        if longer:
            continue
        others = sorted((s for s in named if s not in inside), key=lambda s: abs(s.mention.first - part.first))
        component = _component(part, [*others, *around])
        if component is None or component not in lexicon.senses:
            continue
        candidate = _candidate(part, component, sentence, lexicon, place_of)
        found = [s for s in found if s not in inside]
        found.append(candidate)
    return sorted(found, key=lambda s: s.mention.first)


def _component(part: PartName, structures: Sequence[PlaceCandidate]) -> str | None:
    """Return the component that a part means with the nearest structure that has such a part."""
    for structure in structures:
        line = line_of(structure.mention.sense)
        if component := next((part.components[curie] for curie in line if curie in part.components), None):
            return component
    return None


def _candidate(
    part: PartName, component: str, sentence: Sentence, lexicon: Lexicon, place_of: Callable[[Place], Place]
) -> PlaceCandidate:
    mention = Mention(part.first, part.end, lexicon.senses[component])
    return PlaceCandidate(mention, place_of(mention.sense.places[0]), Definiteness.STRUCTURE, sentence)
