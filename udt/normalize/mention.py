"""Finds what the lexicon knows in a text: leftmost longest matches over its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from udt.lexicon.lexicon import Lexicon, Sense, Value
from udt.lexicon.tokens import Tokens
from udt.report import Certainty

Entries = list[tuple[str, int, str | None]]

COMPOSED = "composition"

_SHORTEST_DERIVED = 8
_HYPHEN_REACH = 5


class Mention:
    """One match, and what the rules have found out about it.

    :ivar first: index of its first word; `last`: index behind its last word.
    :ivar at: index of the word that stands for it: its first, or that of the head it is composed of.
    :ivar flags: how the form differs from the label: `ADJECTIVE`, `PLURAL`.
    :ivar values: the labels that it gives; the rules may add to those of its sense.
    :ivar certainty: present until a cue says otherwise.
    :ivar cue: the mention that hedges or negates it.
    :ivar excluded: why it gives no label, or "".
    :ivar weak: `faint` where it only counts if nothing else does, `told` where it is the patient's known diagnosis.
    """

    __slots__ = ("at", "certainty", "cue", "excluded", "first", "flags", "last", "reason", "sense", "values", "weak")

    def __init__(self, first: int, last: int, sense: Sense, flags: int = 0) -> None:
        self.first = self.at = first
        self.last = last
        self.sense = sense
        self.flags = flags
        self.values: tuple[Value, ...] = sense.values
        self.certainty: Certainty = "present"
        self.cue: Mention | None = None
        self.excluded = ""
        self.weak = sense.weak
        self.reason: str | None = None

    @property
    def composed(self) -> bool:
        """Whether it is a modifier and a head read as one, beside the mentions of the two."""
        return self.reason == COMPOSED

    def __repr__(self) -> str:
        return f"Mention({self.first}, {self.last}, {self.sense.curie}, {self.certainty}, {self.excluded!r})"


def find_mentions(text: str, tokens: Tokens, lexicon: Lexicon) -> list[Mention]:
    """Every mention in `text`, in order and without overlap, except that one stretch may have several senses."""
    words = tokens.words
    trie, prefixes = lexicon.trie, lexicon.prefixes
    count = len(words)
    found: list[Mention] = []
    i = 0
    while i < count:
        matches = _matches(trie[words[i]], words, i + 1, count) if words[i] in trie else []
        after = _add(text, tokens, i, matches, lexicon, found) if matches else i
        if after == i:
            if len(words[i]) >= _SHORTEST_DERIVED or words[i] in prefixes:
                _by_parts(i, words, lexicon, found)
            after = i + 1
        i = after
    return found


def _matches(node: Mapping[str, Any], words: list[str], j: int, count: int) -> list[tuple[int, Entries]]:
    """Every match whose first word leads to `node`: the index behind it and its entries, the shortest first."""
    found = []
    while True:
        if "" in node:
            found.append((j, node[""]))
        if j == count or words[j] not in node:
            return found
        node = node[words[j]]
        j += 1


def _add(
    text: str, tokens: Tokens, first: int, matches: list[tuple[int, Entries]], lexicon: Lexicon, found: list[Mention]
) -> int:
    """Adds the senses of the longest match at `first`, or of a shorter one where its case does not fit.

    :returns: the index behind it, or `first` where none fits.
    """
    sense = lexicon.sense
    for last, entries in reversed(matches):
        for curie, flags, exact in entries:
            if exact is None or text[tokens.starts[first] : tokens.ends[last - 1]] == exact:
                found.append(Mention(first, last, sense(curie), flags))
        if found and found[-1].first == first:
            return last
    return first


def _by_parts(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """A word that no label matches, but whose parts tell what it is."""
    word = words[i]
    if word in lexicon.prefixes and words[i + 1 : i + 2] == ["-"]:
        _before_hyphen(i, words, lexicon, found)
    elif len(word) >= _SHORTEST_DERIVED:
        known = _negated(i, word, lexicon, found) or _misspelled(i, word, lexicon, found)
        if not known:
            _by_suffix(i, word, lexicon, found)


def _before_hyphen(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """The first of two joined prefixes: *hyper-* in `partly hyper- and partly hypoechoic`."""
    for word in words[i + 2 : i + 2 + _HYPHEN_REACH]:
        for prefix in lexicon.prefixes:
            node = lexicon.trie.get(words[i] + word.removeprefix(prefix)) if word.startswith(prefix) else None
            if node is not None and "" in node:
                found += [Mention(i, i + 1, lexicon.sense(curie), flags) for curie, flags, _ in node[""]]
                return


def _negated(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """*nonshadowing*: a joined negation and a word that the lexicon knows."""
    for prefix in lexicon.joined_negations:
        node = lexicon.trie.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
        if node is not None and "" in node:
            for curie, flags, exact in node[""]:
                if exact is None:
                    mention = Mention(i, i + 1, lexicon.sense(curie), flags)
                    mention.certainty, mention.cue = "absent", mention
                    found.append(mention)
            return True
    return False


def _misspelled(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """A long word that is one letter away from one word of the lexicon, and from no other."""
    meant = lexicon.spelling.correct(word)
    if meant is None:
        return False
    for curie, flags, exact in lexicon.trie[meant].get("", ()):
        if exact is None:
            mention = Mention(i, i + 1, lexicon.sense(curie), flags)
            mention.reason = f"read as {meant}"
            found.append(mention)
    return True


def _by_suffix(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> None:
    """A word that no label matches but whose ending tells what it is (*chondrosarcoma*)."""
    for suffix, values in lexicon.suffixes.items():
        if word.endswith(suffix) or word.endswith((suffix + "s", suffix + "ta")):
            sense = Sense(suffix, "finding", values, heads=(*(v.concept for v in values), "lex:lesion"))
            found.append(Mention(i, i + 1, sense))
            return
