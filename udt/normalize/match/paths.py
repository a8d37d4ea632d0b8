"""Words of a language without blanks: the division of a text into names of the lexicon that leaves the least over.

The longest name from left to right would cut words apart (*hepatomegaly · small · normal* for *liver · size · normal*),
so all names at all places are considered, and the best way through them is taken, in linear time.
"""

from __future__ import annotations

from typing import Final

from udt.lexicon.flags import BARE, FINAL
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind, Sense
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import OF_MEASUREMENT, OF_PART, OPENS_ATTRIBUTE, Entry
from udt.normalize.distances import LONGEST_DIVIDED
from udt.normalize.match.mentions import MarkedWords, Mention

_NAMES: Final[frozenset[Kind]] = frozenset({"anatomy", "value", "finding", "head", "modifier"})
# Roles of function words that may follow the end of a noun phrase.
_JOINING: Final = frozenset({"And", "Or"})


def find_by_path(text: str, tokens: Tokens, lexicon: Lexicon) -> tuple[list[Mention], MarkedWords]:
    """Find the mentions in a text of a language without blanks.

    The way through the names that leaves the fewest words over is taken; of several, the one with the fewest names;
    of those, the one whose first name is the longest.

    :returns: the mentions in order, which do not overlap, but those of several senses may share a span; and the words
        that may be more than mentions.
    """
    words = tokens.words
    count = len(words)
    left_over, names, steps = [0] * (count + 1), [0] * (count + 1), [0] * count
    found: list[list[Entry]] = [[] for _ in range(count)]
    marked = MarkedWords()
    for i in range(count - 1, -1, -1):
        best = left_over[i + 1] + 1, names[i + 1]
        step, entries = 0, found[i]
        for end, named in _names_at(text, tokens, i, lexicon):
            cost = left_over[end], names[end] + 1
            if cost <= best:
                best, step, entries = cost, end - i, named
        left_over[i], names[i] = best
        steps[i], found[i] = step, entries
    taken: list[int] = []
    left: set[int] = set()
    i = 0
    while i < count:
        if steps[i]:
            taken.append(i)
        else:
            left.add(i)
        i += steps[i] or 1
    mentions: list[Mention] = []
    for first in taken:
        end = first + steps[first]
        if not _is_cut_out(first, end, left, words, found[first], lexicon):
            mentions += [_mention(first, end, sense, flags) for sense, flags, _ in found[first]]
    for i, word in enumerate(words):
        _mark(i, word, lexicon, marked)
    return mentions, marked


def _mention(first: int, end: int, sense: Sense, flags: int) -> Mention:
    """Return the mention of an entry, with its own value alone if the entry names no more."""
    mention = Mention(first, end, sense, flags)
    if flags & BARE:
        mention.values = mention.values[:1]
    return mention


def _mark(i: int, word: str, lexicon: Lexicon, marked: MarkedWords) -> None:
    marks = lexicon.node_of(word).marks
    if marks & OPENS_ATTRIBUTE:
        marked.attributes.append(i)
    if marks & OF_PART:
        marked.parts.append(i)
    if marks & OF_MEASUREMENT:
        marked.measurements.append(i)


def _names_at(text: str, tokens: Tokens, first: int, lexicon: Lexicon) -> list[tuple[int, list[Entry]]]:
    """Return the exclusive end of each name that begins with a word, the shortest first, and its entries."""
    words = tokens.words
    node, end = lexicon.node_of(words[first]), first + 1
    found = []
    while True:
        entries = [
            (sense, flags, exact)
            for sense, flags, exact in node.entries
            if (exact is None or exact == text[tokens.starts[first] : tokens.ends[end - 1]])
            and not (flags & FINAL and _continues(end, words, lexicon))
        ]
        if entries:
            found.append((end, entries))
        if end >= len(words) or end - first >= LONGEST_DIVIDED or words[end] not in node.following:
            return found
        node, end = node.child(words[end]), end + 1


def _continues(end: int, words: list[str], lexicon: Lexicon) -> bool:
    """Return whether a noun phrase goes on at a word: it is a letter of the language, and none that joins phrases."""
    if end >= len(words) or not lexicon.letters.fullmatch(words[end]):
        return False
    return not any(sense.role in _JOINING for sense, _, _ in lexicon.entries(words[end]))


def _is_cut_out(first: int, end: int, left: set[int], words: list[str], entries: list[Entry], lexicon: Lexicon) -> bool:
    """Return whether a name of one letter is cut out of a longer, unknown word: a letter beside it is left over.

    :param left: indices of the words that are left over.
    """
    if end - first > 1 or not lexicon.letters.fullmatch(words[first]):
        return False
    if not any(sense.kind in _NAMES for sense, _, _ in entries):
        return False
    beside = [words[i] for i in (first - 1, end) if i in left]
    return any(lexicon.letters.fullmatch(word) and word not in lexicon.loose_letters for word in beside)
