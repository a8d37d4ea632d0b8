"""The stages of extraction, and the data of `prompts.toml` and `checks.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from udt.core.toml_files import read_toml
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

_HERE = files(__package__)


@dataclass(frozen=True, slots=True)
class PromptWords:
    """The words of the prompts.

    :ivar longest_quote: most words of a quote.
    :ivar titles: title of each stage by its name, in order.
    :ivar roles: roles of the dimensions of each stage.
    """

    version: str
    longest_quote: int
    task: str
    data: str
    rules: tuple[str, ...]
    answer: str
    titles: Mapping[str, str]
    roles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CheckData:
    """The data of the checks.

    :ivar probe: CURIE of the finding that shows whether the text denies a place.
    :ivar instructions: patterns of words that address a model, for folded text.
    :ivar usual: roles of dimensions of which a caption usually states one.
    :ivar exclusive: keys of dimensions whose labels exclude one another in one finding.
    :ivar unread_words: fewest words of an unread clause.
    """

    probe: str
    instructions: re.Pattern[str]
    usual: tuple[str, ...]
    exclusive: tuple[str, ...]
    unread_words: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One question to a model: the labels of some dimensions.

    :ivar title: description of the dimensions.
    """

    name: str
    title: str
    dimensions: tuple[Dimension, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its dimensions."""
        return tuple(dimension.key for dimension in self.dimensions)


@cache
def prompt_words() -> PromptWords:
    """Read `prompts.toml`."""
    plain = read_toml(_HERE / "prompts.toml")
    stages = plain["stages"]
    return PromptWords(
        plain["version"],
        plain["longest_quote"],
        plain["task"].strip(),
        plain["data"].strip(),
        tuple(plain["rules"]),
        plain["answer"].strip(),
        {name: stage["title"] for name, stage in stages.items()},
        {name: tuple(stage["roles"]) for name, stage in stages.items()},
    )


@cache
def check_data() -> CheckData:
    """Read `checks.toml`."""
    plain = read_toml(_HERE / "checks.toml")
    asking = plain["asking"]
    return CheckData(
        plain["probe"],
        re.compile("|".join(f"(?:{pattern})" for pattern in plain["instructions"])),
        tuple(asking["usual"]),
        tuple(asking["exclusive"]),
        asking["unread_words"],
    )


def stages_of(taxonomy: Taxonomy) -> tuple[Stage, ...]:
    """Return the stages for the classification tasks of a taxonomy: anatomy, then findings and their attributes."""
    words = prompt_words()
    found = (
        Stage(name, title, tuple(d for d in taxonomy.tasks if d.role in words.roles[name]))
        for name, title in words.titles.items()
    )
    return tuple(stage for stage in found if stage.dimensions)
