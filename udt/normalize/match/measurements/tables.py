"""Units in the headers of tables, in the line above numbers, and before a list of them: `Length (cm): 10.1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

from udt.normalize.distances import LONGEST_ROW, LONGEST_SUBTITLE
from udt.normalize.match.measurements.amounts import DIGITS
from udt.normalize.match.measurements.words import SIDES, Unit, WordFinder, quantity_name

_BEFORE_UNIT: Final = frozenset({"(", "[", ","})
_HEADING_SIGNS: Final = frozenset({":", "="})


class Cell(NamedTuple):
    """The words of a cell and those of its header, or of the name of its row if it has none, by their indices."""

    header: range
    words: range


class Header(NamedTuple):
    """The header of a number: its unit or None, and the range of its words."""

    unit: Unit | None
    words: range


class _Line(NamedTuple):
    first: int
    end: int


def headers(finder: WordFinder, cells: Sequence[Cell] = ()) -> dict[int, Header | None]:
    """Return the header of each number below or after one, by the index of its word.

    :param cells: the cells of the tables of the text, in order.
    """
    found: dict[int, Header | None] = {}
    title: Header | None = None
    left = list(reversed(cells))
    units: dict[str, Unit] = {}
    words = finder.tokens.words
    for line in _lines(words):
        if left and left[-1].words.start < line.end:
            while left and left[-1].words.start < line.end:
                cell = left.pop()
                found.update(dict.fromkeys(cell.words, _header(finder, cell.header, title, units)))
            continue
        units = {}
        if any(_is_number(finder, j) for j in range(line.first, line.end)):
            title = title if line.end - line.first <= LONGEST_ROW else None
            found.update(_after_heading(finder, line) or _below(finder, line, title))
        elif any(word.isalpha() for word in words[line.first : line.end]):
            kept = title if line.end - line.first <= LONGEST_SUBTITLE else None
            title = _title(finder, line) or kept
    return found


def _title(finder: WordFinder, line: _Line) -> Header | None:
    """Return the header of the lines below one without numbers that names a unit: `PSV in m/s:`."""
    for j in range(line.first + 1, line.end):
        unit = finder.unit_at(j) if _may_precede(finder, j - 1) else None
        if unit is not None:
            return Header(unit, range(line.first, j))
    return None


def _may_precede(finder: WordFinder, j: int) -> bool:
    """Return whether a unit after the word `j` is that of a heading: after a bracket, or the name of a quantity."""
    return finder.tokens.words[j] in _BEFORE_UNIT or j in finder.terms


def _below(finder: WordFinder, line: _Line, title: Header | None) -> dict[int, Header | None]:
    """Return the title as header of the numbers of a line, without the number of a list (`1.`, `2)`)."""
    words = finder.tokens.words
    listed = words[line.first + 1 : line.first + 2] in (["."], [")"])
    return {j: title for j in range(line.first + listed, line.end) if _is_value(words, j)}


def _is_value(words: list[str], j: int) -> bool:
    """Return whether a number is a value and counts no noun: it has decimals, or no word but a side follows it."""
    after = words[j + 1] if j + 1 < len(words) else ""
    return not words[j].isdecimal() or not after.isalpha() or after in SIDES or after == "x"


def _lines(words: list[str]) -> list[_Line]:
    ends = [*(i for i, word in enumerate(words) if word == "\n"), len(words)]
    return [_Line(first, end) for first, end in zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)]


def _header(finder: WordFinder, cell: range, title: Header | None, units: dict[str, Unit]) -> Header:
    """Return the header of a column.

    A column that names a quantity without a unit has that of another column of the table, or that of the title.

    :param title: the header above the table, or None.
    :param units: the units of the table so far, by quantity; it is updated.
    """
    for j in cell:
        unit = finder.unit_at(j)
        if unit is not None:
            units.setdefault(unit.quantity, unit)
            return Header(unit, cell)
    quantities = [quantity_name(finder.terms[j].one("termQuantity")) for j in cell if j in finder.terms]
    if title is not None:
        above = cast(Unit, title.unit)
        units.setdefault(above.quantity, above)
    for quantity in quantities:
        if quantity in units:
            return Header(units[quantity], cell)
    return Header(None, cell)


def _after_heading(finder: WordFinder, line: _Line) -> dict[int, Header | None]:
    """Return the header of the numbers after a unit in brackets or after *in*: `Size (mm): 14 x 6`."""
    words = finder.tokens.words
    for j in range(line.first + 1, line.end - 1):
        unit = finder.unit_at(j) if _may_precede(finder, j - 1) else None
        if unit is None:
            continue
        after = unit.end + (words[unit.end : unit.end + 1] in ([")"], ["]"]))
        if after < line.end and (words[after] in _HEADING_SIGNS or _is_number(finder, after)):
            return dict.fromkeys(range(after, line.end), Header(unit, range(line.first, j)))
    return {}


def _is_number(finder: WordFinder, j: int) -> bool:
    return finder.tokens.words[j][0] in DIGITS
