"""The languages that a text may be in: what each is recognised by, and how much of it the ontology holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from udt.core.errors import TaxonomyError
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import Concept

Support = Literal["full", "terms", "none"]
"""How much of a language the ontology holds: words of denial too, names alone, or nothing."""

# Weights of a word as evidence of a language: a word of a name, a word of two letters, any other word.
_PARTICLE, _SHORT, _WORD = 0.2, 0.5, 1.0
_SHORT_LENGTH: Final = 2
# Signs that ranges of letters have not, and the pattern of no letter at all.
_SIGNS: Final = re.compile(r"[\[\]\\^]|^-|-$|--")
_NO_LETTER: Final = "(?!)"
# Least evidence of a language other than English.
_ENOUGH: Final = 1.0
# Latin letters that count as much as one letter without case, which is a syllable or a word.
_LETTERS_OF_A_SIGN: Final = 5
# Evidence of English in each name that is matched.
_NAME: Final = 0.25


class Language(NamedTuple):
    """The language of a text.

    :ivar tag: its tag, as labels have it, e.g. `de`.
    :ivar support: how much of it the ontology holds.
    """

    tag: str
    support: Support


def language_data(concepts: Iterable[Concept]) -> dict[str, Any]:
    """Return what each language is recognised by, and the languages of labels and of denials, as JSON-ready data."""
    profiles: dict[str, dict[str, Any]] = {}
    particles: set[str] = set()
    labelled: set[str] = set()
    denying: set[str] = set()
    for concept in sorted(concepts, key=lambda concept: (concept.order or 0, concept.curie)):
        if concept.kind == "LanguageProfile":
            particles.update(_words(concept, "nameParticles"))
            tag = concept.one("languageTag")
            if tag:
                words = sorted({*_words(concept, "functionWords"), *_words(concept, "reportWords")})
                profiles[tag] = {"words": words, "letters": _letters(concept)}
            continue
        tags = {label.language.partition("-")[0] for label in concept.labels}
        labelled |= tags
        if concept.kind == "NegationCue":
            denying |= tags
    return {
        "profiles": profiles,
        "particles": sorted(particles),
        "labelled": sorted(labelled),
        "denying": sorted(denying),
    }


def _letters(concept: Concept) -> str | None:
    """Return the ranges of the letters of a profile, or None.

    :raises TaxonomyError: if they are no ranges of characters.
    """
    letters = concept.one("letters")
    if letters is None:
        return None
    ends = re.findall("(.)-(.)", letters)
    if _SIGNS.search(letters) or any(first > last for first, last in ends):
        raise TaxonomyError([f"{concept.curie}: ns:letters has to be ranges like 'а-я', and not {letters!r}"])
    return str(letters)


def _words(concept: Concept, attribute: str) -> list[str]:
    return tokenize(" ".join(concept.all(attribute))).words


class Languages:
    """Recognises the language of a text by its words and letters. English is the language of what shows no other.

    :param data: the data of `language_data`.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        profiles: Mapping[str, Mapping[str, Any]] = data["profiles"]
        self._labelled = frozenset(data["labelled"])
        self._denying = frozenset(data["denying"])
        self._english = frozenset(profiles.get("en", {"words": ()})["words"])
        self._tags = [tag for tag in profiles if tag != "en"]
        self._particles = frozenset(data["particles"])
        self._by_word: dict[str, list[str]] = {}
        for tag, profile in profiles.items():
            for word in () if tag == "en" else profile["words"]:
                self._by_word.setdefault(word, []).append(tag)
        self._foreign = frozenset(self._by_word)
        letters = {tag: profile["letters"] for tag, profile in profiles.items() if profile["letters"]}
        self._letters = {tag: re.compile(f"[{ranges}]") for tag, ranges in letters.items()}
        self._other_letters = re.compile(f"[{''.join(letters.values())}]" if letters else _NO_LETTER)
        self._default = Language("en", self.support("en"))

    def support(self, tag: str) -> Support:
        """Return how much of a language the ontology holds."""
        if tag in self._denying:
            return "full"
        return "terms" if tag in self._labelled else "none"

    def recognise(self, text: str, words: Sequence[str], matched: Callable[[], tuple[set[str], int]]) -> Language:
        """Return the language of a text.

        The time is little for a text without words of another language.

        :param words: the words of the text.
        :param matched: function that returns the words within matches of English labels, which show no other language,
            and how many names are matched.
        """
        if not text.isascii() and self._other_letters.search(text):
            tag = self._by_letters(text)
            if tag is not None:
                return Language(tag, self.support(tag))
        if self._foreign.isdisjoint(words):
            return self._default
        return self._by_words(frozenset(words), *matched())

    def _by_letters(self, text: str) -> str | None:
        """Return the language of the letters other than Latin, or None if they are few beside the Latin ones.

        Chinese characters are Japanese if there are letters of Japanese as well.
        """
        counts = {tag: len(pattern.findall(text)) for tag, pattern in self._letters.items()}
        other = self._other_letters.findall(text)
        weight = sum(1 if letter.islower() or letter.isupper() else _LETTERS_OF_A_SIGN for letter in other)
        if weight < sum(map(str.isalpha, text)) - len(other):
            return None
        if counts.get("ja"):
            counts["zh"] = 0
        return max(counts, key=counts.__getitem__)

    def _by_words(self, words: frozenset[str], matched: set[str], names: int) -> Language:
        evidence = dict.fromkeys(self._tags, 0.0)
        total = 0.0
        for word in sorted((words & self._foreign) - matched):
            weight = _PARTICLE if word in self._particles else _SHORT if len(word) <= _SHORT_LENGTH else _WORD
            total += weight
            for tag in self._by_word[word]:
                evidence[tag] += weight
        english = len(words & self._english) + _NAME * names
        if total < _ENOUGH or total <= english:
            return self._default
        tag = max(self._tags, key=evidence.__getitem__)
        return Language(tag, self.support(tag))
