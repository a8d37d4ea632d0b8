"""The languages that a text may be in: what each is recognised by, and how much of it the ontology holds.

The language of the first profile is that of every text without evidence of another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from udt.core.errors import TaxonomyError
from udt.lexicon.tokens import Tokens, fold, tokenize
from udt.taxonomy.model.concept import Concept

Support = Literal["full", "terms", "none"]
"""How much of a language the ontology holds: words of denial too, names alone, or nothing."""

# Weights of a word as evidence of a language: a word of a name, a word of two letters, any other word.
_PARTICLE, _SHORT, _WORD = 0.2, 0.5, 1.0
_SHORT_LENGTH: Final = 2
# Signs that ranges of letters have not, and the pattern of no letter at all.
_SIGNS: Final = re.compile(r"[\[\]\\^]|^-|-$|--")
_NO_LETTER: Final = "(?!)"
# Least evidence of a language other than the first, and of one in a sentence of a text that is in another.
_ENOUGH: Final = 1.0
_ENOUGH_BESIDE: Final = 2.0
_UNDETERMINED: Final = "und"
# Latin letters that count as much as one letter without case, which is a syllable or a word.
_LETTERS_OF_A_SIGN: Final = 5
# Evidence of the first language in each of the words with which its names begin.
_NAME: Final = 0.25
# Signs that end a sentence, as far as the division of a text into languages goes.
_STOPS: Final = frozenset({".", "!", "?", ";", "\n", "。"})


class Language(NamedTuple):
    """The language of a text.

    :ivar tag: its tag, as labels have it, e.g. `de`.
    :ivar support: how much of it the ontology holds.
    """

    tag: str
    support: Support


class LanguagePart(NamedTuple):
    """Successive words of a text in one language.

    :ivar first: index of the first word.
    :ivar end: exclusive end index.
    """

    first: int
    end: int
    language: Language


def profile_tags(concepts: Iterable[Concept]) -> list[str]:
    """Return the languages that have a profile, in their order; if there is none, one undetermined language (`und`)."""
    profiles = sorted((c for c in concepts if c.kind == "LanguageProfile"), key=lambda c: (c.order or 0, c.curie))
    tags = [tag for concept in profiles if (tag := concept.one("languageTag"))]
    return list(dict.fromkeys(tags)) or [_UNDETERMINED]


def letter_pairs(concepts: Iterable[Concept]) -> dict[str, dict[str, str]]:
    """Return the letters of other scripts by language, each with the letter that is read in its place."""
    return {
        str(c.one("languageTag")): {pair[0]: pair[1] for text in c.all("letterPairs") for pair in text.split()}
        for c in concepts
        if c.kind == "LanguageProfile" and c.one("letterPairs")
    }


def language_data(
    concepts: Iterable[Concept],
    words: Mapping[str, Mapping[str, int]],
    openings: Mapping[str, Collection[tuple[str, str]]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return what each language is recognised by and how it is written, as JSON-ready data.

    :param words: the words of the labels of each language with their numbers. Those that the first one lacks are
        evidence of it; those that both have are evidence of neither.
    :param openings: the first two words of its words of denial: evidence of it if the first language has them apart
        (*absence d'hydrocèle*).
    """
    concepts = list(concepts)
    tags, pairs = profile_tags(concepts), letter_pairs(concepts)
    own: dict[str, set[str]] = {tag: set() for tag in tags}
    styles = {tag: _style(None, {}) for tag in tags}
    particles: set[str] = set()
    labelled: set[str] = set()
    denying: set[str] = set()
    for concept in concepts:
        if concept.kind == "LanguageProfile":
            particles.update(_words(concept, "nameParticles"))
            tag = concept.one("languageTag")
            if tag:
                own[tag].update(_words(concept, "functionWords"), _words(concept, "reportWords"))
                styles[tag] = _style(concept, pairs.get(tag, {}))
            continue
        given = [*(label.language for label in concept.labels), *(pattern.language for pattern in concept.patterns)]
        named = {language.partition("-")[0] for language in given}
        labelled |= named
        if concept.kind == "NegationCue":
            denying |= named
    first = own[tags[0]].union(words.get(tags[0], ()))
    frequent = own[tags[0]].union(word for word in first if len(word) == 1)
    shared: set[str] = set()
    for tag in tags[1:]:
        if styles[tag]["letters"] is None:
            own[tag].update(filter(str.isalpha, words.get(tag, ())))
        shared |= first & (own[tag] | set(words.get(tag, ())))
        own[tag] -= first
    own[tags[0]] -= shared
    known = set(openings.get(tags[0], ()))
    pairs_of = {
        tag: sorted(
            f"{a} {b}"
            for a, b in set(openings.get(tag, ())) - known
            if first.issuperset((a, b)) and not particles.issuperset((a, b)) and not frequent.issuperset((a, b))
        )
        for tag in tags[1:]
    }
    counts = words.get(tags[0], {})
    openings_of_all = {opening for found in pairs_of.values() for opening in found}
    rare = {min(pair.split(), key=lambda word: (word in frequent, counts.get(word, 0))) for pair in openings_of_all}
    return {
        "profiles": {tag: {"words": sorted(own[tag]), **styles[tag]} for tag in tags},
        "shared": sorted(shared),
        "rare_of_openings": sorted(rare),
        "openings": {tag: found for tag, found in pairs_of.items() if found},
        "particles": sorted(particles),
        "labelled": sorted(labelled),
        "denying": sorted(denying),
    }


def _style(profile: Concept | None, pairs: Mapping[str, str]) -> dict[str, Any]:
    """Return how a language is written, as its profile states it."""
    return {
        "letters": _letters(profile) if profile else None,
        "shares": list(profile.all("sharesLetters")) if profile else [],
        "pairs": pairs,
        "without_blanks": profile is not None and profile.is_true("withoutBlanks"),
        "loose": "".join(profile.all("looseLetters")) if profile else "",
        "times": _signs(profile, "timesWords"),
        "ranges": _signs(profile, "rangeWords"),
        "numbers": _signs(profile, "numberWords"),
    }


def _signs(profile: Concept | None, attribute: str) -> list[str]:
    """Return the words and signs that a profile states in a text with blanks."""
    return [fold(word) for text in profile.all(attribute) for word in text.split()] if profile else []


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
    """Recognises the languages of a text by its words and letters.

    :param data: the data of `language_data`.
    :param names: the words with which names of the first language begin.
    :ivar tags: the languages that are recognised, in order.
    :ivar first: the language of a text without evidence of another.
    """

    def __init__(self, data: Mapping[str, Any], names: Collection[str]) -> None:
        profiles: Mapping[str, Mapping[str, Any]] = data["profiles"]
        self._profiles = profiles
        self._labelled = frozenset(data["labelled"])
        self._denying = frozenset(data["denying"])
        first, *self._tags = profiles
        self.tags = (first, *self._tags)
        self._own = frozenset(profiles[first]["words"])
        self._names = names
        self._shared = frozenset(data["shared"])
        self._particles = frozenset(data["particles"])
        self._by_word: dict[str, list[str]] = {}
        for tag in self._tags:
            for word in profiles[tag]["words"]:
                self._by_word.setdefault(word, []).append(tag)
        self._openings: dict[str, list[str]] = {}
        for tag, openings in data["openings"].items():
            for opening in openings:
                self._openings.setdefault(opening, []).append(tag)
        self._foreign = frozenset(self._by_word)
        # The words of which one is in every text with evidence of another language than the first.
        self._triggers = self._foreign.union(data["rare_of_openings"])
        letters = {tag: profile["letters"] for tag, profile in profiles.items() if profile["letters"]}
        self._letters = {tag: re.compile(f"[{ranges}]") for tag, ranges in letters.items()}
        self._other_letters = re.compile(f"[{''.join(letters.values())}]" if letters else _NO_LETTER)
        self._sharing = [(tag, shared) for tag in letters for shared in profiles[tag]["shares"] if shared in letters]
        self.first = self.language(first)

    def support(self, tag: str) -> Support:
        """Return how much of a language the ontology holds."""
        if tag in self._denying:
            return "full"
        return "terms" if tag in self._labelled else "none"

    def language(self, tag: str) -> Language:
        """Return the language with a tag."""
        return Language(tag, self.support(tag))

    def has_labels(self, tag: str) -> bool:
        """Return whether the ontology has labels in a language."""
        return tag in self._labelled

    def without_blanks(self, tag: str) -> bool:
        """Return whether a language is written without blanks between words."""
        return bool(self._profiles[tag]["without_blanks"])

    def letters(self, tag: str) -> re.Pattern[str]:
        """Return the pattern of a letter of a language in other than Latin letters; of no letter for another."""
        return self._letters.get(tag) or re.compile(_NO_LETTER)

    def loose_letters(self, tag: str) -> frozenset[str]:
        """Return the letters that may be beside a name of one letter."""
        return frozenset(self._profiles[tag]["loose"])

    def times(self, tag: str) -> frozenset[str]:
        """Return the words and signs between the numbers of a product, those of the first language included."""
        return frozenset(self._profiles[self.first.tag]["times"]).union(self._profiles[tag]["times"])

    def ranges(self, tag: str) -> frozenset[str]:
        """Return the words and signs between the ends of a range, those of the first language included."""
        return frozenset(self._profiles[self.first.tag]["ranges"]).union(self._profiles[tag]["ranges"])

    def numerals(self, tag: str) -> Mapping[str, int]:
        """Return the number words of a language, from zero."""
        return {word: number for number, word in enumerate(self._profiles[tag]["numbers"])}

    def letter_pairs(self, tag: str) -> Mapping[str, str]:
        """Return the letters of another script of a language, with those that are read in their place."""
        pairs: Mapping[str, str] = self._profiles[tag]["pairs"]
        return pairs

    def divide(self, text: str, tokens: Tokens) -> tuple[Language, list[LanguagePart]]:
        """Return the language of a text, and its parts in one language each.

        A sentence is in another language than the text only if it has clear evidence of its own. The time is little for
        a text without words of another language.
        """
        words = tokens.words
        other = not text.isascii() and self._other_letters.search(text) is not None
        if not other and self._triggers.isdisjoint(words):
            return self.first, [LanguagePart(0, len(words), self.first)]
        language = self._recognise(text, words)
        parts = [
            LanguagePart(
                first,
                end,
                self._of_sentence(text[tokens.starts[first] : tokens.ends[end - 1]], words[first:end], language),
            )
            for first, end in _sentences(words)
        ]
        joined = [list(group) for _, group in groupby(parts, key=lambda part: part.language)]
        return language, [LanguagePart(group[0].first, group[-1].end, group[0].language) for group in joined]

    def _recognise(self, text: str, words: Sequence[str]) -> Language:
        tag = self._by_letters(text)
        if tag is None:
            evidence, total, first = self._evidence(words)
            tag = max(self._tags, key=evidence.__getitem__) if total >= _ENOUGH and total > first else self.first.tag
        return self.language(tag)

    def _of_sentence(self, text: str, words: Sequence[str], language: Language) -> Language:
        """Return the language of a sentence of a text in `language`."""
        tag = self._by_letters(text)
        if tag is not None:
            return self.language(tag)
        evidence, total, first = self._evidence(words)
        if language == self.first:
            enough = total >= _ENOUGH_BESIDE or (total >= _ENOUGH and not first)
            tag = max(self._tags, key=evidence.__getitem__) if enough and total > first else language.tag
        elif not evidence[language.tag] and self._own.intersection(words) and first > total:
            tag = self.first.tag
        else:
            tag = language.tag
        return self.language(tag)

    def _by_letters(self, text: str) -> str | None:
        """Return the language of the letters other than Latin, or None if they are few beside the Latin ones.

        It is the one with the most letters. Those that it shares with another language count for both, if it has
        letters of its own: Chinese characters beside kana are Japanese.
        """
        if text.isascii():
            return None
        other = self._other_letters.findall(text)
        weight = sum(1 if letter.islower() or letter.isupper() else _LETTERS_OF_A_SIGN for letter in other)
        if not other or weight < sum(map(str.isalpha, text)) - len(other):
            return None
        counts = {tag: len(pattern.findall(text)) for tag, pattern in self._letters.items()}
        for tag, shared in self._sharing:
            counts[tag] += counts[shared] if counts[tag] else 0
        return max(counts, key=counts.__getitem__)

    def _evidence(self, words: Sequence[str]) -> tuple[dict[str, float], float, float]:
        """Return the evidence of each language but the first, that of all of them, and that of the first."""
        evidence = dict.fromkeys(self._tags, 0.0)
        total = 0.0
        found = frozenset(words)
        for word in sorted(found & self._foreign):
            weight = _PARTICLE if word in self._particles else _SHORT if len(word) <= _SHORT_LENGTH else _WORD
            total += weight
            for tag in self._by_word[word]:
                evidence[tag] += weight
        for opening in {f"{a} {b}" for a, b in pairwise(words)} & self._openings.keys():
            total += _WORD
            for tag in self._openings[opening]:
                evidence[tag] += _WORD
        names = sum(word in self._names and word.isalpha() for word in found - self._shared)
        return evidence, total, len(found & self._own) + _NAME * names


def _sentences(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and exclusive end index of each sentence, with the sign that ends it."""
    ends = [i + 1 for i, word in enumerate(words) if word in _STOPS]
    if not ends or ends[-1] < len(words):
        ends.append(len(words))
    return [(first, end) for first, end in zip([0, *ends], ends, strict=False) if end > first]
