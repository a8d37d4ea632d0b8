"""Dictionary matching: leftmost longest matches of the lexicon over the words of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense, Value
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import OF_MEASUREMENT, OF_PART, OPENS_ATTRIBUTE, TrieNode
from udt.normalize.distances import PREFIX_REACH, SHORTEST_DERIVED

COMPOSED: Final = "composition"
LEGEND: Final = "legend"
"""Reason why a mention in the legend of a figure is excluded."""

# Signs and words after a prefix whose word comes later, and the prefix of words without a combining form (*anechoic*).
_PREFIX_LINKS: Final = frozenset({"-", "/", "to", "or", "and"})
_PRIVATIVE: Final = "an"
# No word is equal to it, since words have no spaces.
_NO_WORD: Final = " "


class Mention:
    """A match of the lexicon, and the decisions of the rules about it.

    :ivar first: index of its first word.
    :ivar end: exclusive end index of its words.
    :ivar anchor: index of its main word: the first one or, in a composition, the first word of the head.
    :ivar flags: how the form differs from the label: `ADJECTIVE`, `PLURAL`.
    :ivar values: labels that it gives: those of its sense unless a rule replaces them.
    :ivar certainty: present unless a cue hedges or negates it.
    :ivar cue: the mention that hedges or negates it, or None.
    :ivar excluded: reason why it gives no label, or "".
    :ivar weight: when its values count as labels of the text.
    :ivar reason: how it was found if not as a form of a label (`COMPOSED`, a corrected spelling), or None.
    """

    __slots__ = (
        "anchor",
        "certainty",
        "cue",
        "end",
        "excluded",
        "first",
        "flags",
        "reason",
        "sense",
        "values",
        "weight",
    )

    def __init__(self, first: int, end: int, sense: Sense, flags: int = 0) -> None:
        self.first = self.anchor = first
        self.end = end
        self.sense = sense
        self.flags = flags
        self.values: tuple[Value, ...] = sense.values
        self.certainty: Certainty = "present"
        self.cue: Mention | None = None
        self.excluded = ""
        self.weight = sense.weight
        self.reason: str | None = None

    def overlaps(self, other: Mention) -> bool:
        """Return whether it shares a word with another mention."""
        return self.first < other.end and other.first < self.end

    @property
    def composed(self) -> bool:
        """Whether it combines the mentions of a modifier and of a head, which are kept as well."""
        return self.reason == COMPOSED

    @property
    def diagnoses(self) -> bool:
        """Whether it gives a label of the dimension of diagnoses."""
        return bool(self.values) and "diagnosis" in [value.role for value in self.values]

    def __repr__(self) -> str:
        return f"Mention({self.first}, {self.end}, {self.sense.curie}, {self.certainty}, {self.excluded!r})"


def read_by_context(mentions: Sequence[Mention], lexicon: Lexicon) -> None:
    """Replace names that mean something else here: names of a structure in a text about it, and names that deny.

    *The fistula* is the dialysis access if the text speaks of one, and *negative FAST* denies free fluid.
    """
    for mention in [m for m in mentions if m.sense.by_context]:
        attributes = mention.sense.attributes
        if "denies" in attributes:
            mention.sense = replace(lexicon.senses[attributes["denies"][0]], places=mention.sense.places)
            mention.values, mention.certainty = mention.sense.values, "absent"
        elif _speaks_of(attributes.get("spokenOfWith", attributes["namesStructure"])[0], mentions):
            mention.sense, mention.values = lexicon.senses[attributes["namesStructure"][0]], ()
            mention.weight = mention.sense.weight


def _speaks_of(structure: str, mentions: Sequence[Mention]) -> bool:
    """Return whether a text names a structure, a part of it or a finding in it."""
    return any(
        structure in mention.sense.line or any(place.concept == structure for place in mention.sense.places)
        for mention in mentions
        if mention.sense.kind in {"anatomy", "finding"}
    )


class MarkedWords:
    """The words of a text that may be more than mentions, each by its index, in order.

    :ivar attributes: those at which attributes may start.
    :ivar parts: those at which the name of a part may start or a predicate may end.
    :ivar measurements: those at which a unit or the name of a quantity may start.
    """

    __slots__ = ("attributes", "measurements", "parts")

    def __init__(self) -> None:
        self.attributes: list[int] = []
        self.parts: list[int] = []
        self.measurements: list[int] = []


def find_mentions(text: str, tokens: Tokens, lexicon: Lexicon) -> tuple[list[Mention], MarkedWords]:
    """Find the mentions in `text`, and the words that may be more, in one pass.

    :returns: the mentions in order, which do not overlap, but those of several senses may share a span; and the words.
    """
    words, prefixes, joined = tokens.words, lexicon.prefixes, lexicon.joined_negations
    padded = [*words, _NO_WORD]  # so that each word has one after it and, counted from the end, one before it
    found: list[Mention] = []
    marked = MarkedWords()
    end = 0
    nodes = lexicon.nodes
    for i, word in enumerate(words):
        known = nodes.get(word)
        node = known if known is not None else lexicon.node_of(word)
        marks = node.marks
        if marks:
            if marks & OPENS_ATTRIBUTE:
                marked.attributes.append(i)
            if marks & OF_PART:
                marked.parts.append(i)
            if marks & OF_MEASUREMENT:
                marked.measurements.append(i)
        if i < end:
            continue
        if padded[i + 1] in node.following and not (padded[i - 1] in joined and node.is_name):
            end = _add_longest(text, tokens, padded, i, node, found)
        else:
            for sense, flags, exact in node.entries:
                if exact is None or exact == text[tokens.starts[i] : tokens.ends[i]]:
                    end = i + 1
                    found.append(Mention(i, end, sense, flags))
        if end <= i and (len(word) >= SHORTEST_DERIVED or word in prefixes):
            _add_by_parts(i, words, lexicon, found)
    return found, marked


def _add_longest(text: str, tokens: Tokens, padded: list[str], first: int, node: TrieNode, found: list[Mention]) -> int:
    """Add the senses of the longest match at the word `first` whose exact spelling, if required, is that of the text.

    :param padded: the words, and one that is in no label.
    :param node: node of the word at `first`.
    :returns: exclusive end index of the match, or `first` if there is none.
    """
    opening, before, limit = node, len(found), len(padded)
    while limit > first:
        node = opening
        entries = node.entries
        end = longest = first + 1
        while end < limit and padded[end] in node.following:
            word = padded[end]
            node = node.children.get(word) or node.child(word)
            end += 1
            if node.entries:
                entries, longest = node.entries, end
        for sense, flags, exact in entries:
            if exact is None or exact == text[tokens.starts[first] : tokens.ends[longest - 1]]:
                found.append(Mention(first, longest, sense, flags))
        if len(found) > before:
            return longest
        limit = longest - 1  # all entries need another spelling, so that a shorter match is looked for
    return first


def _add_by_parts(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """Add the mentions of a word that matches no label, but whose parts identify its meaning."""
    word = words[i]
    if word in lexicon.prefixes and not _PREFIX_LINKS.isdisjoint(words[i + 1 : i + 2]):
        _add_prefix(i, words, lexicon, found)
    elif len(word) >= SHORTEST_DERIVED:
        known = word.startswith(lexicon.joined_negations) and _add_negated(i, word, lexicon, found)
        known = known or _add_corrected(i, word, lexicon, found)
        if not known and word.endswith(lexicon.endings):
            _add_by_suffix(i, word, lexicon, found)


def _add_prefix(i: int, words: list[str], lexicon: Lexicon, found: list[Mention]) -> None:
    """Add the first of two coordinated prefixes: *hyper-* in `partly hyper- and partly hypoechoic`."""
    for word in words[i + 2 : i + 2 + PREFIX_REACH]:
        for prefix in (*lexicon.prefixes, _PRIVATIVE):
            entries = lexicon.entries(words[i] + word.removeprefix(prefix)) if word.startswith(prefix) else ()
            if entries:
                found += [Mention(i, i + 1, sense, flags) for sense, flags, _ in entries]
                return


def _add_negated(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """Add a negating prefix and a word of the lexicon, joined (*nonshadowing*); return whether it is such a word."""
    for prefix in lexicon.joined_negations:
        entries = lexicon.entries(word.removeprefix(prefix)) if word.startswith(prefix) else ()
        if entries:
            for sense, flags, exact in entries:
                if exact is None:
                    mention = Mention(i, i + 1, sense, flags)
                    mention.certainty, mention.cue = "absent", mention
                    found.append(mention)
            return True
    return False


def _add_corrected(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> bool:
    """Add the senses of the corrected spelling of a word; return whether there is a correction."""
    corrected = lexicon.spelling.correct(word) if lexicon.corrects else None
    if corrected is None:
        return False
    for sense, flags, exact in lexicon.entries(corrected):
        if exact is None:
            mention = Mention(i, i + 1, sense, flags)
            mention.reason = f"read as {corrected}"
            found.append(mention)
    return True


def _add_by_suffix(i: int, word: str, lexicon: Lexicon, found: list[Mention]) -> None:
    """Add a word that matches no label, but whose suffix implies a diagnosis (*chondrosarcoma*)."""
    for suffix, values in lexicon.suffixes.items():
        if word.endswith((suffix, suffix + "s", suffix + "ta")):
            sense = Sense(suffix, "finding", values, heads=(*(v.concept for v in values), "lex:lesion"))
            found.append(Mention(i, i + 1, sense))
            return


def side_of(mention: Mention) -> str:
    """Return the side that a mention names: `left`, `right`, `bilateral` or `midline`."""
    return str(mention.sense.one("side"))
