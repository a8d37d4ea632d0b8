"""Words of a language without blanks."""

from __future__ import annotations

import pytest

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.paths import find_by_path


def named(text: str, lexicon: Lexicon) -> list[tuple[str, str]]:
    """Return the words of each mention in a Chinese text, with the concept."""
    tokens = tokenize(text)
    mentions, _ = find_by_path(text, tokens, lexicon.in_language("zh"))
    return [("".join(tokens.words[m.first : m.end]), m.sense.curie) for m in mentions]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("肝大小正常", ["肝", "大小正常"], id="the fewest letters left over"),
        pytest.param("边界尚清晰", ["边界尚清晰"], id="the fewest names"),
        pytest.param("见同心圆征", ["见", "同心圆征"], id="a word that holds a name"),
        pytest.param("心悸", [], id="a name of one letter beside an unknown one"),
        pytest.param("脾厚", ["脾"], id="a name of one letter beside a loose one"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_names(lexicon: Lexicon, text: str, words: list[str]) -> None:
    assert list(dict.fromkeys(word for word, _ in named(text, lexicon))) == words


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("未见异常", True, id="end of the text"),
        pytest.param("未见异常。", True, id="end of a sentence"),
        pytest.param("未见异常及占位", True, id="before a word that joins"),
        pytest.param("未见异常结节", False, id="before a noun"),
    ],
)
def test_a_name_that_ends_a_noun_phrase(lexicon: Lexicon, text: str, normal: bool) -> None:
    assert ("udaf:diagnosis.normal-appearance" in [curie for _, curie in named(text, lexicon)]) is normal


def test_a_bare_name_means_no_more_than_its_value(lexicon: Lexicon) -> None:
    (mention,), _ = find_by_path("囊实性", tokenize("囊实性"), lexicon.in_language("zh"))
    assert [value.label for value in mention.values] == ["mixed cystic and solid mass"]
