"""Words that make a finding of a structure: *recanalised* of the umbilical vein, *suspicious* of a lymph node.

They are what remains of the name of a finding without the name of a structure, if it is no finding or value itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udt.lexicon.entries import Entries
from udt.lexicon.forms import Words
from udt.taxonomy.model.taxonomy import Taxonomy

_ANATOMY = frozenset({"BodySystem", "Organ", "Component", "Region"})
_ARTICLES = frozenset({"the", "a", "an"})
# Fewest letters of a predicate of one word.
_SHORTEST = 5


def predicates(entries: Entries, parts: Mapping[str, object], taxonomy: Taxonomy) -> dict[str, dict[str, str]]:
    """Return the words of a predicate to the structures that they describe, each with the finding of both.

    :param parts: words that name a part of a structure, which are no predicates (*valve*).
    """
    structures: dict[Words, list[str]] = {}
    for words, named in entries.items():
        for curie, _, _ in named:
            if taxonomy.concepts[curie].kind in _ANATOMY:
                structures.setdefault(words, []).append(curie)
    found: dict[str, dict[str, str]] = {}
    for words, named in sorted(entries.items()):
        for curie, flags, exact in named:
            if exact is None and not flags and taxonomy.concepts[curie].kind == "FindingTerm":
                for predicate, place in _splits(words):
                    if " ".join(predicate) not in parts and _may_be_predicate(predicate, entries, taxonomy):
                        for structure in structures.get(place, ()):
                            found.setdefault(" ".join(predicate), {}).setdefault(structure, curie)
    return {predicate: dict(sorted(found[predicate].items())) for predicate in sorted(found)}


def _splits(words: Words) -> Iterator[tuple[Words, Words]]:
    """Yield (predicate, structure) pairs that a name is made of: *recanalised vein*, *bladder trabeculation*."""
    for i in range(1, len(words)):
        yield words[:i], words[i:]
        yield words[i:], words[:i]
        if i < len(words) - 1 and words[i] == "of":
            yield words[:i], words[i + 2 :] if words[i + 1] in _ARTICLES else words[i + 1 :]


def _may_be_predicate(words: Words, entries: Entries, taxonomy: Taxonomy) -> bool:
    """Return whether words are one adjective or participle, or one with its adverb, and nothing else in the lexicon."""
    *adverbs, last = words
    if len(last) < _SHORTEST or not last.isalpha() or len(adverbs) > 1:
        return False
    if adverbs and adverbs[0] != "well" and not adverbs[0].endswith("ly"):
        return False
    kinds = {taxonomy.concepts[curie].kind for curie, _, _ in entries.get(words, ())}
    return kinds <= {"Modifier", "PseudoCue", "HedgeCue"}
