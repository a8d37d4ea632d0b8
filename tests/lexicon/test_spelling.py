"""Correction of misspelled words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.spelling import SHORTEST, SpellingCorrector
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import find_mentions

WORDS = ["hypoechoic", "hypoechogenic", "hyperechoic", "gallbladder", "posterior", "anterior", "adenomyosis", "liver"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("hypoechoic", "hypoechoic", id="right"),
        pytest.param("hypoechic", "hypoechoic", id="a letter left out"),
        pytest.param("hypooechoic", "hypoechoic", id="a letter too many"),
        pytest.param("hypoechoik", "hypoechoic", id="a wrong letter"),
        pytest.param("hypoechioc", "hypoechoic", id="two letters swapped"),
        pytest.param("hpyoechoic", "hypoechoic", id="two letters swapped right after the first"),
        pytest.param("hypoehic", None, id="two letters left out"),
        pytest.param("hipeechoic", None, id="two wrong letters"),
        pytest.param("ypoechoic", None, id="the first letter left out"),
        pytest.param("nypoechoic", None, id="a wrong first letter"),
        pytest.param("hipoechogenic", "hypoechogenic", id="a second letter of the same sound"),
        pytest.param("hapoechogenic", None, id="a second letter of another sound"),
        pytest.param("livre", None, id="a short word"),
        pytest.param("posteri0r", None, id="a digit"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_correct(written: str, meant: str | None) -> None:
    assert SpellingCorrector(WORDS).correct(written) == meant


def test_two_words_one_edit_away_give_no_correction() -> None:
    assert SpellingCorrector(["adenomas", "adenomal"]).correct("adenomax") is None
    assert SpellingCorrector(["adenomas"]).correct("adenomax") == "adenomas"


@pytest.mark.parametrize(
    ("right", "near"),
    [
        pytest.param("papillary", "pupillary", id="second letter"),
        pytest.param("parametric", "parametria", id="ending"),
        pytest.param("hypodermic", "hypodermis", id="ending of an adjective"),
        pytest.param("epidurals", "epidural", id="plural"),
        pytest.param("encapsulate", "encapsulated", id="verb"),
        pytest.param("infrahepatic", "intrahepatic", id="combining form"),
        pytest.param("speculation", "spiculation", id="known word"),
    ],
)
def test_a_right_word_is_not_corrected(right: str, near: str) -> None:
    corrector = SpellingCorrector([near], known={"speculation"}, prefixes=["infra", "intra"])
    assert corrector.correct(right) is None
    assert corrector.correct(near) == near


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Papillary muscle.", [], id="word of another label"),
        pytest.param("Ankle brachial index.", [], id="word of a label of several words"),
        pytest.param("Carcinosis and vesicles.", [], id="words listed as right"),
        pytest.param("A retropritoneal mass.", ["read as retroperitoneal"], id="misspelling"),
        pytest.param("The subcrinal node.", ["read as subcarinal"], id="misspelling of a rare word"),
    ],
)
def test_corrections_in_a_text(lexicon: Lexicon, text: str, expected: list[str]) -> None:
    mentions, _ = find_mentions(text, tokenize(text), lexicon)
    assert [m.reason for m in mentions if m.reason and m.reason.startswith("read as")] == expected


LETTERS = st.text("abc", min_size=SHORTEST - 2, max_size=SHORTEST + 2)


@given(st.lists(LETTERS, max_size=6), LETTERS)
def test_agrees_with_the_edit_distance(words: list[str], written: str) -> None:
    assert SpellingCorrector(words).correct(written) == _reference(words, written)


@given(LETTERS, st.data())
def test_every_single_edit_is_undone(word: str, data: st.DataObject) -> None:
    word = "x" + word.ljust(SHORTEST, "b")
    at = data.draw(st.integers(2, len(word) - 4))
    edits = {
        word[:at] + word[at + 1 :],
        word[:at] + "z" + word[at:],
        word[:at] + "z" + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }
    for written in edits:
        assert SpellingCorrector([word]).correct(written) == (word if len(written) >= SHORTEST else None)


def _reference(words: list[str], written: str) -> str | None:
    """Return the only long word within one edit that has the same first letter, or None."""
    if len(written) < SHORTEST:
        return None
    near = {w for w in words if len(w) >= SHORTEST and w[0] == written[0] and _distance(w, written) <= 1}
    return near.pop() if len(near) == 1 else None


def _distance(a: str, b: str) -> int:
    """Compute the Damerau-Levenshtein distance (optimal string alignment) by the full table."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = [table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])]
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                best.append(table[i - 2][j - 2] + 1)
            table[i][j] = min(best)
    return table[-1][-1]
