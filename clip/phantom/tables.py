"""Checked reading of TOML files about labels: prefixed names to IRIs, tables to dataclasses."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Set
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np

from udt.core.errors import DataError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UniformRange:
    """The range of a number that is drawn for each phantom; in the file `[low, high]`, or one number."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a uniform number from `low` to `high`."""
        return float(rng.uniform(self.low, self.high))

    def count(self, rng: np.random.Generator) -> int:
        """Draw a uniform integer from `low` to `high`, both inclusive."""
        return int(rng.integers(round(self.low), round(self.high), endpoint=True))


def read_tables(path: Path, allowed: Set[str]) -> dict[str, Any]:
    """Read the tables of a file.

    :param allowed: names of the allowed tables, besides `prefixes`.
    :raises DataError: if the file cannot be read, is not TOML or has other tables.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not TOML: {error}; correct it there") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; give a TOML file") from error
    if unknown := sorted(table.keys() - allowed - {"prefixes"}):
        raise DataError(f"{path}: has the tables {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")
    return table


def iri_of(name: str, table: Mapping[str, Any], path: Path) -> str:
    """Expand a name of a file, which is `prefix:local` with a prefix of the file, or a full IRI.

    :raises DataError: if the file does not declare the prefix.
    """
    prefix, colon, local = name.partition(":")
    if colon and local.startswith("//"):
        return name
    prefixes: Mapping[str, str] = table.get("prefixes", {})
    if prefix not in prefixes:
        raise DataError(
            f"{path}: '{name}' has no known prefix; allowed: {', '.join(prefixes) or 'none'}, or a full IRI"
        )
    return prefixes[prefix] + local


def to_dataclass(kind: type[T], values: Any, place: str) -> T:
    """Convert a table to the dataclass `kind`, whose fields are numbers, strings, booleans, ranges and tuples.

    :param values: the table.
    :param place: position of the table in its file, for messages.
    :raises DataError: with the position of the first error.
    """
    if not isinstance(values, dict):
        raise DataError(f"{place}: is {values!r}; give a table")
    hints = get_type_hints(kind)
    if unknown := sorted(values.keys() - hints.keys()):
        raise DataError(f"{place}: has {', '.join(unknown)}; allowed: {', '.join(hints)}")
    if missing := sorted(_required(kind) - values.keys()):
        raise DataError(f"{place}: lacks {', '.join(missing)}")
    return kind(**{name: _value(hints[name], value, f"{place}.{name}") for name, value in values.items()})


def _required(kind: type[Any]) -> set[str]:
    return {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}


def _value(hint: Any, value: Any, place: str) -> Any:
    if hint is UniformRange:
        return _range(value, place)
    if isinstance(hint, type) and is_dataclass(hint):
        return to_dataclass(hint, value, place)
    if choices := [choice for choice in get_args(hint) if isinstance(choice, str)]:
        if value in choices:
            return value
        raise DataError(f"{place}: is {value!r}; allowed: {', '.join(choices)}")
    if get_args(hint):
        return tuple(_items(get_args(hint)[0], value, place))
    allowed = (int, float) if hint is float else hint
    if not isinstance(value, allowed) or (isinstance(value, bool) and hint is not bool):
        raise DataError(f"{place}: is {value!r}; give a value of the type {hint.__name__}")
    return value


def _items(kind: Any, values: Any, place: str) -> Iterator[Any]:
    if not isinstance(values, list):
        raise DataError(f"{place}: is {values!r}; give a list")
    for number, one in enumerate(values, 1):
        yield _value(kind, one, f"{place}, number {number}")


def _range(value: Any, place: str) -> UniformRange:
    ends = value if isinstance(value, list) else [value, value]
    numbers = [one for one in ends if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != 2 or len(ends) != 2 or numbers[0] > numbers[1]:
        raise DataError(f"{place}: is {value!r}; give a number, or [low, high] in ascending order")
    return UniformRange(float(numbers[0]), float(numbers[1]))
