"""The grammars of captions, one for each language, from the ontology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args

from udt.core.errors import DataError
from udt.core.toml_files import read_toml
from udt.taxonomy.model.source import ontology_folder

Slot = Literal["place", "noun", "adjective", "feature", "statement"]
SLOTS: Final[tuple[Slot, ...]] = get_args(Slot)

_FOLDER = ontology_folder() / "language"
_OTHERS = "others"


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """The sentences of a style.

    :ivar place: sentences that name the place; the text in braces is replaced.
    :ivar lesion: sentences with the description of the lesion.
    :ivar feature: how features are added to the noun of the lesion.
    :ivar bare: the noun of a lesion without a type.
    :ivar no_article: whether nouns go without an article.
    """

    name: str
    place: tuple[str, ...]
    no_place: tuple[str, ...]
    lesion: tuple[str, ...]
    statement: tuple[str, ...]
    feature: str
    bare: str
    no_article: bool = False


@dataclass(frozen=True, slots=True)
class CaptionGrammar:
    """The grammar of one language; `ontology/language/captions-en.toml` explains its tables."""

    language: str
    small_initials: bool
    preferred: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, Mapping[Slot, tuple[str, ...]]]
    probes: Mapping[Slot, str]
    joins: Mapping[str, str]
    articles: Mapping[str, str]
    styles: Mapping[str, CaptionStyle]
    apart: Mapping[Slot, str]
    possible: Mapping[Slot, str]
    denied: Mapping[Slot, str]
    prompt: Mapping[str, str]

    def forms_of(self, curie: str, dimension: str, role: str) -> Mapping[Slot, tuple[str, ...]]:
        """Return the forms of a label by slot: its own, those of its dimension, or those of other dimensions."""
        if role == "place":
            return {"place": ("{}",)}
        return self.forms.get(curie) or self.forms.get(dimension) or self.forms[_OTHERS]

    def article(self, phrase: str) -> str:
        """Return a phrase with the indefinite article."""
        vowel = phrase[:1].lower() in self.articles["vowels"] and bool(phrase)
        return self.articles["before_vowel" if vowel else "otherwise"] + phrase

    def without_article(self, phrase: str) -> str:
        """Return a phrase without the indefinite article that it begins with, if any."""
        known = sorted(filter(None, (self.articles["before_vowel"], self.articles["otherwise"])), key=len, reverse=True)
        return next((phrase.removeprefix(article) for article in known if phrase.startswith(article)), phrase)


def caption_languages() -> tuple[str, ...]:
    """Return the languages that have a grammar."""
    return tuple(sorted(path.stem.removeprefix("captions-") for path in _FOLDER.glob("captions-*.toml")))


@cache
def caption_grammar(language: str) -> CaptionGrammar:
    """Read the grammar of a language.

    :raises DataError: if there is none.
    """
    if language not in caption_languages():
        raise DataError(
            f"there is no grammar of captions in '{language}'; there is one of: {', '.join(caption_languages())}"
        )
    data = read_toml(_FOLDER / f"captions-{language}.toml")
    styles = {name: _style(name, table) for name, table in data.pop("styles").items()}
    preferred = {curie: tuple(names) for curie, names in data.pop("preferred").items()}
    forms = {key: {slot: tuple(texts) for slot, texts in table.items()} for key, table in data.pop("forms").items()}
    return CaptionGrammar(language, preferred=preferred, forms=forms, styles=styles, **data)


def _style(name: str, table: Mapping[str, Any]) -> CaptionStyle:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }  # fmt: skip
    return CaptionStyle(name, **fields)
