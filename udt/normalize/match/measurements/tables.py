"""Units in the headers of tables, in the line above numbers, and before a list of them: `Length (cm): 10.1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from udt.normalize.distances import LONGEST_ROW, LONGEST_SUBTITLE
from udt.normalize.match.measurements.amounts import DIGITS
from udt.normalize.match.measurements.words import SIDES, Unit, WordFinder, quantity_name

_BEFORE_UNIT: Final = frozenset({"(", "[", ",", "in"})
_HEADING_SIGNS: Final = frozenset({":", "="})
_TITLE_END: Final = frozenset({")", "]", ":", "|", "."})


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


def headers(finder: WordFinder, cells: Sequence[Cell] = ()) -> dict[int, Header]:
    """Return the header of each number below or after one, by the index of its word.

    :param cells: the cells of the tables of the text, in order.
    """
    found: dict[int, Header] = {}
    title: Header | None = None
    left = iter(cells)
    cell = next(left, None)
    units: dict[str, Unit] = {}
    for line in _lines(finder.tokens.words):
        if cell is not None and line.first <= cell.words.start <= line.end:
            while cell is not None and cell.words.start <= line.end:
                header = _header(finder, cell.header, title, units)
                if header is not None:
                    found.update((j, header) for j in cell.words if _is_number(finder, j))
                cell = next(left, None)
            continue
        units = {}
        if not any(_is_number(finder, j) for j in range(line.first, line.end)):
            if any(word.isalpha() for word in finder.tokens.words[line.first : line.end]):
                short = line.end - line.first <= LONGEST_SUBTITLE
                title = _title(finder, line) or (title if short else None)
        else:
            after = _after_heading(finder, line)
            title = title if not after and line.end - line.first <= LONGEST_ROW else None
            found.update(after or (_below(finder, line, title) if title is not None else {}))
    return found


def _title(finder: WordFinder, line: _Line) -> Header | None:
    """Return the header of the lines below one without numbers that ends with a unit: `PSV in m/s:`."""
    words = finder.tokens.words
    for j in range(line.first + 1, line.end):
        unit = finder.unit_at(j) if _may_precede(finder, j - 1) else None
        if unit is not None and unit.factor and all(word in _TITLE_END for word in words[unit.end : line.end]):
            return Header(unit, range(line.first, j))
    return None


def _may_precede(finder: WordFinder, j: int) -> bool:
    """Return whether a unit after the word `j` is that of a heading: after a bracket, or the name of a quantity."""
    term = finder.terms.get(j)
    return finder.tokens.words[j] in _BEFORE_UNIT or (term is not None and term.one("termQuantity") is not None)


def _below(finder: WordFinder, line: _Line, title: Header) -> dict[int, Header]:
    """Return the title as header of the numbers of a line, without the number of a list (`1.`, `2)`)."""
    words = finder.tokens.words
    listed = words[line.first + 1 : line.first + 2] in (["."], [")"])
    return {j: title for j in range(line.first + listed, line.end) if _is_number(finder, j) and _is_value(words, j)}


def _is_value(words: list[str], j: int) -> bool:
    """Return whether a number is a value and counts no noun: it has decimals, or no word but a side follows it."""
    after = words[j + 1] if j + 1 < len(words) else ""
    return not words[j].isdecimal() or not after.isalpha() or after in SIDES or after == "x"


def _lines(words: list[str]) -> list[_Line]:
    ends = [*(i for i, word in enumerate(words) if word == "\n"), len(words)]
    return [_Line(first, end) for first, end in zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)]


def _header(finder: WordFinder, cell: range, title: Header | None, units: dict[str, Unit]) -> Header | None:
    """Return the header of a column with a unit, or with the name of a quantity that has none (`RI`); else None.

    A column that names a quantity without a unit has that of another column of the table, or that of the title.

    :param title: the header above the table, or None.
    :param units: the units of the table so far, by quantity; it is updated.
    """
    for j in cell:
        unit = finder.unit_at(j)
        if unit is not None and unit.factor and unit.end <= cell.stop:
            units.setdefault(unit.quantity, unit)
            return Header(unit, cell)
    quantities = [quantity_name(finder.terms[j].one("termQuantity")) for j in cell if j in finder.terms]
    if title is not None and title.unit is not None:
        units.setdefault(title.unit.quantity, title.unit)
    for quantity in quantities:
        if quantity in units:
            return Header(units[quantity], cell)
    bare = any(j in finder.terms and finder.terms[j].one("bareUnit") for j in cell)
    return Header(None, cell) if bare else None


def _after_heading(finder: WordFinder, line: _Line) -> dict[int, Header]:
    """Return the header of the numbers after a unit in brackets or after *in*: `Size (mm): 14 x 6`."""
    words = finder.tokens.words
    known = finder.lexicon.measurement_root.following
    for j in range(line.first + 1, line.end - 1):
        if words[j] not in known or not _may_precede(finder, j - 1):
            continue
        unit = finder.unit_at(j)
        if unit is None or not unit.factor:
            continue
        after = unit.end + (words[unit.end : unit.end + 1] in ([")"], ["]"]))
        if after < line.end and (words[after] in _HEADING_SIGNS or (after > unit.end and _is_number(finder, after))):
            header = Header(unit, range(line.first, j))
            return {k: header for k in range(after, line.end) if _is_number(finder, k)}
    return {}


def _is_number(finder: WordFinder, j: int) -> bool:
    return finder.tokens.words[j][0] in DIGITS
