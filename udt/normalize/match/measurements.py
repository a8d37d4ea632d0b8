"""Lengths in text: `5 mm`, `20 × 15 × 8.8-mm`, `1.2 by 0.8 cm`, `12 mm x 1.1 cm`, `2.3 (AP) x 1.1 (TR) cm`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from udt.core.report import Measurement
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

_BLANK = "[ \\-\u00a0\u2009\u200a\u202f\u2010\u2011]*"
_NUMBER = r"\d+(?:[.,·]\d+)?"
_NOTE = r"(?:\([^()\d]{1,16}\))?"
_PRODUCT = re.compile(
    rf"(?P<product>{_NUMBER}(?:{_BLANK}[A-Za-z]*{_BLANK}{_NOTE}{_BLANK}(?:[x×X*✕]|by){_BLANK}{_NUMBER}){{0,2}})"
    rf"{_BLANK}{_NOTE}{_BLANK}$"
)
_EACH = re.compile(_NUMBER)
# Most characters of a product before its last unit.
_LOOKBACK = 64
# Signs after a unit that make it an area or a volume.
_POWERS = ("2", "3", "²", "³", "^")


def read_measurements(
    text: str, tokens: Tokens, mentions: list[Mention], kinds: list[Kind]
) -> list[tuple[int, Measurement]]:
    """Return every measurement with the index of the word of its unit; earlier units of a product are part of it.

    :param kinds: the kind of each mention.
    """
    if "length unit" not in kinds:
        return []
    units = [mention for mention in mentions if mention.sense.kind == "length unit"]
    sizes = {tokens.starts[unit.first]: float(unit.sense.one("millimetres")) for unit in units}
    found: list[tuple[int, Measurement]] = []
    for unit in units:
        measurement = _measurement(text, tokens, unit, sizes)
        if measurement is not None:
            while found and found[-1][1].start >= measurement.start:
                found.pop()
            found.append((unit.first, measurement))
    return found


def _measurement(text: str, tokens: Tokens, unit: Mention, sizes: Mapping[int, float]) -> Measurement | None:
    """Read the measurement that ends with `unit`; None for an area, a volume, a speed, or a distance (`4 cm from …`).

    :param sizes: start offset of a unit to its length in millimetres.
    """
    start, end = tokens.starts[unit.first], tokens.ends[unit.end - 1]
    window = max(0, start - _LOOKBACK)
    match = _PRODUCT.search(text, window, start)
    if match is None:
        return None
    size = sizes[start]
    offset = match.start("product")
    written = [
        (number, _own_size(text, offset + number.end(), sizes) or size) for number in _EACH.finditer(match["product"])
    ]
    if _is_no_length(text, tokens, unit, end, len(written)):
        return None
    in_mm = tuple(round(_number(number.group()) * own, 4) for number, own in written)
    values = tuple(round(length / size, 6) for length in in_mm)
    return Measurement(values, text[start:end].lower(), in_mm, offset, end)


def _is_no_length(text: str, tokens: Tokens, unit: Mention, end: int, count: int) -> bool:
    """Return whether the unit belongs to an area or volume (but `2 x 3 cm2` are two lengths), a speed or a distance.

    :param end: end offset of the unit.
    :param count: how many numbers precede the unit.
    """
    following = tokens.words[unit.end] if unit.end < len(tokens.words) else ""
    power = text[end : end + 1] in _POWERS and count == 1
    return power or text[end : end + 1] == "/" or following in unit.sense.attributes.get("distanceWord", ())


def _own_size(text: str, end: int, sizes: Mapping[int, float]) -> float | None:
    """Return the millimetres of the unit that directly follows a number, or None.

    :param end: end offset of the number.
    """
    while end < len(text) and text[end] in " -\u00a0\u2009\u200a":
        end += 1
    return sizes.get(end)


def _number(text: str) -> float:
    return float(text.replace(",", ".").replace("·", "."))
