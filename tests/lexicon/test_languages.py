"""Recognition of languages by words and letters."""

from __future__ import annotations

from typing import Any

import pytest

from udt.core.errors import TaxonomyError
from udt.lexicon.languages import Languages, language_data, profile_tags
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import Concept, Label, LabelPattern


def style(words: list[str], letters: str | None = None, **stated: Any) -> dict[str, Any]:
    """Return the data of a language."""
    given = {"words": words, "letters": letters, "shares": [], "pairs": {}, "without_blanks": False, "loose": ""}
    return given | {"times": [], "ranges": [], "numbers": []} | stated


DATA: dict[str, Any] = {
    "profiles": {
        "en": style(["the", "of"]),
        "xx": style(["kein", "von", "ist", "nicht"]),
        "yy": style(["kein", "sem"]),
        "ru": style([], "а-я"),
        "zh": style([], "一-龥", without_blanks=True),
        "ja": style([], "ぁ-ん", shares=["zh"]),
    },
    "shared": ["mass"],
    "openings": {"yy": ["tumor cyst"]},
    "rare_of_openings": ["cyst"],
    "particles": ["von"],
    "labelled": ["en", "xx"],
    "denying": ["en"],
}
NAMES = {"tumor", "mass", "lesion", "cyst", "edge", "3"}


def divided(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the language of a text, and the words of each part with its language."""
    tokens = tokenize(text)
    language, parts = Languages(DATA, NAMES).divide(text, tokens)
    return language.tag, [(" ".join(tokens.words[part.first : part.end]), part.language.tag) for part in parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("tumor", "en", id="no evidence"),
        pytest.param("kein tumor", "xx", id="the first of two languages"),
        pytest.param("kein sem", "yy", id="more words"),
        pytest.param("the sem of", "en", id="more words of the first language"),
        pytest.param("von tumor", "en", id="particle of a name alone"),
        pytest.param("sem tumor edge lesion cyst", "en", id="names are evidence of the first language"),
        pytest.param("sem tumor mass lesion cyst", "yy", id="a name that languages share is evidence of none"),
        pytest.param("sem tumor lesion cyst 3", "yy", id="a number is evidence of none"),
        pytest.param("tumor cyst", "yy", id="the first words of a cue, which the first language has apart"),
        pytest.param("cyst tumor", "en", id="in another order"),
        pytest.param("опухоль", "ru", id="letters"),
        pytest.param("the tumor а", "en", id="a single letter"),
        pytest.param("肝囊肿 cyst", "zh", id="letters without case weigh more"),
        pytest.param("肝のう胞", "ja", id="letters that two languages share"),
        pytest.param("", "en", id="nothing"),
    ],
)
def test_the_language_of_a_text(text: str, expected: str) -> None:
    assert divided(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("the mass. kein tumor ist", [("the mass .", "en"), ("kein tumor ist", "xx")], id="two languages"),
        pytest.param("the mass of. sem cyst", [("the mass of . sem cyst", "en")], id="one word is too little"),
        pytest.param("kein ist nicht. tumor.", [("kein ist nicht . tumor .", "xx")], id="names alone are shared"),
        pytest.param(
            "kein ist nicht von. the mass of", [("kein ist nicht von .", "xx"), ("the mass of", "en")], id="the first"
        ),
        pytest.param("肝囊肿。the mass of", [("肝 囊 肿 。", "zh"), ("the mass of", "en")], id="by letters"),
        pytest.param("肝囊肿。mass", [("肝 囊 肿 。 mass", "zh")], id="a name in a text of another language"),
    ],
)
def test_a_sentence_in_another_language(text: str, parts: list[tuple[str, str]]) -> None:
    assert divided(text)[1] == parts


def test_support() -> None:
    languages = Languages(DATA, NAMES)
    assert [languages.support(tag) for tag in ("en", "xx", "yy")] == ["full", "terms", "none"]
    assert (languages.without_blanks("zh"), languages.without_blanks("en")) == (True, False)


def profile(**attributes: str | bool | int) -> Concept:
    """Return the profile of a language."""
    stated = {name: (value,) for name, value in attributes.items()}
    curie = f"lex:language-{attributes.get('languageTag')}"
    return Concept(curie, "https://x.example/x", "LanguageProfile", "X", (), attributes=stated)


def test_language_data() -> None:
    denial = Concept("cue:x", "https://x.example/y", "NegationCue", "no", (Label("kein", "xx", "alt"),))
    name = Concept("x:x", "https://x.example/z", "Organ", "X", (), patterns=(LabelPattern("{a|b}", "zz"),))
    english = profile(languageTag="en", functionWords="the de", order=1)
    other = profile(languageTag="xx", functionWords="não de", reportWords="sem", order=2)
    openings = {"en": {("lack", "of")}, "xx": {("lack", "of"), ("lack", "de"), ("lack", "sem")}}
    words = {"en": {"liver": 9, "lack": 1}, "xx": {"fígado": 1, "liver": 1, "3": 1}}
    data = language_data([english, other, denial, name], words, openings)
    assert (data["openings"], data["shared"]) == ({"xx": ["lack de"]}, ["de", "liver"])
    assert data["rare_of_openings"] == ["lack"]
    assert data["profiles"]["en"]["words"] == ["the"]
    assert data["profiles"]["xx"]["words"] == ["fígado", "nao", "sem"]  # without those of the first language
    assert (data["particles"], data["labelled"], data["denying"]) == ([], ["xx", "zz"], ["xx"])


def test_how_a_language_is_written() -> None:
    chinese = profile(languageTag="zh", letters="一-龥", withoutBlanks=True, looseLetters="内", letterPairs="臟脏 膽胆")
    (data,) = language_data([chinese], {})["profiles"].values()
    assert data == style([], "一-龥", pairs={"臟": "脏", "膽": "胆"}, without_blanks=True, loose="内")


def test_words_beside_numbers() -> None:
    english = profile(languageTag="en", order=1, timesWords="x by", rangeWords="to", numberWords="zero one")
    spanish = profile(languageTag="es", order=2, timesWords="por", rangeWords="a", numberWords="cero uno dós")
    languages = Languages(language_data([english, spanish], {}), ())
    assert (languages.times("es"), languages.ranges("es")) == ({"x", "by", "por"}, {"to", "a"})
    assert (languages.numerals("en"), languages.numerals("es")) == (
        {"zero": 0, "one": 1},
        {"cero": 0, "uno": 1, "dos": 2},
    )


def test_languages_without_a_profile_are_one() -> None:
    assert profile_tags([]) == ["und"]
    assert list(language_data([], {})["profiles"]) == ["und"]


@pytest.mark.parametrize("letters", [pytest.param("я-а", id="backwards"), pytest.param("[a", id="brackets")])
def test_faulty_letters_are_an_error(letters: str) -> None:
    with pytest.raises(TaxonomyError, match="ns:letters has to be ranges"):
        language_data([profile(languageTag="xx", letters=letters)], {})
