"""Layout of a diagram: a box for each item, a curve for each link. Lengths are in pixels from the top left."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from udt.graphkit.draw.diagram import IMPRESSION, Diagram, Item, ItemGroup, Kind, Link
from udt.graphkit.draw.theme import SOURCE_LINES
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import printable

LABEL_SIZE, SMALL_SIZE, TITLE_SIZE = 13, 10, 16
LABEL_STEP, SMALL_STEP = 17, 13

NOTE_AT = 0.85
"""Height of a note on a line as a share of the way from its start."""

_MARGIN, _TOP = 24, 58
_PAD_X, _PAD_Y = 11, 7
_WRAP, _WRAP_SMALL = 18, 28
_LAYERS: Mapping[Kind, int] = {"body system": 0, "organ": 1, "finding": 2}
"""The layer of kinds that have one of their own; other items are in the layer after that of the group above."""
# Mean width of a character as a share of the font size, in bold and in small type; East Asian ones are wider.
_BOLD, _PLAIN, _WIDE = 0.68, 0.6, 1.05


class Point(NamedTuple):
    """A position."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An item with its place and its lines of text, from the top: small caption, bold label, small notes."""

    item: Item
    x: float
    y: float
    width: float
    height: float
    caption: str
    label: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A link as a cubic Bézier curve.

    :ivar thickness: width of its line.
    """

    link: Link
    points: tuple[Point, Point, Point, Point]
    color: str
    thickness: float = 1.3

    @property
    def mark(self) -> Point:
        """Position of its note, near its end: in the middle between both boxes unless it is a weight."""
        start, *_, end = self.points
        if self.link.weight is None:
            return Point((start.x + end.x) / 2, start.y + (end.y - start.y) * NOTE_AT)
        return Point(end.x - 24, end.y)


@dataclass(frozen=True, slots=True)
class Layout:
    """A diagram with the positions of all boxes and links.

    :ivar legend: boxes that explain the lines, if not all of them are solid.
    """

    diagram: Diagram
    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    legend: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Spacing:
    """Gaps: between layers, between items of a group, between groups.

    :ivar note: gap between layers whose links have notes.
    :ivar spread: whether the items of a group are spread over the extent of the groups below them.
    :ivar lead: most that an item lies behind the start of its group, so that it is near the first one below it.
    """

    layer: float
    item: float
    group: float
    note: float
    spread: bool = False
    lead: float = math.inf


ACROSS = _Spacing(40, 7, 16, note=96, lead=40)
_DOWN, _WEIGHTED = _Spacing(48, 12, 28, note=48), _Spacing(260, 7, 20, note=260, spread=True)


def lay_out(diagram: Diagram) -> Layout:
    """Lay out a diagram: each layer holds items of alike kinds, and each item is centred above the items below it."""
    weighted = diagram.weighted
    spacing = _WEIGHTED if weighted else ACROSS if diagram.across else _DOWN
    sizes = {item.id: _measured(item) for item in diagram.items}
    along = dict(_row(diagram.groups, sizes, diagram.across, spacing, 0.0))
    numbers = dict(_numbered(diagram.groups))
    layers = _layers(diagram, sizes, numbers, spacing)
    boxes = tuple(_placed(sizes[i.id], along[i.id], layers[numbers[i.id]], diagram.across) for i in diagram.items)
    legend = tuple(_legend(diagram, max((b.y + b.height for b in boxes), default=_TOP) + 24))
    everything = [*boxes, *legend]
    width = max([b.x + b.width for b in everything] + [_text(diagram.title, TITLE_SIZE, _BOLD) + _MARGIN]) + _MARGIN
    height = max((b.y + b.height for b in everything), default=_TOP) + _MARGIN
    curves = tuple(_weighted_curves(diagram, boxes) if weighted else _curves(diagram, boxes))
    return Layout(diagram, width, height, boxes, curves, legend)


def _measured(item: Item) -> Box:
    """Return the box of an item, large enough for its text, without a position."""
    parts = item.caption or (item.dimension if item.kind == "attribute" else item.kind) or ""
    caption = parts.replace("_", " ") + (f" · {CERTAINTY[item.certainty].word}" if item.certainty != "present" else "")
    label = _wrapped(CERTAINTY[item.certainty].mark + printable(item.label), _WRAP)
    notes = tuple(line for note in item.notes for line in _wrapped(printable(note), _WRAP_SMALL))
    small = max((_text(line, SMALL_SIZE, _PLAIN) for line in (caption, *notes)), default=0)
    width = max(small, *(_text(line, LABEL_SIZE, _BOLD) for line in label))
    height = SMALL_STEP * (1 + len(notes)) + LABEL_STEP * len(label)
    return Box(item, 0, 0, width + 2 * _PAD_X, height + 2 * _PAD_Y, caption, label, notes)


def _wrapped(text: str, width: int) -> tuple[str, ...]:
    """Wrap `text` into lines, which may break after a slash too."""
    return tuple(line.replace("/ ", "/") for line in textwrap.wrap(text.replace("/", "/ "), width))


def _text(text: str, size: float, share: float) -> float:
    """Estimate the width of a line."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return size * (share * (len(text) - wide) + _WIDE * wide)


def _row(
    groups: Sequence[ItemGroup], sizes: dict[str, Box], across: bool, spacing: _Spacing, start: float
) -> Iterator[tuple[str, float]]:
    """Yield (id, start) of every item along the layers, for groups in sequence."""
    for group in groups:
        whole, own, below = _extents(group, sizes, across, spacing)
        spare = (whole - own) / len(group.items) if spacing.spread else 0.0
        place = start + (spare / 2 if spacing.spread else min((whole - own) / 2, spacing.lead))
        for item in group.items:
            yield item.id, place
            place += _breadth(sizes[item.id], across) + spacing.item + spare
        yield from _row(group.below, sizes, across, spacing, start + (whole - below) / 2)
        start += whole + spacing.group


def _extents(group: ItemGroup, sizes: dict[str, Box], across: bool, spacing: _Spacing) -> tuple[float, float, float]:
    """Return the extent of a group along the layers, that of its items, and that of the groups below; the first is the
    larger of the two."""
    own = sum(_breadth(sizes[item.id], across) + spacing.item for item in group.items) - spacing.item
    below = sum(_extents(g, sizes, across, spacing)[0] + spacing.group for g in group.below) - spacing.group
    return max(own, below), own, max(below, 0.0)


def _breadth(box: Box, across: bool) -> float:
    return box.height if across else box.width


def _numbered(groups: Iterable[ItemGroup], above: int = -1) -> Iterator[tuple[str, int]]:
    """Yield (id, number of its layer) of every item."""
    for group in groups:
        layer = _LAYERS.get(group.items[0].kind, above + 1)
        yield from ((item.id, layer) for item in group.items)
        yield from _numbered(group.below, layer)


def _layers(
    diagram: Diagram, sizes: dict[str, Box], numbers: Mapping[str, int], spacing: _Spacing
) -> dict[int, tuple[float, float]]:
    """Return the start and the depth of each layer that has items."""
    found: dict[int, tuple[float, float]] = {}
    end: float = _MARGIN if diagram.across else _TOP
    noted = {numbers[link.target] for link in diagram.links if link.note}
    for layer in sorted(set(numbers.values())):
        boxes = [sizes[id] for id, number in numbers.items() if number == layer]
        depth = max(box.width if diagram.across else box.height for box in boxes)
        gap = spacing.note if layer in noted else spacing.layer
        start = end + (gap if found else 0)
        found[layer] = start, depth
        end = start + depth
    return found


def _placed(box: Box, along: float, layer: tuple[float, float], across: bool) -> Box:
    """Return the box at its position; the boxes of a column are equally wide."""
    start, depth = layer
    if across:
        return replace(box, x=start, y=_TOP + along, width=depth)
    return replace(box, x=_MARGIN + along, y=start)


def _curves(diagram: Diagram, boxes: Sequence[Box]) -> Iterator[Curve]:
    """Yield curves from the middle of one box to that of the other."""
    places = {box.item.id: box for box in boxes}
    for link in diagram.links:
        source, target = places[link.source], places[link.target]
        points = _level(source, target, 0.5, 0.5) if diagram.across else _steep(source, target)
        yield Curve(link, points, CERTAINTY[link.certainty].line)


def _weighted_curves(diagram: Diagram, boxes: Sequence[Box]) -> Iterator[Curve]:
    """Yield curves with a thickness by weight, a colour by source, and a port of their own on either box."""
    order = {box.item.id: number for number, box in enumerate(boxes)}
    places = {box.item.id: box for box in boxes}
    links = sorted(diagram.links, key=lambda link: (order[link.source], order[link.target]))
    heaviest = max(link.weight or 0.0 for link in links) or 1.0
    leaving = _ports([link.source for link in links])
    arriving = _ports([link.target for link in links])
    for link, out, into in zip(links, leaving, arriving, strict=True):
        points = _level(places[link.source], places[link.target], out, into)
        color = SOURCE_LINES[order[link.source] % len(SOURCE_LINES)]
        yield Curve(link, points, color, 1 + 7 * (link.weight or 0.0) / heaviest)


def _ports(ends: Sequence[str]) -> Iterator[float]:
    """Yield the port of each link on the side of its box, in (0, 1), spaced evenly."""
    totals, seen = Counter(ends), Counter[str]()
    for end in ends:
        seen[end] += 1
        yield (seen[end] - 0.5) / totals[end]


def _level(source: Box, target: Box, out: float, into: float) -> tuple[Point, Point, Point, Point]:
    """Return a curve from the right side of a box to the left side of the next, with horizontal ends.

    :param out: start as a share of the height of `source`.
    :param into: end as a share of the height of `target`.
    """
    start = Point(source.x + source.width, source.y + source.height * out)
    end = Point(target.x, target.y + target.height * into)
    middle = (end.x - start.x) / 2
    return start, Point(start.x + middle, start.y), Point(end.x - middle, end.y), end


def _steep(source: Box, target: Box) -> tuple[Point, Point, Point, Point]:
    """Return a curve from the bottom of a box to the top of the next."""
    start = Point(source.x + source.width / 2, source.y + source.height)
    end = Point(target.x + target.width / 2, target.y)
    middle = (end.y - start.y) / 2
    return start, Point(start.x, start.y + middle), Point(end.x, end.y - middle), end


def _legend(diagram: Diagram, y: float) -> Iterator[Box]:
    used = {item.certainty for item in diagram.items}
    shown = [one for one in CERTAINTY if one in used or one == "present"] if used - {"present"} else []
    items = [Item(f"legend:{one}", "finding", CERTAINTY[one].word, certainty=one) for one in shown]
    if any(item.section == IMPRESSION for item in diagram.items):
        items.append(Item(f"legend:{IMPRESSION}", "finding", IMPRESSION, section=IMPRESSION))
    x: float = _MARGIN
    for item in items:
        caption = CERTAINTY[item.certainty].mark + item.label
        width = _text(caption, SMALL_SIZE, _PLAIN) + 2 * _PAD_X
        yield Box(item, x, y, width, SMALL_STEP + 10, caption, ())
        x += width + 12
