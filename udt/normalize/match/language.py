"""The languages of a text: its words in each, and what follows if the ontology does not hold its words of denial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.lexicon.languages import LanguagePart
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.attributes import find_attributes
from udt.normalize.match.mentions import MarkedWords, Mention, find_mentions
from udt.normalize.match.passage import Passage
from udt.normalize.match.paths import find_by_path

_AFFIRMABLE: Final[frozenset[Kind]] = frozenset({"value", "finding", "head", "modifier", "attribute"})


def with_own_letters(tokens: Tokens, parts: Sequence[LanguagePart], lexicon: Lexicon) -> Tokens:
    """Return the words of a text, those in another script of their language in the one that is read."""
    words = tokens.words
    for part in parts:
        pairs = lexicon.languages.letter_pairs(part.language.tag)
        if pairs:
            own = [pairs.get(word, word) for word in words[part.first : part.end]]
            words = [*words[: part.first], *own, *words[part.end :]]
    return Tokens(words, tokens.starts, tokens.ends)


def find_in_languages(
    text: str, tokens: Tokens, parts: Sequence[LanguagePart], lexicon: Lexicon
) -> tuple[list[Mention], MarkedWords]:
    """Find the mentions in a text by the lexicon of the language of each of its parts.

    :returns: the mentions in order, and the words that may be more.
    """
    found: list[Mention] = []
    marked = MarkedWords()
    for first, end, language in parts:
        own = lexicon.in_language(language.tag)
        part = Tokens(tokens.words[first:end], tokens.starts[first:end], tokens.ends[first:end])
        mentions, words = (find_by_path if own.divided else find_mentions)(text, part, own)
        for mention in mentions:
            mention.first += first
            mention.anchor += first
            mention.end += first
        found += mentions
        marked.attributes += [i + first for i in words.attributes]
        marked.parts += [i + first for i in words.parts]
        # Numbers and their units are read by the lexicon of the whole text.
        known = lexicon.measurement_root.following
        marked.measurements += [i + first for i in words.measurements if part.words[i] in known]
    return found, marked


def find_attributes_in_languages(
    text: str,
    tokens: Tokens,
    mentions: list[Mention],
    starts: list[int],
    parts: Sequence[LanguagePart],
    lexicon: Lexicon,
) -> list[Mention]:
    """Find the attributes of a text by the lexicon of the language of each of its parts.

    :param starts: indices of the words at which attributes may start, in order.
    """
    found: list[Mention] = []
    for first, end, language in parts:
        own = [i for i in starts if first <= i < end]
        if own:
            found += find_attributes(text, tokens, mentions, own, lexicon.in_language(language.tag))
    return found


def assign_languages(passage: Passage, parts: Sequence[LanguagePart], lexicon: Lexicon) -> None:
    """Note the language of each sentence, that of its first word, and how its clauses are divided."""
    n = 0
    for sentence in passage.sentences:
        while n + 1 < len(parts) and parts[n].end <= sentence.first:
            n += 1
        sentence.language = parts[n].language.tag
        sentence.support = parts[n].language.support
        sentence.divided = lexicon.in_language(sentence.language).divided


def gate_languages(passage: Passage) -> None:
    """Set the certainty of all that a sentence names in a language without words of denial to unknown.

    The anatomy that it names is kept.
    """
    for sentence in passage.sentences:
        if sentence.support != "full":
            for mention in (*sentence.mentions, *sentence.attributes):
                if mention.sense.kind in _AFFIRMABLE and not mention.excluded:
                    mention.certainty, mention.cue = "unknown", None
