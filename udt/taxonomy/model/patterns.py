"""Patterns of labels: one text for the inflected forms and spelling variants of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from udt.core.errors import TaxonomyError

_GROUP: Final = re.compile(r"(\{[^{}\[\]]*\}|\[[^{}\[\]]*\])")
_BRACKETS: Final = frozenset("{}[]")
MOST_FORMS: Final = 5_000
"""Most texts that one pattern may have."""


def expand(pattern: str) -> Iterator[str]:
    """Yield each text of a pattern: `{a|b}` is one of both, `[a|b]` one of both or nothing.

    >>> list(expand("kein{|e} [sicherer] Nachweis"))
    ['kein sicherer Nachweis', 'kein Nachweis', 'keine sicherer Nachweis', 'keine Nachweis']

    :raises udt.core.errors.TaxonomyError: if brackets are nested or not closed, or if there are too many texts.
    """
    parts = [_choices(part, pattern) for part in _GROUP.split(pattern)]
    count = 1
    for part in parts:
        count *= len(part)
    if count > MOST_FORMS:
        raise TaxonomyError([f"the pattern {pattern!r} has {count:,} forms: at most {MOST_FORMS:,} are allowed"])
    for chosen in product(*parts):
        yield " ".join("".join(chosen).split())


def _choices(part: str, pattern: str) -> list[str]:
    if _GROUP.fullmatch(part):
        return part[1:-1].split("|") + [""] * (part[0] == "[")
    if not _BRACKETS.isdisjoint(part):
        raise TaxonomyError([f"the pattern {pattern!r} has a bracket that is nested or has no partner"])
    return [part]
