"""Values that are read as attributes: matched in a second pass, which leaves the mentions of the first one alone.

A word may thus be an attribute and something else as well: *irregular* is a shape and the surface of a plaque. Of the
values of one dimension, the longest match counts.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import TrieNode
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_FIRST: Final = attrgetter("first")
_NAMES: Final = frozenset({"anatomy", "finding"})


def find_attributes(
    text: str, tokens: Tokens, mentions: list[Mention], starts: list[int], lexicon: Lexicon
) -> list[Mention]:
    """Return the attributes in `text` in order; those of several dimensions may overlap.

    :param mentions: the other mentions, in order. An attribute may include them, but lies inside one only if its
        dimension allows it.
    :param starts: indices of the words at which attributes may start, from `find_mentions`.
    """
    words, root = tokens.words, lexicon.attribute_root
    known, last = lexicon.attribute_words, len(words) - 1
    found: list[Mention] = []
    ends: dict[int, int] = {}
    for i in starts:
        word = words[i]
        second = known[word]
        if second is None or (i < last and words[i + 1] in second):
            node = root.children.get(word) or root.child(word)
            if i < last and words[i + 1] in node.following:
                _add_longest(i, text, tokens, node, ends, found)
            else:
                _add_entries(i, i + 1, text, tokens, node, ends, found)
    return [attribute for attribute in found if _is_free(attribute, mentions)] if found else found


def assign_attributes(sentences: list[Sentence], attributes: list[Mention]) -> None:
    """Assign attributes, in order, to the sentences of their first words."""
    remaining = iter(sentences)
    sentence = next(remaining, None)
    own: list[Mention] = []
    for attribute in attributes:
        while sentence is not None and sentence.end <= attribute.first:
            sentence = next(remaining, None)
        if sentence is not None and sentence.first <= attribute.first and attribute.end <= sentence.end:
            if sentence.attributes is not own:
                sentence.attributes = own = []
            own.append(attribute)


def _add_longest(
    first: int, text: str, tokens: Tokens, node: TrieNode, ends: dict[int, int], found: list[Mention]
) -> None:
    """Add the longest match of each dimension at the word `first` that no earlier match of the dimension overlaps.

    :param node: node of the word at `first`.
    :param ends: exclusive end index of the last match by dimension; it is updated.
    """
    words = tokens.words
    end = first + 1
    path = [node]
    while end < len(words) and words[end] in node.following:
        word = words[end]
        node = node.children.get(word) or node.child(word)
        path.append(node)
        end += 1
    for node in reversed(path):
        if node.entries:
            _add_entries(first, end, text, tokens, node, ends, found)
        end -= 1


def _add_entries(
    first: int, end: int, text: str, tokens: Tokens, node: TrieNode, ends: dict[int, int], found: list[Mention]
) -> None:
    """Add the values that the words from `first` to `end` mean, one of each dimension without an overlapping match."""
    for sense, flags, exact in node.entries:
        if exact is None or exact == text[tokens.starts[first] : tokens.ends[end - 1]]:
            dimension = sense.values[0].dimension
            if ends.get(dimension, 0) <= first:
                ends[dimension] = end
                found.append(Mention(first, end, sense, flags))


def _is_free(attribute: Mention, mentions: list[Mention]) -> bool:
    """Return whether an attribute includes every mention that it overlaps.

    It may lie in a name, if its dimension allows that, and a phrase in a longer negation (*was not visualised*).
    """
    first, end = attribute.first, attribute.end
    rules = attribute.sense.rules
    inside, phrase = rules is not None and rules.inside_names, end - first > 1
    for k in range(bisect_left(mentions, end, key=_FIRST) - 1, -1, -1):
        mention = mentions[k]
        if mention.end <= first:
            return True
        included = first <= mention.first and mention.end <= end
        kind = mention.sense.kind
        if not (included or (inside and kind in _NAMES) or (phrase and kind == "negation")):
            return False
    return True
