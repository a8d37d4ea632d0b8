"""Values that are read as attributes: matched in a second pass, which leaves the mentions of the first one alone.

A word may thus be an attribute and something else as well: *irregular* is a shape and the surface of a plaque. Of the
values of one dimension, the longest match counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import Tokens
from udt.lexicon.trie import Entry, TrieNode
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_FIRST = attrgetter("first")
_NAMES = frozenset({"anatomy", "finding"})


def find_attributes(text: str, tokens: Tokens, mentions: list[Mention], lexicon: Lexicon) -> list[Mention]:
    """Return the attributes in `text` in order; those of several dimensions may overlap.

    :param mentions: the other mentions, in order. An attribute may include them, but lies inside one only if its
        dimension allows it.
    """
    words, root = tokens.words, lexicon.attribute_root
    starts = [i for i, word in enumerate(words) if word in root.following]
    found: list[Mention] = []
    ends: dict[int, int] = {}
    for i in starts:
        for end, (sense, flags, exact) in _entries_at(i, words, root):
            dimension = sense.values[0].dimension
            spelled = exact is None or exact == text[tokens.starts[i] : tokens.ends[end - 1]]
            if spelled and ends.get(dimension, 0) <= i:
                ends[dimension] = end
                found.append(Mention(i, end, sense, flags))
    return [attribute for attribute in found if _is_free(attribute, mentions)]


def assign_attributes(sentences: list[Sentence], attributes: list[Mention]) -> None:
    """Assign attributes, in order, to the sentences of their first words."""
    firsts = [sentence.first for sentence in sentences]
    for attribute in attributes:
        at = bisect_left(firsts, attribute.first + 1) - 1
        if at >= 0 and attribute.end <= sentences[at].end:
            sentences[at].attributes.append(attribute)


def _entries_at(first: int, words: list[str], root: TrieNode) -> Iterator[tuple[int, Entry]]:
    """Yield the exclusive end index and the entry of each match at the word `first`, the longest first."""
    node, end = root.child(words[first]), first + 1
    path = [node]
    while end < len(words) and words[end] in node.following:
        node = node.child(words[end])
        path.append(node)
        end += 1
    for node in reversed(path):
        for entry in node.entries:
            yield end, entry
        end -= 1


def _is_free(attribute: Mention, mentions: list[Mention]) -> bool:
    """Return whether an attribute includes every mention that it overlaps, or may lie inside the name that it is of."""
    rules = attribute.sense.rules
    inside = rules is not None and rules.inside_names
    for k in range(bisect_left(mentions, attribute.end, key=_FIRST) - 1, -1, -1):
        mention = mentions[k]
        if mention.end <= attribute.first:
            return True
        included = attribute.first <= mention.first and mention.end <= attribute.end
        if not included and not (inside and mention.sense.kind in _NAMES):
            return False
    return True
