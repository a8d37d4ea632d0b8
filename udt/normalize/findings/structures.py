"""The structures that the sentences of a text speak of: named anatomy, and parts named without their structure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Place, Sense
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Most words of the name of a part.
_LONGEST_PART = 3


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


def parts_in(sentence: Sentence, words: list[str], lexicon: Lexicon) -> list[PartName]:
    """Return the words of a sentence that may name parts, longest first at each word, without overlap."""
    found: list[PartName] = []
    i = sentence.first
    while i < sentence.end:
        if words[i] in lexicon.part_starts:
            for end in range(min(i + _LONGEST_PART, sentence.end), i, -1):
                components = lexicon.parts.get(" ".join(words[i:end]))
                if components:
                    found.append(PartName(i, end, components))
                    i = end - 1
                    break
        i += 1
    return found


def resolve_parts(
    sentence: Sentence,
    words: list[str],
    named: list[PlaceCandidate],
    context: Iterable[PlaceCandidate],
    lexicon: Lexicon,
    place_of: Callable[[Place], Place],
) -> list[PlaceCandidate]:
    """Return the structures of a sentence in order: those that it names, and the parts of these or of the context.

    :param named: the structures that the sentence names.
    :param context: other structures whose parts may be meant, the nearest first.
    """
    parts = parts_in(sentence, words, lexicon)
    if not parts:
        return named
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
