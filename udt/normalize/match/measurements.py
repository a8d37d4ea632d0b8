"""Reads lengths: `5 mm`, `20 × 15 × 8.8-mm`, `1.2 by 0.8 cm`, `12 mm x 1.1 cm`, `2.3 (AP) x 1.1 (TR) cm`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from udt.core.report import Measurement
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

_BLANK = "[ \\-\u00a0\u2009\u200a\u202f\u2010\u2011]*"
_NUMBER = r"\d+(?:[.,·]\d+)?"
_NOTE = r"(?:\([^()\d]{1,16}\))?"
_TIMES = re.compile(
    rf"(?P<product>{_NUMBER}(?:{_BLANK}[A-Za-z]*{_BLANK}{_NOTE}{_BLANK}(?:[x×X*✕]|by){_BLANK}{_NUMBER}){{0,2}})"
    rf"{_BLANK}{_NOTE}{_BLANK}$"
)
_EACH = re.compile(_NUMBER)
_LOOKBACK = 64
_POWERS = ("2", "3", "²", "³", "^")


def read_measurements(text: str, tokens: Tokens, mentions: list[Mention]) -> list[tuple[int, Measurement]]:
    """Every measurement with the index of its unit's word; a product's earlier units are part of it."""
    units = [mention for mention in mentions if mention.sense.kind == "length unit"]
    if not units:
        return []
    sizes = {tokens.starts[unit.first]: float(unit.sense.one("millimetres")) for unit in units}
    found: list[tuple[int, Measurement]] = []
    for unit in units:
        read = _read(text, tokens, unit, sizes)
        if read is not None:
            while found and found[-1][1].start >= read.start:
                found.pop()
            found.append((unit.first, read))
    return found


def _read(text: str, tokens: Tokens, unit: Mention, sizes: Mapping[int, float]) -> Measurement | None:
    """The measurement that ends with `unit`; None for an area, a volume, a speed, or a distance (`4 cm from …`)."""
    start, end = tokens.starts[unit.first], tokens.ends[unit.last - 1]
    window = max(0, start - _LOOKBACK)
    match = _TIMES.search(text, window, start)
    if match is None:
        return None
    size = sizes[start]
    offset = match.start("product")
    written = [
        (number, _own_size(text, offset + number.end(), sizes) or size) for number in _EACH.finditer(match["product"])
    ]
    if _is_other(text, tokens, unit, end, len(written)):
        return None
    in_mm = tuple(round(_number(number.group()) * own, 4) for number, own in written)
    values = tuple(round(length / size, 6) for length in in_mm)
    return Measurement(values, text[start:end].lower(), in_mm, offset, end)


def _is_other(text: str, tokens: Tokens, unit: Mention, end: int, count: int) -> bool:
    """Whether the number tells no length: an area or volume (but `2 x 3 cm2` are two lengths), a speed, a distance."""
    following = tokens.words[unit.last] if unit.last < len(tokens.words) else ""
    power = text[end : end + 1] in _POWERS and count == 1
    return power or text[end : end + 1] == "/" or following in unit.sense.attributes.get("distanceWord", ())


def _own_size(text: str, end: int, sizes: Mapping[int, float]) -> float | None:
    """Millimetres of the unit that stands right behind a number; None where none does."""
    while end < len(text) and text[end] in " -\u00a0\u2009\u200a":
        end += 1
    return sizes.get(end)


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("·", "."))
