"""Details of a finding that have no field of their own in gold, e.g. clock position, severity, grade and change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from udt.scoring.findings.names import normalized_name
from udt.scoring.findings.predicted import PredictedFinding

_FIELDS = ("location", "attributes", "count", "change", "severity")
_NUMBERS = {"single": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"}
_WHOLE_NUMBER = re.compile(r"(\d)\.0\b")
_UNIT = re.compile(r"(\d)([a-z%])")
_NO_DIGITS = re.compile(r"^\D+")


def has_detail(key: str, value: object, predicted: PredictedFinding) -> bool:
    """Return whether all words of a gold detail are among the keys and values of the prediction's details.

    These are its location, attributes, count, change and severity; for a `stenosis` also its percentages, for a
    `distance` all its measurements. The number of a RADS category is enough (`rads`). Numbers may be words.
    """
    words = _words_of(key, predicted)
    if key == "rads":
        number = normalized_name(_NO_DIGITS.sub("", str(value)))
        return normalized_name(str(value)) in "".join(words) or number in words
    return all(word in words or word == "%" for word in normalized_name(_apart(str(value))).split())


def _words_of(key: str, predicted: PredictedFinding) -> list[str]:
    parts = [part for name in _FIELDS for part in _flat(predicted.stated.get(name))]
    for measurement, _ in predicted.measurements:
        unit = measurement.get("unit")
        if key == "distance" or (key == "stenosis" and unit == "%"):
            parts += [*_flat(measurement.get("values")), str(unit)]
    text = _apart(_WHOLE_NUMBER.sub(r"\1", " ".join(parts)))
    return [_NUMBERS.get(word, word) for word in normalized_name(text).split()]


def _apart(text: str) -> str:
    """Separate numbers from the letters after them.

    >>> _apart("12mm")
    '12 mm'
    """
    return _UNIT.sub(r"\1 \2", text.lower())


def _flat(value: object) -> Iterator[str]:
    """Yield all keys and values within a value of JSON."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _flat(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _flat(part)
    elif value is not None:
        yield str(value)
