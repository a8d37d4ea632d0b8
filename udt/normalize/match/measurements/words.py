"""Words beside numbers: units, and the terms that decide what a number measures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple, cast

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import TrieNode

SIDES: Final = frozenset({"r", "l", "rt", "lt", "right", "left"})
_UNITS: Final = frozenset({"unit", "length unit"})
_TERMS: Final = frozenset({"measurement term"})
_POWER: Final = frozenset({"2", "3"})


class Unit(NamedTuple):
    """A unit in the text.

    :ivar name: as written, in small letters; `1` for a number without one.
    :ivar factor: its size in `canonical`; 0 for a unit that measures no finding.
    :ivar canonical: UCUM code of the canonical unit, e.g. `mm`.
    :ivar quantity: what it measures by itself, e.g. `size`.
    :ivar end: exclusive end index of its words.
    :ivar sense: its sense, or None for a number without a unit.
    """

    name: str
    factor: float
    canonical: str
    quantity: str
    end: int
    sense: Sense | None = None


class Term:
    """A term in the text, with its first and exclusive end word index."""

    __slots__ = ("end", "first", "sense")

    def __init__(self, first: int, end: int, sense: Sense) -> None:
        self.first, self.end, self.sense = first, end, sense

    def one(self, attribute: str) -> str | None:
        """Return the first value of an attribute as a string, or None."""
        values = self.sense.attributes.get(attribute)
        return str(values[0]) if values else None

    def is_true(self, attribute: str) -> bool:
        """Return whether an attribute is stated as true."""
        return bool(self.sense.attributes.get(attribute))


def may_measure(tokens: Tokens, lexicon: Lexicon, known: Sequence[int] | None = None) -> bool:
    """Return whether a text has a word with which a unit starts, or the name of an index, whose number needs none.

    :param known: the words with which a unit or term may start; None if they are to be looked up.
    """
    words = tokens.words
    return not lexicon.measurement_openers.isdisjoint(words if known is None else [words[i] for i in known])


class WordFinder:
    """Finds units and terms in one text.

    :ivar terms: the terms by each of their words; terms do not overlap.
    :param known: the words with which a unit or term may start, in order; None if they are to be looked up.
    """

    def __init__(self, text: str, tokens: Tokens, lexicon: Lexicon, known: Sequence[int] | None = None) -> None:
        self.text, self.tokens, self.lexicon = text, tokens, lexicon
        self.terms: dict[int, Term] = {}
        root, words = lexicon.measurement_root, tokens.words
        end, last = 0, len(words) - 1
        for i in [i for i, word in enumerate(words) if word in root.following] if known is None else known:
            if i < end:
                continue
            word = words[i]
            node = root.children.get(word) or root.child(word)
            several = i < last and words[i + 1] in node.following
            found = self._longest(i, _TERMS) if several else self._single(i, node)
            if found is not None:
                end = found.end
                for j in range(i, end):
                    self.terms[j] = found

    def unit_after(self, i: int) -> Unit | None:
        """Return the unit that directly follows the word `i`, or None."""
        return self.unit_at(i + 1) if i + 1 < len(self.tokens.words) else None

    def unit_at(self, j: int) -> Unit | None:
        """Return the unit that starts with the word `j`, or None."""
        found = self._longest(j, _UNITS) if self.tokens.words[j] in self.lexicon.measurement_root.following else None
        return None if found is None else self._unit(found.sense, found.first, found.end)

    def length_unit_of(self, unit: Unit) -> Unit | None:
        """Return the unit of length of a unit of area or volume (`cm` of `cm2`), or None."""
        base = cast(Sense, unit.sense).one("lengthUnit")
        if base is None:
            return None
        sense = self.lexicon.senses[str(base)]
        return Unit(base.rpartition(".")[2], float(sense.one("factor")), "mm", "size", unit.end, sense)

    def _unit(self, sense: Sense, first: int, end: int) -> Unit:
        name = self.text[self.tokens.starts[first] : self.tokens.ends[end - 1]].lower()
        factor = sense.one("factor")
        quantity = quantity_name(sense.one("termQuantity"))
        return Unit(name, float(factor or 0), str(sense.one("canonicalUnit")), quantity, end, sense)

    def _single(self, i: int, node: TrieNode) -> Term | None:
        """Return the term of a single word with its node, or None."""
        for sense, _, exact in node.entries:
            spelled = exact is None or exact == self.text[self.tokens.starts[i] : self.tokens.ends[i]]
            if sense.kind in _TERMS and spelled:
                return Term(i, i + 1, sense)
        return None

    def _longest(self, first: int, kinds: Collection[str]) -> Term | None:
        """Return the longest match of these kinds at a word."""
        tokens, node, found = self.tokens, self.lexicon.measurement_root, None
        end = first
        while end < len(tokens.words) and tokens.words[end] in node.following:
            word = tokens.words[end]
            if word in _POWER and tokens.starts[end] != tokens.ends[end - 1]:
                break
            node = node.children.get(word) or node.child(word)
            end += 1
            for sense, _, exact in node.entries:
                spelled = exact is None or exact == self.text[tokens.starts[first] : tokens.ends[end - 1]]
                if sense.kind in kinds and spelled:
                    found = Term(first, end, sense)
        return found


def quantity_name(curie: object) -> str:
    """Return the quantity that an individual of the ontology stands for: `thickness` for `ns:Thickness`."""
    return str(curie).removeprefix("ns:").lower() if curie else ""
