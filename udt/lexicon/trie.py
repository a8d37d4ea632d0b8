"""The compiled trie at run time. Nodes are created on first use; parts that no text visits stay plain data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Final

from udt.lexicon.senses import Sense

Trie = dict[str, Any] | list[Any] | str
"""A node: a mapping of each possible next word to its node, the own entries under the empty word; a leaf: entries."""

Entry = tuple[Sense, int, str | None]
"""A sense, the flags of the form (`ADJECTIVE`, `PLURAL` …), and the exact spelling that it needs, or None."""

_NOTHING: Final[dict[str, Any]] = {}
_NO_MARKS: Final[dict[str, int]] = {}

# Items of a packed entry; most words have one.
_ONE_ENTRY: Final = 3

OPENS_ATTRIBUTE: Final = 1
"""Mark of a word with which an attribute may start."""
OF_PART: Final = 2
"""Mark of a word with which the name of a part may start, or with which a predicate may end."""
OF_MEASUREMENT: Final = 4
"""Mark of a word with which a unit or the name of a quantity may start."""


def entries_in(node: Trie) -> Iterable[tuple[str, int, str | None]]:
    """Return the entries of a node of the compiled trie: concept, flags and exact spelling of each."""
    packed = node.get("", ()) if isinstance(node, dict) else node
    if isinstance(packed, str):
        return ((packed, 0, None),)
    if len(packed) == _ONE_ENTRY:
        return ((packed[0], packed[1], packed[2]),)
    return zip(packed[::3], packed[1::3], packed[2::3], strict=True)


def words_in(trie: Trie) -> set[str]:
    """Return the words at all levels of a compiled trie."""
    words: set[str] = set()
    pending = [trie]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            words.update(node)
            pending += [child for word, child in node.items() if word]
    return words - {""}


def without(trie: Trie, dropped: Container[str]) -> Trie | None:
    """Return a compiled trie without the entries of some concepts, or None if nothing is left."""
    kept = [item for entry in entries_in(trie) if entry[0] not in dropped for item in entry]
    below = {word: without(child, dropped) for word, child in trie.items() if word} if isinstance(trie, dict) else {}
    found: dict[str, Any] = {word: child for word, child in below.items() if child is not None}
    if not found:
        return kept or None
    return found | ({"": kept} if kept else {})


def merged(base: Trie, added: Trie) -> Trie:
    """Return a compiled trie with the entries of two; for the same words, those of `added` alone.

    An abbreviation, which needs its exact spelling, takes the place of none.
    """
    if not isinstance(base, dict):
        base = {"": base}
    found = dict(base)
    for word, child in added.items() if isinstance(added, dict) else [("", added)]:
        if word and word in found:
            found[word] = merged(found[word], child)
        elif word or all(exact is None for _, _, exact in entries_in(child)):
            found[word] = child
        else:
            before = [entry for entry in entries_in(found) if entry[0] not in {e[0] for e in entries_in(child)}]
            found[""] = [item for entry in (*entries_in(child), *before) for item in entry]
    return found


class TrieNode:
    """The node of a sequence of words; the root is that of the empty sequence.

    :ivar entries: the entries of these words.
    :ivar following: mapping whose keys are the possible next words.
    :ivar children: the nodes of next words that were created so far.
    :ivar marks: the marks of the word, for a child of the root.
    """

    __slots__ = ("_marks", "_senses", "children", "entries", "following", "marks")

    def __init__(self, data: Trie, senses: Mapping[str, Sense], marks: dict[str, int] = _NO_MARKS) -> None:
        self.entries = tuple([(senses[curie], flags, exact) for curie, flags, exact in entries_in(data)])
        self.following = data if isinstance(data, dict) else _NOTHING
        self._senses = senses
        self._marks = marks
        self.marks = 0
        self.children: dict[str, TrieNode] = {}

    @property
    def is_name(self) -> bool:
        """Whether the words match in any spelling."""
        return any(exact is None for _, _, exact in self.entries)

    def child(self, word: str) -> TrieNode:
        """Return the node of these words and `word`, which has to be in `following`."""
        found = self.children.get(word)
        if found is None:
            found = self.children[word] = TrieNode(self.following[word], self._senses)
            found.marks = self._marks.get(word, 0)
        return found
