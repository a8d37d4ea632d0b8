"""The entries of a lexicon: word sequences with the concepts that they name, and the parts of such names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from udt.lexicon.forms import Words
from udt.taxonomy.model.taxonomy import Taxonomy

Entry = tuple[str, int, str | None]
"""A concept, the flags of the form, and the exact spelling that the text has to have, or None for any case."""
Entries = dict[Words, list[Entry]]

_ARTICLES = frozenset({"ns:Article", "ns:Definite"})
_OF = frozenset({"of"})


def named_by(entries: Entries, taxonomy: Taxonomy, kinds: Collection[str]) -> dict[Words, list[str]]:
    """Return the concepts of some kinds by their words."""
    found: dict[Words, list[str]] = {}
    for words, named in entries.items():
        for curie, _, _ in named:
            if taxonomy.concepts[curie].kind in kinds:
                found.setdefault(words, []).append(curie)
    return found


def articles_in(taxonomy: Taxonomy) -> frozenset[str]:
    """Return the articles, which are no part of a name (*wall of the gallbladder*)."""
    return frozenset(label.text for c in taxonomy if c.one("function") in _ARTICLES for label in c.labels)


def splits(words: Words, articles: Collection[str]) -> Iterator[tuple[Words, Words]]:
    """Yield the (finding, structure) pairs that a name may be made of: *A B*, *B A*, *A of the B*."""
    for i in range(1, len(words)):
        yield words[:i], words[i:]
        yield words[i:], words[:i]
        if complement := complement_at(words, i, articles):
            yield words[:i], complement


def complement_at(words: Words, i: int, articles: Collection[str], prepositions: Collection[str] = _OF) -> Words | None:
    """Return the words after the preposition at an index and its article, or None if there are none."""
    if i >= len(words) - 1 or words[i] not in prepositions:
        return None
    return words[i + 2 :] if words[i + 1] in articles else words[i + 1 :]
