"""The phrase for each label in a language: a name of the taxonomy in a form that the normaliser reads back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from udt.core.labels import LabelSet
from udt.records.captions.acceptance import RoundTrip
from udt.records.captions.grammar import CaptionGrammar, Slot
from udt.records.captions.tagged import TaggedLabels
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

Pair = tuple[int, int]
PHRASES = 2
"""Phrases that are looked for of each label; the second one is for captions in which the first is not read back."""

_ROLES = ("pref", "alt")


class Phrase(NamedTuple):
    """A phrase for a label, and its slot in a sentence."""

    text: str
    slot: Slot


class PhraseBook:
    """Finds the phrases of labels by trying their names in a sentence; each label is tried once.

    A phrase may state the labels that the taxonomy has its label imply as well, and no others.
    """

    def __init__(self, taxonomy: Taxonomy, grammar: CaptionGrammar, reader: RoundTrip) -> None:
        self._taxonomy, self._grammar, self._reader = taxonomy, grammar, reader
        self._found: dict[Pair, tuple[Phrase, ...]] = {}
        self._closures = Closures(taxonomy)

    def phrases(self, dimension: int, label: int) -> tuple[Phrase, ...]:
        """Return the first phrases of a label, none if the normaliser reads none of its names back."""
        pair = dimension, label
        if pair not in self._found:
            allowed = self._closures.closed(LabelSet.of_pairs([pair], len(self._reader.vocabulary.dimensions)))
            self._found[pair] = tuple(islice(self._read_back(*pair, allowed), PHRASES))
        return self._found[pair]

    def _read_back(self, dimension: int, label: int, allowed: LabelSet) -> Iterator[Phrase]:
        """Yield the phrases that are read back: all of the preferred names, or of the first other name with any."""
        concept = self._taxonomy[self._reader.vocabulary.dimensions[dimension].iris[label]]
        preferred = self._grammar.preferred.get(concept.curie, ())
        found = False
        for name in self._names(concept):
            if found and name not in preferred:
                return
            for phrase in self._candidates(dimension, concept, name):
                if self._is_read(phrase, allowed):
                    found = True
                    yield phrase

    def _is_read(self, phrase: Phrase, wanted: LabelSet) -> bool:
        text = self._grammar.article(phrase.text) if phrase.slot in ("noun", "adjective") else phrase.text
        probe = self._grammar.probes[phrase.slot].format(text)
        return set(self._reader.read(probe)) == set(TaggedLabels.of_present(wanted))

    def _candidates(self, dimension: int, concept: Concept, name: str) -> Iterator[Phrase]:
        """Yield the phrases of a name in the forms of its dimension."""
        space = self._reader.vocabulary.dimensions[dimension]
        for slot, forms in self._grammar.forms_of(concept.curie, space.key, space.role).items():
            for form in forms:
                yield Phrase(form.format(name, a=self._grammar.article(name)), slot)

    def _names(self, concept: Concept) -> list[str]:
        own = [
            label.text
            for role in _ROLES
            for label in concept.labels
            if label.role == role and label.language == self._grammar.language
        ]
        own = [_small_initial(name) for name in own] if self._grammar.small_initials else own
        return list(dict.fromkeys((*self._grammar.preferred.get(concept.curie, ()), *own)))


class Closures:
    """Closes label sets: a place within another has that too, and a value those that the taxonomy has it imply."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        vocabulary = taxonomy.vocabulary
        self._size = len(vocabulary.dimensions)
        iris = {iri: (i, j) for i, d in enumerate(vocabulary.dimensions) for j, iri in enumerate(d.iris)}
        curies = {taxonomy[iri].curie: pair for iri, pair in iris.items()}
        self._implied: dict[Pair, list[Pair]] = {}
        outer, inner = (vocabulary.keys.index(key) for key in vocabulary.nested_places)
        for curie, pair in curies.items():
            values = [curies[value] for value in taxonomy.implied(curie).values if value in curies]
            if pair[0] == inner:
                values.append((outer, vocabulary.dimensions[inner].parents[pair[1]]))
            self._implied[pair] = values

    def closed(self, labels: LabelSet) -> LabelSet:
        """Return a label set with all that it implies."""
        found: set[Pair] = set()
        todo = list(labels.pairs())
        while todo:
            pair = todo.pop()
            if pair not in found:
                found.add(pair)
                todo += self._implied[pair]
        return LabelSet.of_pairs(found, self._size)

    def implied_by_others(self, labels: LabelSet) -> frozenset[Pair]:
        """Return the labels of a set that another label of it implies."""
        return frozenset(pair for one in labels.pairs() for pair in self._implied[one])


def _small_initial(name: str) -> str:
    return name if name[1:2].isupper() else " ".join(_small(word) for word in name.split(" "))


def _small(word: str) -> str:
    return word[:1].lower() + word[1:] if word[1:].islower() else word
