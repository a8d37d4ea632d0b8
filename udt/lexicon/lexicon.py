"""The lexicon at run time: what each entry means, as small objects that the rules can ask quickly."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Any

from udt.lexicon.cache import load_lexicon_data
from udt.lexicon.senses import KINDS, Kind, Place, Sense, Value
from udt.lexicon.spelling import SpellingCorrector
from udt.lexicon.trie import Entry, Trie, TrieNode, entries_in

_ORDER = attrgetter("order")


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """One dimension as the normaliser needs it: its key and its labels in order."""

    key: str
    labels: tuple[str, ...]


class Lexicon:
    """Words to senses, and the tables that the rules use.

    :ivar senses: the sense of every concept.
    :ivar root: the root of the trie, with senses in place of their names.
    :ivar endings: the suffixes and their plurals.
    :ivar abbreviations: words behind which a full stop ends no sentence.
    :ivar sides: single words that tell a side, and the side that they tell.
    :ivar composing: what qualifies a head in some composition; None stands for a head without qualifier.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.version: str = data["version"]
        self.dimensions = tuple(LabelSpace(d["key"], tuple(d["labels"])) for d in data["dimensions"])
        self._trie: dict[str, Trie] = data["trie"]
        self._concepts: Mapping[str, dict[str, Any]] = data["concepts"]
        order = count()
        self._values = {
            concept: Value(i, d["key"], next(order), label, concept)
            for i, d in enumerate(data["dimensions"])
            for label, concept in zip(d["labels"], d["concepts"], strict=True)
        }
        self._by_label = {(v.dimension, v.label): v for v in self._values.values()}
        self._no_labels: dict[str, tuple[str, ...]] = {d.key: () for d in self.dimensions}
        self._places: dict[str, Place] = {}
        self.suffixes = {suffix: tuple(self._values[v] for v in vs) for suffix, vs in data["suffixes"].items()}
        self.endings = tuple(suffix + plural for suffix in self.suffixes for plural in ("", "s", "ta"))
        self.prefixes = frozenset(data["prefixes"])
        self.abbreviations = frozenset(data["abbreviations"])
        self.sides: Mapping[str, str] = data["sides"]
        self.joined_negations = tuple(data["joined_negations"])
        self.compositions: dict[tuple[str | None, str], tuple[Value, ...]] = {}
        self.negated_heads: dict[str, Value] = {}
        self._read_compositions(data["compositions"])
        matched = (c for c, told in self._concepts.items() if c in self._values or told["kind"] in KINDS)
        self.senses = {curie: self._sense(curie) for curie in matched}
        self.root = TrieNode(self._trie, self.senses)
        self.composing = frozenset(modifier for modifier, _ in self.compositions)

    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> Lexicon:
        """The lexicon of the built-in ontology and `extensions`."""
        return cls(load_lexicon_data(extensions))

    def _read_compositions(self, rows: list[tuple[str, str | None, str, bool]]) -> None:
        for concept, modifier, head, negated in rows:
            value = self._values[concept]
            if negated:
                self.negated_heads[head] = value
            else:
                implied = tuple(self._values[v] for v in self._concepts[concept].get("impliesValue", ()))
                self.compositions[modifier, head] = (*self.compositions.get((modifier, head), ()), value, *implied)

    def named(self, values: Collection[Value]) -> dict[str, tuple[str, ...]]:
        """The labels of `values` by dimension: all nine keys, each with its labels in the order of the taxonomy."""
        found = self._no_labels.copy()
        for value in sorted(values, key=_ORDER) if len(values) > 1 else values:
            found[value.key] += (value.label,)
        return found

    def _sense(self, curie: str) -> Sense:
        data = self._concepts[curie]
        kind = _kind(data)
        implied = tuple(self._values[v] for v in data.get("impliesValue", ()))
        if kind == "anatomy":
            return self._anatomy(curie, data)
        if kind == "value":
            values = (self._values[curie], *implied)
            return Sense(curie, kind, values, heads=(curie, "lex:lesion"), attributes=data)
        if kind == "finding":
            nouns = ("lex:lesion-noun",) if data.get("lesionNoun") else ()
            heads = (curie, *(v.concept for v in implied), *nouns, "lex:lesion")
            places = tuple(self.place(c) for c in data.get("impliesOrgan", ()))
            specificity = str((data.get("specificity") or [""])[0]).removeprefix("ns:")
            weak = "faint" if data.get("weak") else ""
            return Sense(curie, kind, implied, places, heads, specificity=specificity, weak=weak, attributes=data)
        heads = (curie,) if kind == "head" else ()
        role = str((data.get("function") or data.get("direction") or data.get("scope") or [""])[0]).removeprefix("ns:")
        return Sense(curie, kind, heads=heads, role=role, attributes=data)

    def _anatomy(self, curie: str, data: Mapping[str, Any]) -> Sense:
        female = data.get("whenFemale")
        return Sense(
            curie,
            "anatomy",
            places=(self.place(curie),),
            heads=(curie, "lex:anatomy"),
            line=frozenset(data["line"]),
            specificity=data["specificity"],
            pediatric=self.place(data["pediatric"]) if data["pediatric"] else None,
            female=self.place(female[0]) if female else None,
            compartments=tuple((within, self.place(place)) for within, place in data["compartments"]),
            attributes=data,
        )

    def place(self, curie: str) -> Place:
        """What an anatomical concept labels."""
        if curie not in self._places:
            data = self._concepts[curie]
            organ, system = data["organ"], data["system"]
            self._places[curie] = Place(
                curie,
                self._by_label[1, organ] if organ else None,
                self._by_label[0, system] if system else None,
            )
        return self._places[curie]

    def entries(self, word: str) -> tuple[Entry, ...]:
        """What a word means by itself."""
        return self.root.behind(word).entries if word in self._trie else ()

    @cached_property
    def spelling(self) -> SpellingCorrector:
        """Corrects misspelled words of anatomy and of values."""
        kinds = {curie: _kind(data) for curie, data in self._concepts.items()}
        return SpellingCorrector(
            word
            for word, node in self._trie.items()
            for curie, _, exact in entries_in(node)
            if exact is None and kinds[curie] in {"anatomy", "value"}
        )

    @cached_property
    def pediatrics(self) -> Place:
        """The body system of the pediatric classes, alone."""
        target = next(data["pediatric"] for data in self._concepts.values() if data.get("pediatric"))
        return self.place(self._concepts[target]["line"][-1])

    def pediatric_of(self, place: Place) -> Place | None:
        """What replaces `place` under 18 years, or None where no class covers it."""
        return self.senses[place.concept].pediatric


def _kind(concept: Mapping[str, Any]) -> Kind:
    return KINDS.get(concept["kind"], "value")
