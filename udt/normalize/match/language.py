"""The language of a text, and what follows if the ontology does not hold its words of denial."""

from __future__ import annotations

from typing import Final

from udt.lexicon.flags import FRENCH
from udt.lexicon.languages import Language, Support
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

_NAMES: Final[frozenset[Kind]] = frozenset({"anatomy", "value", "finding", "head", "modifier"})
_AFFIRMABLE: Final[frozenset[Kind]] = frozenset({"value", "finding", "head", "modifier", "attribute"})


def language_support(text: str, tokens: Tokens, mentions: list[Mention], lexicon: Lexicon) -> Language:
    """Return the language of a text, by its words and letters, and how much of it the ontology holds."""

    def matched() -> tuple[set[str], int]:
        english = [m for m in mentions if not m.flags & FRENCH]
        words = {word for m in english for word in tokens.words[m.first : m.end]}
        return words, sum(m.sense.kind in _NAMES for m in english)

    return lexicon.languages.recognise(text, tokens.words, matched)


def gate_language(passage: Passage, support: Support) -> None:
    """Set the certainty of all that a text names in a language without words of denial to unknown.

    The anatomy that it names is kept. It has no effect if the support is full.
    """
    if support == "full":
        return
    for sentence in passage.sentences:
        for mention in (*sentence.mentions, *sentence.attributes):
            if mention.sense.kind in _AFFIRMABLE and not mention.excluded:
                mention.certainty, mention.cue = "unknown", None
