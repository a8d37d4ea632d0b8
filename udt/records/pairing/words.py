"""The words of figure captions that point to parts of a figure, from the ontology."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from udt.core.toml_files import read_toml
from udt.taxonomy.model.source import ontology_folder

_FILE = ontology_folder() / "language" / "indicators.toml"
_LAYOUTS = ("quadrants", "horizontal", "vertical", "ordinals")


@dataclass(frozen=True, slots=True)
class IndicatorWords:
    """The words of `ontology/language/indicators.toml`, which explains them.

    :ivar layouts: name of a layout to the words of each of its positions, in reading order.
    """

    nouns: tuple[str, ...]
    pointers: tuple[str, ...]
    links: frozenset[str]
    links_without_spaces: frozenset[str]
    in_order: frozenset[str]
    leads: frozenset[str]
    placing: frozenset[str]
    article: frozenset[str]
    joins: frozenset[str]
    ranges: frozenset[str]
    names: frozenset[str]
    enumerations: frozenset[str]
    openers: frozenset[str]
    verbs: frozenset[str]
    views: frozenset[str]
    whole: frozenset[str]
    abbreviations: frozenset[str]
    layouts: Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def indicator_words() -> IndicatorWords:
    """Read the words; they are read once in a process."""
    data = read_toml(_FILE)
    layouts = {name: {key: tuple(words) for key, words in data.pop(name).items()} for name in _LAYOUTS}
    nouns, pointers = (tuple(data.pop(name)) for name in ("nouns", "pointers"))
    sets = {name: frozenset(words) for name, words in data.items()}
    return IndicatorWords(nouns=nouns, pointers=pointers, layouts=layouts, **sets)
