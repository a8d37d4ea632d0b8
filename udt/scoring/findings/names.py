"""Names of concepts, made comparable.

Two names are the same if they differ only in case, hyphens, apostrophes and other punctuation, British and American
spelling, and singular or plural. A concept has all its English labels as names: preferred, alternative, hidden and
abbreviated ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from udt.taxonomy.model.concept import Concept

_POSSESSIVE = re.compile(r"[’']s\b")
_SEPARATORS = re.compile(r"[^\w%.]+|_")
_IRREGULAR_PLURALS = {
    "bursae": "bursa",
    "calculi": "calculus",
    "diverticula": "diverticulum",
    "emboli": "embolus",
    "fistulae": "fistula",
    "foci": "focus",
    "ova": "ovum",
    "septa": "septum",
    "testes": "testis",
    "thrombi": "thrombus",
}
# The first one that matches a word makes it singular.
_PLURALS = (
    (re.compile(r"(.{2,})ies"), r"\1y"),
    (re.compile(r"(?=.{7})(.*(?:os|stas|ectas|thes|res))es"), r"\1is"),
    (re.compile(r"(.*(?:ss|sh|ch|x))es"), r"\1"),
    (re.compile(r"(.{3,}(?<![sui]))s"), r"\1"),
)
_SPELLINGS = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"our$"), "or"),
    (re.compile(r"([bt])re$"), r"\1er"),
)


@lru_cache(maxsize=2**17)
def normalized_name(name: str) -> str:
    """Return the form of a name that all its spellings share.

    >>> normalized_name("Baker's cysts"), normalized_name("haemorrhagic-diverticula")
    ('baker cyst', 'hemorrhagic diverticulum')
    """
    plain = _POSSESSIVE.sub("", name.lower()).replace("'", "").replace("’", "")
    return " ".join(_normalized_word(word) for word in _SEPARATORS.sub(" ", plain).split())


def _normalized_word(word: str) -> str:
    word = _IRREGULAR_PLURALS.get(word) or _singular(word)
    for pattern, spelling in _SPELLINGS:
        word = pattern.sub(spelling, word)
    return word


def _singular(word: str) -> str:
    for pattern, singular in _PLURALS:
        if found := pattern.fullmatch(word):
            return found.expand(singular)
    return word


GENERIC_NAMES = frozenset(
    {
        "abnormality",
        "area",
        "change",
        "finding",
        "focus",
        "formation",
        "lesion",
        "normal",
        "normal appearance",
        "normal finding",
        "normality",
        "region",
        "structure",
        "zone",
    }
)
"""Names that distinguish no finding from another, normalized: they count as no concept."""


class ResolvedName(NamedTuple):
    """A concept or site of a document.

    :ivar curies: the concepts of the taxonomy that it may be.
    :ivar names: all names of these, and those in the document; normalized.
    """

    curies: frozenset[str]
    names: frozenset[str]


_NOTHING = ResolvedName(frozenset(), frozenset())
_IDENTIFIERS = ("concept", "curie", "id", "iri")
_LABELS = ("label", "name", "text", "concept")


class ConceptNames:
    """The concepts of a taxonomy by name, deprecated ones included."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._names: dict[str, frozenset[str]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._curies: dict[str, str] = {}
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        for concept in concepts:
            self._curies |= {concept.curie: concept.curie, concept.iri: concept.curie}
            self._parents[concept.curie] = concept.broader
            self._names[concept.curie] = names = frozenset(_english_names(concept))
            for name in names:
                by_name[name].add(concept.curie)
        self._by_name: Mapping[str, frozenset[str]] = {name: frozenset(found) for name, found in by_name.items()}

    def resolve(self, value: object) -> ResolvedName:
        """Resolve a concept or site of a document: a CURIE, an IRI, a name, an object with these, or a list of them.

        A name stands for all concepts that have it, unless the object has an identifier that the taxonomy knows.
        """
        if isinstance(value, list | tuple):
            parts = [self.resolve(part) for part in value]
            return ResolvedName(_union(part.curies for part in parts), _union(part.names for part in parts))
        if isinstance(value, Mapping):
            return self._of_object(value)
        if not isinstance(value, str) or not value:
            return _NOTHING
        known = self._curies.get(value)
        return self._completed({known}, set()) if known else self._completed(set(), {normalized_name(value)})

    def _of_object(self, value: Mapping[str, object]) -> ResolvedName:
        stated = [identifier for key in _IDENTIFIERS if isinstance(identifier := value.get(key), str)]
        curies = {self._curies[identifier] for identifier in stated if identifier in self._curies}
        names: set[str] = set()
        for part in map(value.get, _LABELS):
            if isinstance(part, Mapping):
                inner = self.resolve(part)
                curies |= inner.curies
                names |= inner.names
            elif isinstance(part, str) and part not in self._curies:
                names.add(normalized_name(part))
        return self._completed(curies, names)

    def _completed(self, curies: set[str], names: set[str]) -> ResolvedName:
        found = frozenset(curies) or self.concepts_called(names)
        return ResolvedName(found, (frozenset(names) | _union(self._names[curie] for curie in found)) - {""})

    def concepts_called(self, names: Iterable[str]) -> frozenset[str]:
        """Return the CURIEs of all concepts that have one of these normalized names."""
        return _union(self._by_name.get(name, frozenset()) for name in names)

    def ancestors(self, curies: Iterable[str]) -> frozenset[str]:
        """Return the CURIEs of all concepts above one of these, along all parents."""
        found: set[str] = set()
        level = set(curies)
        while level:
            level = {parent for curie in level for parent in self._parents.get(curie, ())} - found
            found |= level
        return frozenset(found)


def _english_names(concept: Concept) -> Iterator[str]:
    yield normalized_name(concept.label)
    for label in concept.labels:
        if label.language.startswith("en") and label.role != "adjective" and (name := normalized_name(label.text)):
            yield name


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
