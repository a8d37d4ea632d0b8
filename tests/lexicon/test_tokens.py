"""Tokenisation, and spelling variants that give the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.lexicon.tokens import fold, tokenize

# Every code point, lone surrogates included: what a file or a JSON string can bring.
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)
# What the rules of the tokeniser are about, so that they meet each other often.
TRICKY_TEXT = st.text("aAsİſßﬁé9.,·-–—−'’` \n\t_:²肝Ⅳ\u0301\u00ad\ud800", max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(" \t ", [], id="blanks"),
        pytest.param("Well-defined", ["well", "defined"], id="a hyphen within a word separates"),
        pytest.param("well–defined", ["well", "defined"], id="so does a dash"),
        pytest.param("hyper- and hypo-", ["hyper", "-", "and", "hypo", "-"], id="a hyphen at the end of a word stays"),
        pytest.param("liver - normal", ["liver", "-", "normal"], id="a dash between blanks stays"),
        pytest.param("Baker's", ["baker"], id="the s of a genitive vanishes"),
        pytest.param("Baker’s", ["baker"], id="with a curly apostrophe too"),
        pytest.param("Cooper' ligament", ["cooper", "'", "ligament"], id="an apostrophe at the end of a word stays"),
        pytest.param("d'une", ["d", "une"], id="an apostrophe within a word separates"),
        pytest.param("2.3 x 1,1 cm", ["2.3", "x", "1,1", "cm"], id="a number keeps its point or comma"),
        pytest.param("2·5", ["2·5"], id="or its middle dot"),
        pytest.param("5mm", ["5", "mm"], id="a number and its unit are two words"),
        pytest.param("T2N0", ["t", "2", "n", "0"], id="letters and digits are separate"),
        pytest.param("cyst,5 mm.", ["cyst", ",", "5", "mm", "."], id="signs are words"),
        pytest.param("肝脏正常", ["肝", "脏", "正", "常"], id="a Chinese character is a word"),
        pytest.param("左leg", ["左", "leg"], id="also beside letters"),
        pytest.param("Résumé Ménière", ["resume", "meniere"], id="accents fold"),
        pytest.param("one\n\n  two", ["one", "\n", "two"], id="a line break with what blank follows is one word"),
        pytest.param("a_b", ["a", "_", "b"], id="an underscore is a sign"),
        pytest.param("cm²", ["cm2"], id="a superscript folds and stays in its word"),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert tokenize(text).words == words


@pytest.mark.parametrize(
    "spellings",
    [
        ("well-defined", "Well defined", "WELL‑DEFINED", "well—defined"),
        ("Baker's cyst", "baker cyst", "Baker’s cyst"),
        ("naïve", "naive", "NAÏVE"),
        ("anéchoïque", "anechoique"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_spelling_variants_have_the_same_words(spellings: tuple[str, ...]) -> None:
    assert len({tuple(tokenize(spelling).words) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("text", "word", "span"),
    [
        pytest.param("The ﬁbroid grows", "fibroid", "ﬁbroid", id="ligature"),
        pytest.param("İn the liver", "liver", "liver", id="a capital that grows in lower case"),
        pytest.param("Straße, liver", "liver", "liver", id="sharp s"),
        pytest.param("𝟙 🫀 heart", "heart", "heart", id="beyond the basic plane"),
    ],
)
def test_offsets_are_of_the_original_text(text: str, word: str, span: str) -> None:
    tokens = tokenize(text)
    at = tokens.words.index(word)
    assert text[tokens.starts[at] : tokens.ends[at]] == span


@given(ANY_TEXT | TRICKY_TEXT)
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(ANY_TEXT | TRICKY_TEXT)
def test_words_are_in_text_order(text: str) -> None:
    tokens = tokenize(text)
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    assert len(words) == len(starts) == len(ends)
    assert all(words), "a word is never empty"
    edges = [0, *(edge for span in zip(starts, ends, strict=True) for edge in span), len(text)]
    assert edges == sorted(edges)
    assert all(start < end for start, end in zip(starts, ends, strict=True))


@given(ANY_TEXT | TRICKY_TEXT)
def test_letters_and_digits_are_never_lost(text: str) -> None:
    """Except for the s of a genitive, every letter and digit of the text is in a word."""
    tokens = tokenize(text)
    covered = {i for start, end in zip(tokens.starts, tokens.ends, strict=True) for i in range(start, end)}
    lost = [i for i, char in enumerate(text) if char.isalnum() and i not in covered]
    assert all(fold(text[i]) == "s" and text[i - 1] in "'’‘ʼ`´" for i in lost), [text[i] for i in lost]
