"""Reads lengths: `2.3 x 1.1 cm`, `5 mm`, `20 × 15 × 8.8-mm`, `1.2 by 0.8 cm`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from udt.lexicon.tokens import Tokens
from udt.normalize.mention import Mention
from udt.report import Measurement

_NUMBER = r"\d+(?:[.,·]\d+)?"
_UNIT = r"(?:\s|-)*[A-Za-z]+\d?"
_TIMES = re.compile(rf"(?P<numbers>{_NUMBER}(?:(?:{_UNIT})?\s*(?:[x×X*✕]|by)\s*{_NUMBER}){{0,2}})$")
_SPLIT = re.compile(_NUMBER)
_LOOKBACK = 48
_AREA_OR_VOLUME = ("2", "3", "²", "³", "^")


def read_measurements(text: str, tokens: Tokens, mentions: list[Mention]) -> list[tuple[int, Measurement]]:
    """Every measurement with the index of its unit's word; a product's earlier units are part of it."""
    found: list[tuple[int, Measurement]] = []
    for mention in mentions:
        if mention.sense.kind == "length unit":
            read = _read(text, tokens, mention)
            if read is not None:
                while found and found[-1][1].start >= read.start:
                    found.pop()
                found.append((mention.first, read))
    return found


def _read(text: str, tokens: Tokens, unit: Mention) -> Measurement | None:
    """The measurement that ends with `unit`; None for an area, a volume, or a distance (`4 cm from the nipple`)."""
    start, end = tokens.starts[unit.first], tokens.ends[unit.last - 1]
    following = tokens.words[unit.last] if unit.last < len(tokens.words) else ""
    if text[end : end + 1] in _AREA_OR_VOLUME or following in unit.sense.attributes.get("distanceWord", ()):
        return None
    window = max(0, start - _LOOKBACK)
    match = _TIMES.search(text[window:start].rstrip(" -\u00a0\u2009\u200a\u2010\u2011"))
    if match is None:
        return None
    values = tuple(_numbers(match["numbers"]))
    millimetres = float(unit.sense.one("millimetres"))
    in_mm = tuple(round(value * millimetres, 4) for value in values)
    return Measurement(values, text[start:end].lower(), in_mm, window + match.start("numbers"), end)


def _numbers(text: str) -> Iterator[float]:
    for number in _SPLIT.findall(text):
        yield float(number.replace(",", ".").replace("·", "."))
