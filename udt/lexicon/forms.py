"""The forms of a label in text: plurals, British and American spelling, prefixes joined or separate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import Concept, Label

Words = tuple[str, ...]

_LATIN_PLURALS: Mapping[str, str] = {
    "oma": "omata",
    "is": "es",
    "us": "i",
    "um": "a",
    "a": "ae",
    "ix": "ices",
    "ex": "ices",
}
# Prepositions that end the noun phrase of a label: the word before the first one takes the plural.
_NOT_LAST_WORD = {"of", "in", "within", "with"}
# Fewest letters of a noun that has a plural, and of its stem before a Latin ending.
_SHORTEST_NOUN = 3
_SHORTEST_STEM = 3
# Fewest letters that remain when a prefix is separated from its word.
_SHORTEST_BASE = 4


@dataclass(frozen=True, slots=True)
class _Word:
    """The forms that the rules of spelling make of one word.

    :ivar splits: the word with a prefix apart, for each that it may lose.
    :ivar respelled: pair of letters to the word with it replaced, for the pairs that change the word: British to
        American, and the other way.
    :ivar american: the word with all pairs made American.
    """

    splits: tuple[Words, ...]
    respelled: Mapping[tuple[str, str], str]
    american: str


@dataclass(frozen=True, slots=True)
class SpellingVariation:
    """The rules of spelling variation, read from the ontology.

    :ivar prefixes: combining forms (`hypo`), which are joined to the next word or separate from it.
    :ivar pairs: (British, American) sequences of letters.
    """

    prefixes: frozenset[str]
    pairs: tuple[tuple[str, str], ...]
    _words: dict[str, _Word] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> SpellingVariation:
        """Collect the combining forms and spelling pairs among `concepts`."""
        concepts = list(concepts)
        return cls(
            frozenset(c.label.strip("-") for c in concepts if c.kind == "CombiningForm"),
            tuple((c.one("british") or "", c.one("american") or "") for c in concepts if c.kind == "SpellingPair"),
        )

    def of_word(self, word: str) -> _Word:
        """Return what the rules make of `word`, which many labels share."""
        if word not in self._words:
            self._words[word] = self._of_word(word)
        return self._words[word]

    def _of_word(self, word: str) -> _Word:
        ends = (len(prefix) for prefix in self.prefixes if word.startswith(prefix))
        splits = tuple((word[:end], word[end:]) for end in ends if len(word) - end >= _SHORTEST_BASE)
        both = (pair for british, american in self.pairs for pair in ((british, american), (american, british)))
        respelled = {(old, new): _replace(word, old, new) for old, new in both if old in word}
        american = word
        for british, other in self.pairs:
            american = _replace(american, british, other) if british in word else american
        return _Word(splits, respelled, american)


def forms(label: Label, spelling: SpellingVariation) -> Iterator[tuple[Words, bool]]:
    """Yield every form of `label` other than its own words, and whether the form is a plural."""
    own = tuple(tokenize(label.text).words)
    if not own:
        return
    if label.role == "abbreviation":
        yield (*own[:-1], own[-1] + "s"), True
        return
    if label.language != "en":
        return
    seen = {own}
    plurals = set(_plurals(own)) if label.role != "adjective" else set()
    for base in [own, *sorted(plurals)]:
        for form in _variants(base, label.text, spelling):
            if form not in seen:
                seen.add(form)
                yield form, base in plurals


def _variants(words: Words, text: str, spelling: SpellingVariation) -> Iterator[Words]:
    spelled = {words, *_respelled(words, spelling)}
    for form in sorted(spelled):
        yield form
        yield from _with_prefix_separated(form, spelling)
        yield from _with_prefix_joined(form, spelling)
    if "-" in text and len(words) == 2:
        yield ("".join(words),)


def _plurals(words: Words) -> Iterator[Words]:
    """Yield the words with their noun in the plural: the last word, or the word before the first preposition."""
    noun = next((i - 1 for i, word in enumerate(words) if i and word in _NOT_LAST_WORD), len(words) - 1)
    for plural in _plural_words(words[noun]):
        yield (*words[:noun], plural, *words[noun + 1 :])


def _plural_words(noun: str) -> Iterator[str]:
    if len(noun) < _SHORTEST_NOUN or not noun.isascii() or not noun.isalpha():
        return
    for ending, plural in _LATIN_PLURALS.items():
        if noun.endswith(ending) and len(noun) >= len(ending) + _SHORTEST_STEM:
            yield noun[: -len(ending)] + plural
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        yield noun + "es"
    elif noun.endswith("y") and noun[-2] not in "aeiou":
        yield noun[:-1] + "ies"
    else:
        yield noun + "s"
        if noun.endswith("o"):
            yield noun + "es"
    if noun.endswith("man"):
        yield noun[:-3] + "men"


def _respelled(words: Words, spelling: SpellingVariation) -> Iterator[Words]:
    """Yield the words with each spelling pair replaced alone, both ways, and with all pairs made American."""
    known = [spelling.of_word(word) for word in words]
    for pair in {pair for word in known for pair in word.respelled}:
        yield tuple(one.respelled.get(pair, word) for word, one in zip(words, known, strict=True))
    yield tuple(one.american for one in known)


def _replace(word: str, old: str, new: str) -> str:
    """Replace `old` by `new`, unless `old` is a part of `new` that the word has already (*hem* within *haem*)."""
    return word if new in word and old in new else word.replace(old, new)


def _with_prefix_separated(words: Words, spelling: SpellingVariation) -> Iterator[Words]:
    for i, word in enumerate(words):
        for split in spelling.of_word(word).splits:
            yield (*words[:i], *split, *words[i + 1 :])


def _with_prefix_joined(words: Words, spelling: SpellingVariation) -> Iterator[Words]:
    for i in range(len(words) - 1):
        if words[i] in spelling.prefixes:
            yield (*words[:i], words[i] + words[i + 1], *words[i + 2 :])
