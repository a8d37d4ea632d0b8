"""Identifiers in free text, replaced by placeholders such as `[DATE]`, by the rules of `free_text.toml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from udt.core.toml_files import read_toml

_LIST = re.compile(r"\{([a-z_]+)\}")


class TextRule(NamedTuple):
    """A rule: text that matches the pattern, or its group `it`, is replaced."""

    replace: str
    pattern: re.Pattern[str]


class CleanText(NamedTuple):
    """A text without identifiers, with the number of times that each placeholder was put in."""

    text: str
    replaced: Counter[str]


@dataclass(frozen=True, slots=True)
class TextCleaner:
    """Replaces dates, names, numbers, telephones and addresses in English and Chinese texts.

    Names without a title or a label before them are not found.

    >>> TextCleaner.load().clean("Seen by Dr Jane Ward on 5 March 2021: cyst of 12 x 8 mm.").text
    'Seen by Dr [NAME] on [DATE]: cyst of 12 x 8 mm.'
    """

    rules: Sequence[TextRule]
    pseudonym_columns: frozenset[str]
    removed_columns: frozenset[str]

    @classmethod
    @cache
    def load(cls) -> TextCleaner:
        """Return the rules of this package."""
        data = read_toml(files("udt.records.deidentify") / "free_text.toml")
        rules = tuple(_rule(entry, data["lists"]) for entry in data["rule"])
        columns = data["columns"]
        return cls(rules, frozenset(columns["pseudonym"]), frozenset(columns["removed"]))

    def clean(self, text: str) -> CleanText:
        """Return a text with placeholders."""
        replaced: Counter[str] = Counter()
        for rule in self.rules:
            text, count = rule.pattern.subn(lambda found, rule=rule: _replaced(found, rule.replace), text)  # type: ignore[misc]
            replaced[rule.replace] += count
        return CleanText(text, +replaced)


def _rule(entry: Mapping[str, Any], lists: Mapping[str, Sequence[str]]) -> TextRule:
    pattern = _LIST.sub(lambda found: f"(?:{'|'.join(lists[found[1]])})", entry["pattern"])
    return TextRule(entry["replace"], re.compile(pattern, 0 if entry.get("cased") else re.IGNORECASE))


def _replaced(found: re.Match[str], placeholder: str) -> str:
    if "it" not in found.re.groupindex:
        return placeholder
    whole, start = found[0], found.start()
    return whole[: found.start("it") - start] + placeholder + whole[found.end("it") - start :]
