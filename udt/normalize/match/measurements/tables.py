"""Units in the headers of columns (`Level | Size (mm)`) and before a list of numbers (`Length (cm): 10.1`)."""

from __future__ import annotations

import re
from typing import NamedTuple

from udt.normalize.match.measurements.words import Unit, WordFinder

_SEPARATOR = re.compile(r"\s*\|\s*|\t+| {3,}")
_BEFORE_UNIT = frozenset({"(", "[", "in"})
_HEADING_SIGNS = frozenset({":", "="})
_RULE = re.compile(r"[\s|:+=-]+")


class Header(NamedTuple):
    """The header of a number: its unit or None, and the range of its words."""

    unit: Unit | None
    words: range


class _Line(NamedTuple):
    first: int
    end: int


def headers(finder: WordFinder) -> dict[int, Header]:
    """Return the header of the column of each number of a table, by the index of its word."""
    found: dict[int, Header] = {}
    columns: list[Header | None] = []
    for line in _lines(finder.tokens.words):
        cells = _cells(finder, line)
        found.update(_after_heading(finder, line))
        if not any(_is_number(finder, j) for j in range(line.first, line.end)):
            if len(cells) > 1:
                own = [_header(finder, cell) for cell in cells]
                columns = own if any(header is not None for header in own) else columns
            elif line.end > line.first and not _is_rule(finder, line):
                columns = []
        elif columns and len(cells) > 1:
            for header, cell in zip(columns, cells, strict=False):
                if header is not None:
                    found.update((j, header) for j in cell if _is_number(finder, j))
        else:
            columns = []
    return found


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


def _header(finder: WordFinder, cell: range) -> Header | None:
    """Return the header of a column with a unit, or with the name of a quantity that has none (`RI`); else None."""
    for j in cell:
        unit = finder.unit_at(j)
        if unit is not None and unit.factor and unit.end <= cell.stop and j > cell.start:
            return Header(unit, cell)
    bare = any(j in finder.terms and finder.terms[j].one("bareUnit") for j in cell)
    return Header(None, cell) if bare else None


def _after_heading(finder: WordFinder, line: _Line) -> dict[int, Header]:
    """Return the header of the numbers after a unit in brackets or after *in*: `Size (mm): 14 x 6`."""
    words = finder.tokens.words
    for j in range(line.first + 1, line.end - 1):
        if words[j - 1] not in _BEFORE_UNIT:
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
    word = finder.tokens.words[j]
    return word[0].isdigit() and word.isascii()


def _is_rule(finder: WordFinder, line: _Line) -> bool:
    tokens = finder.tokens
    return _RULE.fullmatch(finder.text[tokens.starts[line.first] : tokens.ends[line.end - 1]]) is not None
