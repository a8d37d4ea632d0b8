"""Shortcuts for speed, each compared with the slow way."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from udt.lexicon.tokens import _PLAIN_TOKEN, _TOKEN, Tokens, fold, tokenize
from udt.normalize.distances import LONGEST_SENTENCE
from udt.normalize.match import legend
from udt.normalize.match.passage import _STOPS, _bounds, _ends_here

PARTS = ["ABC", "CBD", "Ab", "a", "L1", "*", "common bile duct", "cyst", "fig", " ", "  ", "\t" * 15, "\xa0", "\n"]
SIGNS = [*".,;:=()?!-–", " – "]
TEXTS = st.lists(st.sampled_from([*PARTS, " ", *SIGNS]), max_size=16).map("".join)


@given(TEXTS | st.text(st.characters(max_codepoint=127)))
def test_the_ascii_pattern_gives_the_words_of_the_general_one(text: str) -> None:
    plain = text.lower().replace("–", "-").replace("\xa0", "'s")
    assert _PLAIN_TOKEN.split(plain) == _TOKEN.split(plain)


@given(TEXTS | st.text())
def test_a_line_split_at_its_spaces_has_the_words_of_the_pattern(text: str) -> None:
    line = fold(text).replace("\n", " ")
    tokens = tokenize(line)
    words = _TOKEN.split(line)[1::2]
    assert tokens.words == [unicodedata.normalize("NFKD", word) for word in words]
    assert [line[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)] == words


@given(TEXTS)
def test_the_quick_test_for_legends_misses_none(text: str) -> None:
    tokens = tokenize(text)
    assert legend._may_have_entries(text, tokens) or not legend._abbreviations(text, tokens, [])


@given(TEXTS | st.text(st.characters(max_codepoint=0x24F)))
def test_entries_start_at_all_words_that_may_be_keys(text: str) -> None:
    """A key before a blank, which is no entry unless it is in capitals, may be left out."""
    starts = legend._starts_of_keys(text, tokenize(text))
    forms = [legend._ENTRY.match(text, match.start()) for match in legend._KEY_AT.finditer(text)]
    entries = [form for form in forms if form and (form["sign"].strip() or (form["key"].isupper() and form["key"][1:]))]
    assert {form.start() for form in entries} <= set(starts)


@given(TEXTS | st.text(st.characters(max_codepoint=0x24F)))
def test_the_openings_of_entries_are_those_of_the_pattern_for_lines(text: str) -> None:
    text = text.replace("\n", " ")
    assert legend._has_opening(text, tokenize(text)) == bool(legend._OPENING_IN_LINES.search("." + text))


@given(TEXTS, st.sampled_from([0, 1, LONGEST_SENTENCE - 3, LONGEST_SENTENCE, 2 * LONGEST_SENTENCE + 5]))
def test_sentences_agree_with_a_scan_word_by_word(text: str, words: int) -> None:
    text = "cyst " * words + text
    tokens = tokenize(text)
    assert _bounds(text, tokens, frozenset({"fig"})) == _word_by_word(text, tokens)


def _word_by_word(text: str, tokens: Tokens) -> list[tuple[int, int]]:
    bounds, first = [], 0
    for i, word in enumerate(tokens.words):
        stops = word in _STOPS
        if i - first >= LONGEST_SENTENCE or (stops and _ends_here(text, tokens, i, frozenset({"fig"}))):
            bounds.append((first, i))
            first = i + stops
    bounds.append((first, len(tokens.words)))
    return [(start, end) for start, end in bounds if end > start]
