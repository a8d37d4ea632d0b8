"""JSON without what its standard does not define: infinity, NaN, and objects that have a key twice."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from udt.core.texts import brief

MOST_LEVELS = 64
"""Levels of nesting of one value."""


class StrictJsonError(ValueError):
    """A value that is JSON to Python, but not to the standard."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise StrictJsonError(f"an object has the key '{brief(twice)}' twice")
    return found


def _constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is no number of JSON; write null")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise StrictJsonError("a number is too large; write it as a text")
    return number


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite)


def parse_json(text: str) -> Any:
    """Parse one value.

    :raises StrictJsonError: if an object has a key twice, a number is infinite, or the nesting is too deep.
    :raises json.JSONDecodeError: if it is not JSON.
    """
    try:
        value = DECODER.decode(text)
    except RecursionError:
        raise StrictJsonError(_DEEP) from None
    except ValueError as error:
        raise worded(error) from None
    check_levels(text, value)
    return value


_DEEP = f"nested too deep; allowed: {MOST_LEVELS} levels"


def worded(error: ValueError) -> ValueError:
    """Return an error of the parser itself; another for a number of more digits than Python converts."""
    known = isinstance(error, json.JSONDecodeError | StrictJsonError)
    return error if known else StrictJsonError("a number has too many digits; write it as a text")


def check_levels(text: str, value: Any) -> None:
    """Check the levels of nesting of a value, parsed from `text`.

    :raises StrictJsonError: if there are too many.
    """
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [inner for outer in level for inner in _items(outer)]
    if level:
        raise StrictJsonError(_DEEP)


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
