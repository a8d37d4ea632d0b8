"""Preset queries: the competency questions of the ontology, one file each in `ontology/queries`.

The presets in `ontology/queries/corpus` query records and need a corpus store; the others query the taxonomy.

A file is a query that runs unchanged in any SPARQL tool. Comment lines at its top describe it:

    # title: Organs of a body system
    # question: Which organ classes belong to a body system, in their fixed order?
    # parameter: system concept the body system

and each parameter has a line `VALUES ?system { uhat:liver }` with its default. In a corpus query the variable is
replaced by the value before the query is sent: engines look up constants of a pattern in their indexes, which on a
large store makes the difference between a tenth of a second and many seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from udt.core.errors import QueryError

_HEADER = re.compile(r"^# (title|question|parameter): (.+)$", re.MULTILINE)
_VALUES = re.compile(r"\bVALUES \?(\w+) \{ ([^{}\n]+) \}")
_VALUES_OR_VARIABLE = re.compile(_VALUES.pattern + r"|\?(\w+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a preset.

    :ivar kind: how a value is parsed: `concept`, `dimension`, `property` (of a dimension), `iri`, `prefix`, `integer`
        or `text`.
    :ivar default: the term in the file, in SPARQL notation.
    """

    name: str
    kind: str
    meaning: str
    default: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named query.

    :ivar text: the query with its defaults.
    :ivar corpus: whether it queries records, which the taxonomy alone does not have.
    """

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    text: str
    corpus: bool = False

    def with_terms(self, terms: Mapping[str, str]) -> str:
        """Return the query with other terms for its parameters.

        :param terms: parameter to term in SPARQL notation, as `str` of a pyoxigraph term returns it.
        :raises QueryError: for a name that is not a parameter of this preset.
        """
        for name in terms:
            self.parameter(name)
        if self.corpus:
            return self._inlined({**{p.name: p.default for p in self.parameters}, **terms})

        def filled(found: re.Match[str]) -> str:
            return f"VALUES ?{found[1]} {{ {terms.get(found[1], found[2])} }}"

        return _VALUES.sub(filled, self.text)

    def _inlined(self, terms: Mapping[str, str]) -> str:
        """Return the query with variables replaced by `terms`, and without the lines that bound these variables."""

        def filled(found: re.Match[str]) -> str:
            if found[3] is None:
                return "" if found[1] in terms else found[0]
            return terms.get(found[3], found[0])

        return _VALUES_OR_VARIABLE.sub(filled, self.text)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter of that name.

        :raises QueryError: if there is none.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        allowed = ", ".join(p.name for p in self.parameters) or "none"
        raise QueryError(f"the preset '{self.name}' has no parameter '{name}'; allowed: {allowed}")


@cache
def presets() -> tuple[Preset, ...]:
    """Return all presets, sorted by name."""
    folder = files("udt.ontology") / "queries"
    found = [*_presets(folder, corpus=False), *_presets(folder / "corpus", corpus=True)]
    return tuple(sorted(found, key=lambda preset: preset.name))


def _presets(folder: Traversable, *, corpus: bool) -> Iterator[Preset]:
    for entry in folder.iterdir():
        if entry.name.endswith(".rq"):
            yield _read(entry.name.removesuffix(".rq"), entry.read_text("utf-8"), corpus)


def preset(name: str) -> Preset:
    """Return the preset of that name.

    :raises QueryError: if there is none, with the closest names.
    """
    by_name = {preset.name: preset for preset in presets()}
    if name in by_name:
        return by_name[name]
    close = get_close_matches(name, by_name, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}?" if close else "see all of them with --list"
    raise QueryError(f"there is no preset '{name}'; {hint}")


def _read(name: str, text: str, corpus: bool) -> Preset:
    headers = _HEADER.findall(text)
    once = dict(headers)
    parameters = tuple(_parameter(value, text) for key, value in headers if key == "parameter")
    return Preset(name, once["title"], once["question"], parameters, text, corpus)


def _parameter(header: str, text: str) -> Parameter:
    name, kind, meaning = header.split(" ", 2)
    default = next(found[2] for found in _VALUES.finditer(text) if found[1] == name)
    return Parameter(name, kind, meaning, default)
