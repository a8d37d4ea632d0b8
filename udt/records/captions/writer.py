"""Write captions from labels by a grammar, in several wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from udt.core.vocabulary import Vocabulary
from udt.records.captions.grammar import SLOTS, CaptionGrammar, CaptionStyle, Slot
from udt.records.captions.phrases import PHRASES, Closures, Phrase, PhraseBook
from udt.records.captions.tagged import CERTAINTIES, TaggedLabels

T = TypeVar("T")


class UnwordedError(ValueError):
    """A label has no wording in the language that the normaliser reads back."""


class CaptionWriter:
    """Writes the sentences of captions: the place, the lesion with its attributes, the rest, doubts and denials."""

    def __init__(
        self, grammar: CaptionGrammar, vocabulary: Vocabulary, phrases: PhraseBook, closures: Closures
    ) -> None:
        self._grammar, self._vocabulary = grammar, vocabulary
        self._phrases, self._closures = phrases, closures

    def wordings(self, labels: TaggedLabels, style: CaptionStyle) -> Iterator[str]:
        """Yield captions with the same labels in different wordings, the one to prefer first.

        The last one has a short sentence for each label.

        :raises UnwordedError: if a label has no wording.
        """
        choice = labels.choice()
        given = self._all(labels, 0)
        for number in range(2):
            sentences = self._joined(given["present"], style, _Picks(choice + number))
            yield self._text([*sentences, *self._doubtful(given["possible"]), *self._denied(given["absent"])])
        for number in range(PHRASES):
            given = self._all(labels, number)
            apart = self._apart(given["present"], style, _Picks(choice))
            yield self._text([*apart, *self._doubtful(given["possible"]), *self._denied_apart(given["absent"])])

    def _all(self, labels: TaggedLabels, number: int) -> dict[str, dict[Slot, list[str]]]:
        return {name: self._by_slot(labels, name, number) for name in CERTAINTIES}

    def _by_slot(self, labels: TaggedLabels, certainty: str, number: int) -> dict[Slot, list[str]]:
        """Return the phrases of the labels of one certainty by slot; a place that another one implies has none."""
        own = getattr(labels, certainty)
        implied = self._closures.implied_by_others(labels.present | labels.possible)
        found: dict[Slot, list[str]] = {slot: [] for slot in SLOTS}
        for pair in own.pairs():
            if self._vocabulary.dimensions[pair[0]].role == "place" and pair in implied:
                continue
            phrase = self._phrase(pair, number)
            found[phrase.slot].append(phrase.text)
        return found

    def _phrase(self, pair: tuple[int, int], number: int) -> Phrase:
        found = self._phrases.phrases(*pair)
        if not found:
            name = self._vocabulary.dimensions[pair[0]].labels[pair[1]]
            raise UnwordedError(f"'{name}' has no wording in '{self._grammar.language}' that is read back")
        return found[min(number, len(found) - 1)]

    def _joined(self, given: dict[Slot, list[str]], style: CaptionStyle, picks: _Picks) -> Iterator[str]:
        yield self._place(given["place"], style, picks)
        if given["noun"] or given["adjective"] or given["feature"]:
            yield picks.of(style.lesion).format(self._lesion(given, style))
        if given["statement"]:
            yield picks.of(style.statement).format(self._listed(given["statement"], "last"))

    def _place(self, places: Sequence[str], style: CaptionStyle, picks: _Picks) -> str:
        if not places:
            return picks.of(style.no_place)
        return picks.of(style.place).format(self._grammar.joins["places"].join(places))

    def _lesion(self, given: dict[Slot, list[str]], style: CaptionStyle) -> str:
        """Return the description of a lesion: *a round, hypoechoic nodule with calcifications*."""
        first, *others = given["noun"] or [style.bare]
        adjectives = self._grammar.joins["adjectives"].join(given["adjective"])
        gap = " " if adjectives and self._grammar.articles["vowels"] else ""
        nouns = [f"{adjectives}{gap}{first}", *others]
        if not style.no_article:
            nouns = [self._grammar.article(noun) for noun in nouns]
        described = self._grammar.joins["nouns"].join(nouns)
        if not given["feature"]:
            return described
        return described + style.feature.format(self._listed(given["feature"], "last"))

    def _apart(self, given: dict[Slot, list[str]], style: CaptionStyle, picks: _Picks) -> Iterator[str]:
        for place in given["place"]:
            yield self._place([place], style, picks)
        for slot, sentence in self._grammar.apart.items():
            for text in given[slot]:
                yield sentence.format(self._grammar.article(text) if slot == "noun" else text)

    def _doubtful(self, given: dict[Slot, list[str]]) -> list[str]:
        bare = self._grammar.without_article
        return [self._grammar.possible[slot].format(bare(text)) for slot in SLOTS for text in given[slot]]

    def _denied(self, given: dict[Slot, list[str]]) -> Iterator[str]:
        """Yield one sentence that denies all that has a name, and one for each adjective."""
        slots = [slot for slot in SLOTS if slot not in ("place", "adjective")]
        named = [self._grammar.without_article(text) for slot in slots for text in given[slot]]
        if named:
            yield self._grammar.denied["noun"].format(self._listed(named, "denied"))
        for text in given["adjective"]:
            yield self._grammar.denied["adjective"].format(text)

    def _denied_apart(self, given: dict[Slot, list[str]]) -> Iterator[str]:
        for slot, sentence in self._grammar.denied.items():
            for text in given[slot]:
                yield sentence.format(self._grammar.without_article(text))

    def _listed(self, texts: Sequence[str], last: str) -> str:
        *first, final = texts
        joins = self._grammar.joins
        return joins["items"].join(first) + joins[last] + final if first else final

    def _text(self, sentences: Sequence[str]) -> str:
        gap = " " if self._grammar.small_initials else ""
        return gap.join(sentence[:1].upper() + sentence[1:] for sentence in sentences)


class _Picks:
    """Choices between wordings, determined by a number."""

    def __init__(self, number: int) -> None:
        self._number = number

    def of(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self._number % len(choices)]
