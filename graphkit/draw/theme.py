"""Colours and lines. Colour is never the only sign: possible items are dashed, denied and unknown ones dotted and
marked; a finding of the impression names its section.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from udt.graphkit.draw.diagram import IMPRESSION, Item, Kind
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY

_DARK = "#24476b"
_FILLS: Mapping[Kind, str] = {
    "body system": "#e3e6ee",
    "organ": "#eef0f5",
    "finding": "#ffffff",
    "mention": "#ffffff",
    "interpretation": "#f3ecfb",
    "diagnosis": _DARK,
}
_IMPRESSION_FILL = "#fdeedd"
# Dimensions of attributes have these colours in turn.
_ATTRIBUTE_FILLS = ("#fff1c9", "#e4f1d0", "#d9eaf7", "#ebdff5", "#d5f0ea", "#fbe2e9")

# Where lines have weights, each item that they leave has a colour.
SOURCE_LINES = ("#24476b", "#c06a1e", "#2e7d5b", "#8250a8", "#6b7280", "#a33a5b")


@dataclass(frozen=True, slots=True)
class Style:
    """How a box looks: colours, and the lengths of dashes and gaps, none for a solid line."""

    fill: str
    line: str
    text: str
    faint: str
    dashes: tuple[float, ...]


def style(item: Item) -> Style:
    """Return the style of an item."""
    dashes = CERTAINTY[item.certainty].dashes
    if item.certainty == "absent":
        fill = _IMPRESSION_FILL if item.section == IMPRESSION else "#ffffff"
        return Style(fill, CERTAINTY["absent"].line, "#8c1d18", "#9a5450", dashes)
    fill = _FILLS[item.kind] if item.kind in _FILLS else _attribute_fill(item.dimension or "")
    if item.section == IMPRESSION:
        fill = _IMPRESSION_FILL
    if fill != _DARK:
        return Style(fill, "#55617a", "#1b2330", "#5a6578", dashes)
    if item.certainty != "present":
        return Style("#ffffff", _DARK, _DARK, "#5a6578", dashes)
    return Style(fill, _DARK, "#ffffff", "#c9d6e6", dashes)


def _attribute_fill(dimension: str) -> str:
    """Return the colour of a dimension of attributes: by its number, or by its key if an extension adds it."""
    known = DimensionKeys.load().attributes
    number = known.index(dimension) if dimension in known else sum(dimension.encode())
    return _ATTRIBUTE_FILLS[number % len(_ATTRIBUTE_FILLS)]
