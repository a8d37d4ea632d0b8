"""Recognition of languages by words and letters."""

from __future__ import annotations

from typing import Any

import pytest

from udt.core.errors import TaxonomyError
from udt.lexicon.languages import Languages, language_data
from udt.taxonomy.model.concept import Concept

DATA: dict[str, Any] = {
    "profiles": {
        "en": {"words": ["the", "of"], "letters": None},
        "xx": {"words": ["kein", "von"], "letters": None},
        "yy": {"words": ["kein", "sem"], "letters": None},
        "ru": {"words": [], "letters": "а-я"},
    },
    "particles": ["von"],
    "labelled": ["en", "xx"],
    "denying": ["en"],
}


@pytest.mark.parametrize(
    ("text", "matched", "expected"),
    [
        pytest.param("tumor", set(), ("en", "full"), id="no evidence"),
        pytest.param("kein tumor", set(), ("xx", "terms"), id="the first of two languages"),
        pytest.param("kein sem", set(), ("yy", "none"), id="more words"),
        pytest.param("kein tumor", {"kein"}, ("en", "full"), id="word of a match"),
        pytest.param("the sem of", set(), ("en", "full"), id="more English words"),
        pytest.param("von tumor", set(), ("en", "full"), id="particle of a name alone"),
        pytest.param("опухоль", set(), ("ru", "none"), id="letters"),
        pytest.param("the tumor а", set(), ("en", "full"), id="a single letter"),
    ],
)
def test_recognise(text: str, matched: set[str], expected: tuple[str, str]) -> None:
    assert Languages(DATA).recognise(text, text.split(), lambda: (matched, 1)) == expected


def test_names_are_evidence_of_english() -> None:
    languages = Languages(DATA)
    assert languages.recognise("sem", ["sem"], lambda: (set(), 3)).tag == "yy"
    assert languages.recognise("sem", ["sem"], lambda: (set(), 4)).tag == "en"


def profile(**attributes: str) -> Concept:
    """Return the profile of a language."""
    stated = {name: (value,) for name, value in attributes.items()}
    return Concept("lex:language-x", "https://x.example/x", "LanguageProfile", "X", (), attributes=stated)


def test_language_data() -> None:
    data = language_data([profile(languageTag="xx", functionWords="não de", reportWords="sem", letters="а-я")])
    assert data["profiles"] == {"xx": {"words": ["de", "nao", "sem"], "letters": "а-я"}}
    assert (data["particles"], data["labelled"], data["denying"]) == ([], [], [])


@pytest.mark.parametrize("letters", [pytest.param("я-а", id="backwards"), pytest.param("[a", id="brackets")])
def test_faulty_letters_are_an_error(letters: str) -> None:
    with pytest.raises(TaxonomyError, match="ns:letters has to be ranges"):
        language_data([profile(languageTag="xx", letters=letters)])
