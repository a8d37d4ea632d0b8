"""Words that make a finding of a structure: *recanalised* of the umbilical vein, *suspicious* of a lymph node.

They are what remains of the name of a finding without the name of a structure, if it is no finding or value itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from udt.lexicon.entries import Entries, articles_in, named_by, splits
from udt.lexicon.forms import Words
from udt.taxonomy.model.concept import ANATOMY_KINDS
from udt.taxonomy.model.taxonomy import Taxonomy

# Fewest letters of a predicate of one word.
_SHORTEST = 5


def predicates(entries: Entries, parts: Mapping[str, object], taxonomy: Taxonomy) -> dict[str, dict[str, str]]:
    """Return the words of a predicate to the structures that they describe, each with the finding of both.

    :param parts: words that name a part of a structure, which are no predicates (*valve*).
    """
    structures, articles = named_by(entries, taxonomy, ANATOMY_KINDS), articles_in(taxonomy)
    found: dict[str, dict[str, str]] = {}
    for words, named in sorted(entries.items()):
        for curie, flags, exact in named:
            if exact is None and not flags and taxonomy.concepts[curie].kind == "FindingTerm":
                for predicate, place in splits(words, articles):
                    if " ".join(predicate) not in parts and _may_be_predicate(predicate, entries, taxonomy):
                        for structure in structures.get(place, ()):
                            found.setdefault(" ".join(predicate), {}).setdefault(structure, curie)
    return {predicate: dict(sorted(found[predicate].items())) for predicate in sorted(found)}


def _may_be_predicate(words: Words, entries: Entries, taxonomy: Taxonomy) -> bool:
    """Return whether words are one adjective or participle, or one with its adverb, and nothing else in the lexicon."""
    *adverbs, last = words
    if len(last) < _SHORTEST or not last.isalpha() or len(adverbs) > 1:
        return False
    if adverbs and adverbs[0] != "well" and not adverbs[0].endswith("ly"):
        return False
    kinds = {taxonomy.concepts[curie].kind for curie, _, _ in entries.get(words, ())}
    return kinds <= {"Modifier", "PseudoCue", "HedgeCue"}
