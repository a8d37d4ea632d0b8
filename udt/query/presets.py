"""The competency questions that come with the ontology: one file each in `ontology/queries`.

Those in `ontology/queries/corpus` ask about records and need a store of them; the others ask about the taxonomy.

A file is a query that runs as it stands in any SPARQL tool. Comment lines at its top describe it:

    # title: Organs of a body system
    # question: Which organ classes belong to a body system, in their fixed order?
    # parameter: system concept the body system

and each parameter is a line `VALUES ?system { uhat:liver }` in it, which holds the default. In a corpus query the value
takes the place of the variable before the query is sent: only what stands in a pattern can an engine look up in its
indexes, and on a large store that makes the difference between a tenth of a second and many.
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
    """What a preset can be asked for.

    :ivar kind: how a value is read: `concept`, `dimension`, `property` (of a dimension), `iri`, `prefix`, `integer` or
        `text`.
    :ivar default: the term that stands in the file, in SPARQL's notation.
    """

    name: str
    kind: str
    meaning: str
    default: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named query.

    :ivar text: the query with its defaults.
    :ivar corpus: whether it asks about records, which the taxonomy alone does not have.
    """

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    text: str
    corpus: bool = False

    def with_terms(self, terms: Mapping[str, str]) -> str:
        """The query with `terms`, in SPARQL's notation (as `str` of a pyoxigraph term gives it), for its parameters.

        :raises QueryError: for a name that is no parameter of this preset.
        """
        for name in terms:
            self.parameter(name)

        if self.corpus:
            return self._inlined({**{p.name: p.default for p in self.parameters}, **terms})

        def filled(found: re.Match[str]) -> str:
            return f"VALUES ?{found[1]} {{ {terms.get(found[1], found[2])} }}"

        return _VALUES.sub(filled, self.text)

    def _inlined(self, terms: Mapping[str, str]) -> str:
        """The query with `terms` in the place of their variables, and without the lines that bound these."""

        def filled(found: re.Match[str]) -> str:
            if found[3] is None:
                return "" if found[1] in terms else found[0]
            return terms.get(found[3], found[0])

        return _VALUES_OR_VARIABLE.sub(filled, self.text)

    def parameter(self, name: str) -> Parameter:
        """The parameter called `name`.

        :raises QueryError: where there is none.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        allowed = ", ".join(p.name for p in self.parameters) or "none"
        raise QueryError(f"the preset '{self.name}' has no parameter '{name}'; its parameters: {allowed}")


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, by name."""
    folder = files("udt.ontology") / "queries"
    found = [*_presets(folder, corpus=False), *_presets(folder / "corpus", corpus=True)]
    return tuple(sorted(found, key=lambda preset: preset.name))


def _presets(folder: Traversable, *, corpus: bool) -> Iterator[Preset]:
    for entry in folder.iterdir():
        if entry.name.endswith(".rq"):
            yield _read(entry.name.removesuffix(".rq"), entry.read_text("utf-8"), corpus)


def preset(name: str) -> Preset:
    """The preset called `name`.

    :raises QueryError: where there is none, with the closest names there are.
    """
    by_name = {preset.name: preset for preset in presets()}
    if name in by_name:
        return by_name[name]
    close = get_close_matches(name, by_name, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(close)}?" if close else "see all of them with --list"
    raise QueryError(f"no preset is called '{name}'; {hint}")


def _read(name: str, text: str, corpus: bool) -> Preset:
    headers = _HEADER.findall(text)
    once = dict(headers)
    parameters = tuple(_parameter(value, text) for key, value in headers if key == "parameter")
    return Preset(name, once["title"], once["question"], parameters, text, corpus)


def _parameter(header: str, text: str) -> Parameter:
    name, kind, meaning = header.split(" ", 2)
    default = next(found[2] for found in _VALUES.finditer(text) if found[1] == name)
    return Parameter(name, kind, meaning, default)
