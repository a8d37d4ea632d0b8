"""TOML files about labels, read and checked: prefixed names to IRIs, tables to dataclasses."""

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
    """A number that is drawn anew for each phantom; in the file `[low, high]`, or one number."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """A number from `low` to `high`, all alike."""
        return float(rng.uniform(self.low, self.high))

    def count(self, rng: np.random.Generator) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(rng.integers(round(self.low), round(self.high), endpoint=True))


def read_tables(path: Path, allowed: Set[str]) -> dict[str, Any]:
    """The tables of a file.

    :param allowed: the names that they may have, beside `prefixes`.
    :raises DataError: where it cannot be read, is not TOML or has other tables.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: is not TOML: {error}; mend it there") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; give a TOML file") from error
    if unknown := sorted(table.keys() - allowed - {"prefixes"}):
        raise DataError(f"{path}: has the tables {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")
    return table


def iri_of(name: str, table: Mapping[str, Any], path: Path) -> str:
    """The IRI of a name as a file writes it: `prefix:rest`, by the prefixes of the file, or a whole IRI.

    :raises DataError: where the file does not say what the prefix means.
    """
    prefix, colon, local = name.partition(":")
    if colon and local.startswith("//"):
        return name
    prefixes: Mapping[str, str] = table.get("prefixes", {})
    if prefix not in prefixes:
        raise DataError(
            f"{path}: '{name}' has no known prefix; allowed: {', '.join(prefixes) or 'none'}, or a whole IRI"
        )
    return prefixes[prefix] + local


def to_dataclass(kind: type[T], values: Any, place: str) -> T:
    """`values` as an object of the dataclass `kind`, whose fields are numbers, texts, booleans, ranges and tuples.

    :param place: where they stand, for messages.
    :raises DataError: with the place of the first fault.
    """
    if not isinstance(values, dict):
        raise DataError(f"{place}: is {values!r}; it has to be a table")
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
    wanted = (int, float) if hint is float else hint
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        raise DataError(f"{place}: is {value!r}; it has to be of the kind {hint.__name__}")
    return value


def _items(kind: Any, values: Any, place: str) -> Iterator[Any]:
    if not isinstance(values, list):
        raise DataError(f"{place}: is {values!r}; it has to be a list")
    for number, one in enumerate(values, 1):
        here = f"{place}, number {number}"
        yield _value(kind, one, here)


def _range(value: Any, place: str) -> UniformRange:
    ends = value if isinstance(value, list) else [value, value]
    numbers = [one for one in ends if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != 2 or len(ends) != 2 or numbers[0] > numbers[1]:
        raise DataError(f"{place}: is {value!r}; it has to be a number, or [low, high]")
    return UniformRange(float(numbers[0]), float(numbers[1]))
