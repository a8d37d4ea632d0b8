"""The compiled trie and its nodes at run time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from udt.lexicon.build import _trie
from udt.lexicon.senses import Sense
from udt.lexicon.trie import TrieNode

CONCEPTS = ("lex:a", "lex:b", "lex:c")
SENSES = {concept: Sense(concept, "neutral") for concept in CONCEPTS}
WORDS = st.sampled_from("xyz")
ENTRY = st.tuples(st.sampled_from(CONCEPTS), st.integers(0, 7), st.none() | st.just("X"))
ENTRIES = st.dictionaries(st.lists(WORDS, min_size=1, max_size=4).map(tuple), st.lists(ENTRY, min_size=1, max_size=3))


@given(ENTRIES, st.lists(WORDS, min_size=1, max_size=5))
def test_every_entry_is_found_by_its_words(
    entries: dict[tuple[str, ...], list[tuple[str, int, str | None]]], path: list[str]
) -> None:
    node = TrieNode(_trie(entries), SENSES)
    for length, word in enumerate(path, start=1):
        here = tuple(path[:length])
        assert (word in node.following) == any(words[:length] == here for words in entries)
        if word not in node.following:
            return
        assert node.child(word) is node.child(word), "a node is made once"
        node = node.child(word)
        assert [(sense.curie, flags, case) for sense, flags, case in node.entries] == entries.get(here, [])
