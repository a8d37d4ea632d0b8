"""Parts of structures that texts name without the structure: *wall* of the bladder, *lower pole* of the kidney.

They are what remains of the name of a component without the name of a structure that it is a part of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from udt.lexicon.entries import Entries, articles_in, complement_at
from udt.lexicon.forms import Words
from udt.taxonomy.model.taxonomy import Taxonomy

_PREPOSITIONS = frozenset({"of", "in"})
# Most words of the name of a part.
_LONGEST = 3


def parts(entries: Entries, taxonomy: Taxonomy) -> dict[str, dict[str, str]]:
    """Return the words of a part to the structures that have such a part, each with its component."""
    wholes: dict[Words, list[str]] = {}
    components: list[tuple[Words, str]] = []
    for words, named in sorted(entries.items()):
        for curie, _, exact in named:
            kind = taxonomy.concepts[curie].kind
            if kind in {"Component", "Organ"} and exact is None:
                wholes.setdefault(words, []).append(curie)
                components += [(words, curie)] if kind == "Component" and len(words) > 1 else []
    articles = articles_in(taxonomy)
    structures = {curie for named in wholes.values() for curie in named}
    organs = {curie: _organ(curie, taxonomy) for curie in structures if taxonomy.concepts[curie].kind == "Component"}
    found: dict[str, dict[str, str]] = {}
    for words, curie in components:
        for rest, name in _splits(words, articles):
            for whole in wholes.get(name, ()):
                same = whole == organs[curie] or organs.get(whole) == organs[curie]
                if same and whole != curie and len(rest) <= _LONGEST:
                    found.setdefault(" ".join(rest), {}).setdefault(whole, curie)
    return {part: dict(sorted(found[part].items())) for part in sorted(found) if _is_name(part, entries, taxonomy)}


def wholes(parts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return components to the outermost structure whose part they are: *renal cortex* to *kidney*."""
    direct = {component: whole for named in parts.values() for whole, component in sorted(named.items(), reverse=True)}
    return {component: _outermost(component, direct) for component in sorted(direct)}


def _outermost(component: str, direct: Mapping[str, str]) -> str:
    seen = [component]
    while (whole := direct.get(seen[-1])) is not None and whole not in seen:
        seen.append(whole)
    return seen[-1]


def _organ(curie: str, taxonomy: Taxonomy) -> str:
    """Return the organ class that a component belongs to, else its body system."""
    above = [concept for concept in taxonomy.ancestors(curie) if concept.kind in {"Organ", "BodySystem"}]
    return above[0].curie if above else curie


def _splits(words: Words, articles: Collection[str]) -> Iterator[tuple[Words, Words]]:
    """Yield (part, whole) pairs that a name is made of: *gallbladder wall*, *wall of the gallbladder*."""
    for i in range(1, len(words)):
        yield words[i:], words[:i]
        if whole := complement_at(words, i, articles, _PREPOSITIONS):
            yield words[:i], whole


def _is_name(part: str, entries: Entries, taxonomy: Taxonomy) -> bool:
    """Return whether words may name a part alone: they are no cue, side, finding or value."""
    named = entries.get(tuple(part.split()), ())
    kinds = {taxonomy.concepts[curie].kind for curie, _, _ in named}
    return part.replace(" ", "").isalpha() and kinds <= {"Component", "Organ", "Region", "Head"}
