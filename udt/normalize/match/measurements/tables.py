"""Units in the headers of columns (`Level | Size (mm)`) and before a list of numbers (`Length (cm): 10.1`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from udt.normalize.match.measurements.amounts import DIGITS
from udt.normalize.match.measurements.words import SIDES, Unit, WordFinder, quantity_name

_SEPARATOR = re.compile(r"\||\t| {3}")
_BEFORE_UNIT = frozenset({"(", "[", ",", "in"})
_HEADING_SIGNS = frozenset({":", "="})
_TITLE_END = frozenset({")", "]", ":", "|", "."})
# Most words of a line without numbers through which a title stays valid.
_LONGEST_SUBTITLE = 3
# Most words of a line with numbers whose unit is in a line above.
_LONGEST_ROW = 12
_RULE = re.compile(r"[\s|:+=-]+")


class Header(NamedTuple):
    """The header of a number: its unit or None, and the range of its words."""

    unit: Unit | None
    words: range


class _Line(NamedTuple):
    first: int
    end: int


def headers(finder: WordFinder) -> dict[int, Header]:
    """Return the header of each number below or after one, by the index of its word."""
    found: dict[int, Header] = {}
    columns: list[Header | None] = []
    title: Header | None = None
    table = _SEPARATOR.search(finder.text) is not None
    for line in _lines(finder.tokens.words):
        cells = _cells(finder, line) if table else []
        if not any(_is_number(finder, j) for j in range(line.first, line.end)):
            if len(cells) > 1:
                own = [_header(finder, cell, title) for cell in cells]
                columns = own if any(header is not None for header in own) else columns
            elif line.end > line.first and not _is_rule(finder, line):
                short = line.end - line.first <= _LONGEST_SUBTITLE
                columns, title = [], _title(finder, line) or (title if short else None)
        elif columns and len(cells) > 1:
            for header, cell in zip(columns, cells, strict=False):
                if header is not None:
                    found.update((j, header) for j in cell if _is_number(finder, j))
        else:
            columns = []
            after = _after_heading(finder, line)
            title = title if not after and line.end - line.first <= _LONGEST_ROW else None
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


def _cells(finder: WordFinder, line: _Line) -> list[range]:
    """Split the words of a line at the signs or blanks between columns."""
    tokens = finder.tokens
    if line.first == line.end:
        return []
    cells, first = [], line.first
    for j in range(line.first, line.end):
        between = finder.text[tokens.ends[j - 1] : tokens.starts[j]] if j > line.first else ""
        if tokens.words[j] == "|":
            cells.append(range(first, j))
            first = j + 1
        elif j > first and _SEPARATOR.search(between):
            cells.append(range(first, j))
            first = j
    return [*cells, range(first, line.end)]


def _header(finder: WordFinder, cell: range, title: Header | None) -> Header | None:
    """Return the header of a column with a unit, or with the name of a quantity that has none (`RI`); else None.

    :param title: the header above the table, whose unit a column has that names its quantity (`PSV`), or None.
    """
    for j in cell:
        unit = finder.unit_at(j)
        if unit is not None and unit.factor and unit.end <= cell.stop and j > cell.start:
            return Header(unit, cell)
    if title is not None and title.unit is not None:
        quantities = {quantity_name(finder.terms[j].one("termQuantity")) for j in cell if j in finder.terms}
        if title.unit.quantity in quantities:
            return Header(title.unit, cell)
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


def _is_rule(finder: WordFinder, line: _Line) -> bool:
    tokens = finder.tokens
    return _RULE.fullmatch(finder.text[tokens.starts[line.first] : tokens.ends[line.end - 1]]) is not None
