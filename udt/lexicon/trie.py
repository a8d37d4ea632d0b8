"""Walks the compiled trie. What text never names of it stays plain data; a node is made when it is first met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from udt.lexicon.senses import Sense

Trie = dict[str, Any] | list[Any] | str
"""What may stand behind some words, and under the empty word their own entries; or nothing but the entries."""

Entry = tuple[Sense, int, str | None]
"""A sense, how the form differs from the label (`ADJECTIVE`, `PLURAL`, `FRENCH`), and the case that it demands."""

_NOTHING: dict[str, Any] = {}


def entries_in(node: Trie) -> Iterable[tuple[str, int, str | None]]:
    """What ends at a node of the compiled trie: concept, flags and case of each entry."""
    packed = node.get("", ()) if isinstance(node, dict) else node
    if isinstance(packed, str):
        return ((packed, 0, None),)
    return zip(packed[::3], packed[1::3], packed[2::3], strict=True)


class TrieNode:
    """What is known of some words in a row; of no words, at the root.

    :ivar entries: what they mean.
    :ivar following: has every word that may stand behind them.
    :ivar met: the nodes of those behind them that have been asked for.
    """

    __slots__ = ("_senses", "entries", "following", "met")

    def __init__(self, data: Trie, senses: Mapping[str, Sense]) -> None:
        self.entries = tuple([(senses[curie], flags, exact) for curie, flags, exact in entries_in(data)])
        self.following = data if isinstance(data, dict) else _NOTHING
        self._senses = senses
        self.met: dict[str, TrieNode] = {}

    def behind(self, word: str) -> TrieNode:
        """The node of these words and `word`, which is one of those that follow."""
        found = self.met.get(word)
        if found is None:
            found = self.met[word] = TrieNode(self.following[word], self._senses)
        return found
