"""The competency questions that come with the ontology: one file each in `ontology/queries`.

A file is a query that runs as it stands in any SPARQL tool. Comment lines at its top describe it:

    # title: Organs of a body system
    # question: Which organ classes belong to a body system, in their fixed order?
    # parameter: system concept the body system

and each parameter is a line `VALUES ?system { uhat:liver }` in it, which holds the default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from udt.errors import QueryError

_HEADER = re.compile(r"^# (title|question|parameter): (.+)$", re.MULTILINE)
_VALUES = re.compile(r"\bVALUES \?(\w+) \{ ([^{}\n]+) \}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a preset can be asked for.

    :ivar kind: how a value is read: `concept`, `dimension`, `iri`, `prefix`, `integer` or `text`.
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
    """

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    text: str

    def with_terms(self, terms: Mapping[str, str]) -> str:
        """The query with `terms`, in SPARQL's notation (as `str` of a pyoxigraph term gives it), for its parameters.

        :raises QueryError: for a name that is no parameter of this preset.
        """
        for name in terms:
            self.parameter(name)

        def filled(found: re.Match[str]) -> str:
            return f"VALUES ?{found[1]} {{ {terms.get(found[1], found[2])} }}"

        return _VALUES.sub(filled, self.text)

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
    found = [(entry.name.removesuffix(".rq"), entry) for entry in folder.iterdir() if entry.name.endswith(".rq")]
    return tuple(_read(name, entry.read_text("utf-8")) for name, entry in sorted(found, key=lambda pair: pair[0]))


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


def _read(name: str, text: str) -> Preset:
    headers = _HEADER.findall(text)
    once = dict(headers)
    parameters = tuple(_parameter(value, text) for key, value in headers if key == "parameter")
    return Preset(name, once["title"], once["question"], parameters, text)


def _parameter(header: str, text: str) -> Parameter:
    name, kind, meaning = header.split(" ", 2)
    default = next(found[2] for found in _VALUES.finditer(text) if found[1] == name)
    return Parameter(name, kind, meaning, default)
