"""Colours and lines. Colour is never the only sign: possible items are dashed, denied ones dotted and marked."""

from __future__ import annotations

from dataclasses import dataclass

from udt.core.report_schema import dimension_keys
from udt.graphkit.draw.diagram import Item
from udt.reporting.certainty import CERTAINTY

# By dimension, in their order: place, diagnosis, and the attributes.
_FILLS = ("#e3e6ee", "#eef0f5", "#24476b", "#fff1c9", "#e4f1d0", "#d9eaf7", "#ebdff5", "#d5f0ea", "#fbe2e9")
_DARK = "#24476b"

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
        return Style("#ffffff", CERTAINTY["absent"].line, "#8c1d18", "#9a5450", dashes)
    fill = _FILLS[dimension_keys().index(item.dimension)] if item.dimension else "#ffffff"
    if fill != _DARK:
        return Style(fill, "#55617a", "#1b2330", "#5a6578", dashes)
    if item.certainty == "possible":
        return Style("#ffffff", _DARK, _DARK, "#5a6578", dashes)
    return Style(fill, _DARK, "#ffffff", "#c9d6e6", dashes)
