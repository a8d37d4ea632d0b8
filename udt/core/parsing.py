"""Parse plain tables into frozen dataclasses; all faults of a table are reported at once.

The fields of a dataclass are the schema: their types define the allowed values, and `Range` restricts numbers.

>>> from dataclasses import dataclass
>>> from typing import Annotated
>>> @dataclass
... class Oven:
...     degrees: Annotated[int, Range(20, 250)]
>>> faults: list[str] = []
>>> read(Oven, "oven", {"degrees": Given(300, "my.toml")}, faults)
>>> faults
['oven.degrees is 300 (my.toml); allowed: a whole number from 20 to 250']
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_SHOWN = 200
_NAMES = {bool: "true or false", str: "a text", int: "a whole number", float: "a number", list: "a list"}


@dataclass(frozen=True, slots=True)
class Range:
    """The allowed numbers: from `least` to `most`, above `above` and below `below`; never infinity or NaN."""

    least: float = -math.inf
    most: float = math.inf
    above: float = -math.inf
    below: float = math.inf

    def __contains__(self, value: float) -> bool:
        within = self.least <= value <= self.most and self.above < value < self.below
        return within and -sys.float_info.max <= value <= sys.float_info.max

    def __str__(self) -> str:
        bounds = (("from", self.least), ("to", self.most), ("above", self.above), ("below", self.below))
        return "".join(f" {word} {bound:g}" for word, bound in bounds if math.isfinite(bound))


class Given(NamedTuple):
    """A value and its source, e.g. the name of a file."""

    value: Any
    source: str


def read(kind: type[T], section: str, table: Mapping[str, Given], faults: list[str]) -> T | None:
    """Parse `table` into the dataclass `kind`; an optional field (`T | None`) that is not given is None.

    :param section: prefix of the keys in faults.
    :param faults: list to which a sentence is appended for each fault.
    :returns: the dataclass, or None if there is a fault.
    """
    hints = get_type_hints(kind, include_extras=True)
    before = len(faults)
    faults += [
        unknown(f"{section}.{key}", key, hints, given.source) for key, given in table.items() if key not in hints
    ]
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        if name not in table:
            if not _accepts(hint, None) and _has_no_default(kind, name):
                faults.append(f"{section}.{name} is not given; allowed: {_allowed(hint)}")
        elif _accepts(hint, table[name].value):
            values[name] = _converted(hint, table[name].value)
        else:
            got = f"{section}.{name} is {shown(table[name].value)} ({table[name].source})"
            faults.append(f"{got}; allowed: {_allowed(hint)}")
    optional = {name: None for name, hint in hints.items() if _accepts(hint, None) and _has_no_default(kind, name)}
    return kind(**optional | values) if len(faults) == before else None


def unknown(path: str, name: str, allowed: Mapping[str, object], source: str) -> str:
    """Describe the fault of an unknown setting, with the closest allowed name."""
    close = get_close_matches(name, allowed, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"allowed: {', '.join(allowed)}"
    return f"there is no setting {path} ({source}); {hint}"


def shown(value: Any) -> str:
    """Format a value on one line, as it would be written in TOML; a long one is cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _has_no_default(kind: type[Any], name: str) -> bool:
    return any(f.name == name and f.default is MISSING and f.default_factory is MISSING for f in fields(kind))


def _type_and_range(hint: Any) -> tuple[Any, Range | None]:
    """Split a type hint into the plain type and its range."""
    if get_origin(hint) is not Annotated:
        return hint, None
    plain, *notes = get_args(hint)
    return plain, next((note for note in notes if isinstance(note, Range)), None)


def _accepts(hint: Any, value: Any) -> bool:
    plain, bounds = _type_and_range(hint)
    if get_origin(plain) in (Union, UnionType):
        return any(_accepts(part, value) for part in get_args(plain))
    if get_origin(plain) is Literal:
        return value in get_args(plain) and type(value) in map(type, get_args(plain))
    if plain in (int, float):
        number = isinstance(value, int if plain is int else int | float) and not isinstance(value, bool)
        return number and value in (bounds or Range())
    return isinstance(value, get_origin(plain) or plain)


def _converted(hint: Any, value: Any) -> Any:
    """Convert a whole number to float if the field takes floats only."""
    return float(value) if _type_and_range(hint)[0] is float else value


def _allowed(hint: Any) -> str:
    plain, bounds = _type_and_range(hint)
    if get_origin(plain) in (Union, UnionType):
        return " or ".join(_allowed(part) for part in get_args(plain) if part is not NoneType)
    if get_origin(plain) is Literal:
        return ", ".join(map(shown, get_args(plain)))
    return _NAMES.get(get_origin(plain) or plain, "a table") + str(bounds or "")
