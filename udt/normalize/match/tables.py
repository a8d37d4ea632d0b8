"""Tables: their rows as sentences, with the words of the header before those of each cell.

The words of `| Vessel | PSV R (cm/s) | PSV L (cm/s) |` above `| CCA | 78 | 82 |` are put in the order of two sentences,
`R CCA: PSV (cm/s): 78` and `L CCA: PSV (cm/s): 82`, so that the rules for sentences read them. Each word keeps its
offsets; signs between cells are added, and have no width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.distances import LONGEST_ABBREVIATED, LONGEST_HEADER, SHORTEST_NAME
from udt.normalize.match.measurements.tables import Cell
from udt.normalize.match.measurements.words import SIDES, WordFinder

_BAR: Final = re.compile(r"\|")
_BLANKS: Final = re.compile(r"\t| {2}")
_RULE: Final = re.compile(r"[\s|:+=-]+")
_DASHES: Final = frozenset("-\u2013\u2014\u2212")
# Fewest columns of a table whose header has no word for a quantity, and no rule below it.
_FEW_COLUMNS: Final = 3
# Kinds of words that state something, and are no header.
_STATING: Final = frozenset({"negation", "modifier", "value"})
# Kinds of words that mean nothing in a header: *Comment*.
_MEANINGLESS: Final = frozenset({"section", "neutral"})
# Kinds of words that name what a row is about.
_THINGS = frozenset({"anatomy", "finding", "value"})
# Most signs of the name of a row that is no more than a number or letter: `2`, `IV`, `N1`.
_ID: Final = re.compile(r"[a-z]?[0-9]+[a-z]?|[ivx]+|[a-z]")
_DIGITS: Final = frozenset("0123456789")


# Roles of the words of a sentence with a verb.
_VERBS: Final = frozenset({"Copula", "Verb"})
_BOTH: Final = frozenset("lr")


class Spread:
    """The words of a text, those of its tables in the order of sentences.

    :ivar cells: the cells of tables, in order.
    :ivar rows: the words of each sentence of a table, in order.
    """

    __slots__ = ("cells", "rows", "tokens")

    def __init__(self, tokens: Tokens, cells: Sequence[Cell] = (), rows: Sequence[range] = ()) -> None:
        self.tokens, self.cells, self.rows = tokens, cells, rows


class _Line(NamedTuple):
    """A line of text, with the words of each of its cells."""

    first: int
    end: int
    cells: list[list[int]]


class _Table(NamedTuple):
    """A table.

    :ivar header: the words of each cell of the header.
    :ivar first: index of the first word of the header.
    :ivar named: whether the first column names the rows, instead of giving values.
    """

    header: list[list[int]]
    first: int
    rows: list[_Line]
    named: bool


def spread_tables(text: str, tokens: Tokens, lexicon: Lexicon) -> Spread:
    """Return the words of a text, with those of its tables in the order of sentences.

    A table is a run of lines of as many columns, divided by bars, tabs or blanks, of which the first has no numbers. A
    text without tables keeps its words.
    """
    if "\n" not in text:
        return Spread(tokens)
    lines: list[_Line] = []
    for pattern in (_BAR, _BLANKS):
        if not lines and pattern.search(text):
            lines = [_line(text, tokens, first, end, pattern) for first, end in _bounds(tokens.words)]
    if not lines:
        return Spread(tokens)
    finder = WordFinder(text, tokens, lexicon)
    tables = list(_tables(text, tokens, lines, finder))
    spaced = [] if _BAR.search(text) else lines
    signs = dict(sign for line in spaced for sign in _signs_between(line, finder))
    return _Writer(finder, signs).write(tables) if tables or signs else Spread(tokens)


def _signs_between(line: _Line, finder: WordFinder) -> Iterator[tuple[int, str]]:
    """Yield the first words of the parts of a line which blanks divide, each with the sign that is put before it.

    It is a semicolon before the name of a structure, else a comma (`RK  10 cm  N` and `RK 10 cm  LK 11 cm`). A line
    with a verb or of several sentences keeps its words.
    """
    words, lexicon = finder.tokens.words, finder.lexicon
    senses = {j: [sense for sense, _, _ in lexicon.entries(words[j])] for j in range(line.first, line.end)}
    if "." in words[line.first : line.end - 1] or any(s.role in _VERBS for found in senses.values() for s in found):
        return
    for before, cell in pairwise(line.cells):
        if before and words[cell[0]].isalnum():
            named = any(sense.kind in {"anatomy", "side"} for sense in senses[cell[0]])
            yield cell[0], ";" if named else ","


def _bounds(words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and exclusive end word index of each line."""
    breaks = [-1, *(i for i, word in enumerate(words) if word == "\n"), len(words)]
    yield from ((before + 1, end) for before, end in pairwise(breaks))


def _line(text: str, tokens: Tokens, first: int, end: int, pattern: re.Pattern[str]) -> _Line:
    """Split the words of a line at the signs between columns."""
    words, starts, ends = tokens.words, tokens.starts, tokens.ends
    cells: list[list[int]] = [[]]
    for j in range(first, end):
        if words[j] == "|":
            cells.append([])
            continue
        if pattern.search(text, ends[j - 1], starts[j]):
            cells.append([])
        cells[-1].append(j)
    opened, closed = words[first : first + 1] == ["|"], words[end - 1 : end] == ["|"]
    return _Line(first, end, cells[opened : len(cells) - closed])


def _tables(text: str, tokens: Tokens, lines: list[_Line], finder: WordFinder) -> Iterator[_Table]:
    """Yield the tables among the lines of a text."""
    n = 0
    while n < len(lines):
        table, end = _table_at(text, tokens, lines, n, finder)
        if table is not None:
            yield table
        n = max(end, n + 1)


def _table_at(text: str, tokens: Tokens, lines: list[_Line], n: int, finder: WordFinder) -> tuple[_Table | None, int]:
    """Return the table whose header is the line `n`, or None, and the number of the line after it."""
    header, end = _header(text, tokens, lines, n)
    if end >= len(lines):
        return None, n + 1
    ruled = _is_rule(text, tokens, lines[end])
    end += ruled
    if end < len(lines) and len(lines[end].cells) == len(header) + 1:
        header = [[], *header]  # the first column has no header, or blanks before it that no word marks
    if not (ruled or _asks_values(header, finder) or (len(header) >= _FEW_COLUMNS and _may_ask(header, finder))):
        return None, n + 1
    rows: list[_Line] = []
    while end < len(lines) and 1 < len(lines[end].cells) <= len(header):
        if rows and _is_apart(text, tokens, lines[end]):
            break
        rows.append(lines[end])
        end += 1
    if not rows:
        return None, n + 1
    return _Table(header, lines[n].first, rows, not _has_unit(header[0], finder)), end


def _is_apart(text: str, tokens: Tokens, line: _Line) -> bool:
    """Return whether a blank line precedes a line."""
    before = line.first - 1
    return text.count("\n", tokens.starts[before], tokens.ends[before]) > 1


def _header(text: str, tokens: Tokens, lines: list[_Line], n: int) -> tuple[list[list[int]], int]:
    """Return the cells of the header at the line `n`, which may have two lines, or nothing.

    :returns: the cells, and the number of the line after them.
    """
    words = tokens.words
    header, end = lines[n].cells, n + 1
    if len(header) == 1 or _is_rule(text, tokens, lines[n]) or not _may_be_header(header, words):
        return [], end
    if end < len(lines):
        below = lines[end].cells
        divided = not all(header[1:]) and all(below[1:]) and len(below) == len(header)
        if divided and not _is_rule(text, tokens, lines[end]) and _may_be_header(below, words):
            header, end = _joined(header, below), end + 1
    return header, end


def _joined(upper: list[list[int]], lower: list[list[int]]) -> list[list[int]]:
    """Join two lines of a header; an empty cell of the upper one has the words of the cell before it."""
    found = [[*upper[0], *lower[0]]]
    above: list[int] = []
    for over, under in zip(upper[1:], lower[1:], strict=True):
        above = over or above
        found.append([*above, *under])
    return found


def _may_be_header(cells: list[list[int]], words: list[str]) -> bool:
    """Return whether cells have no number and no sentence."""
    return not any(
        len(cell) > LONGEST_HEADER
        or words[cell[-1]] in {":", ",", ";", "?"}
        or (words[cell[-1]] == "." and len(cell) > LONGEST_ABBREVIATED)
        or any(words[j][0] in _DIGITS for j in cell)
        for cell in cells
        if cell
    )


def _is_rule(text: str, tokens: Tokens, line: _Line) -> bool:
    if line.first == line.end:
        return False
    return _RULE.fullmatch(text[tokens.starts[line.first] : tokens.ends[line.end - 1]]) is not None


def _asks_values(header: list[list[int]], finder: WordFinder) -> bool:
    """Return whether a header has a unit, or the name of a quantity or a side after its first cell."""
    words, terms = finder.tokens.words, finder.terms
    named = any(words[j] in SIDES or (j in terms and terms[j].one("termQuantity")) for cell in header[1:] for j in cell)
    return named or any(_has_unit(cell, finder) for cell in header)


def _has_unit(cell: list[int], finder: WordFinder) -> bool:
    return any(finder.unit_at(j) for j in cell)


def _may_ask(header: list[list[int]], finder: WordFinder) -> bool:
    """Return whether no cell of a header states anything (*normal*, *no lesion*)."""
    words, lexicon = finder.tokens.words, finder.lexicon
    kinds = {sense.kind for cell in header for j in cell for sense, _, _ in lexicon.entries(words[j])}
    return kinds.isdisjoint(_STATING)


class _Writer:
    """Writes the words of a text anew."""

    def __init__(self, finder: WordFinder, signs: dict[int, str]) -> None:
        self._finder, self._signs = finder, signs
        self._given, self._lexicon = finder.tokens, finder.lexicon
        self._words: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._cells: list[Cell] = []
        self._rows: list[range] = []

    def write(self, tables: list[_Table]) -> Spread:
        """Return the words, with those of the tables in the order of sentences."""
        done = 0
        for table in tables:
            self._copy_lines(range(done, table.first))
            for row in table.rows:
                self._row(table, row)
            done = table.rows[-1].end + 1
            if done > len(self._given.words):
                self._drop_last()
        self._copy_lines(range(done, len(self._given.words)))
        return Spread(Tokens(self._words, self._starts, self._ends), self._cells, self._rows)

    def _drop_last(self) -> None:
        """Drop the line break after a table that ends the text, which has none there."""
        for given in (self._words, self._starts, self._ends):
            del given[-1]

    def _row(self, table: _Table, row: _Line) -> None:
        """Write the sentences of a row: one for each side that the header names, and one for the other columns."""
        words = self._given.words
        header, label = table.header, row.cells[0] if table.named else []
        own_side: list[int] = []
        groups: dict[str, list[tuple[list[int], list[int]]]] = {}
        sides: dict[str, list[int]] = {}
        paired = {side for head in header[table.named :] if (side := self._side(head))} >= _BOTH
        for head, cell in zip(header[table.named :], row.cells[table.named :], strict=False):
            if cell and all(words[j] in SIDES for j in cell):
                own_side = cell
            elif any(words[j] not in _DASHES for j in cell):
                name = self._side(head) if paired else ""
                sides.setdefault(name, [j for j in head if name and words[j] in SIDES])
                groups.setdefault(name, []).append(([j for j in head if not name or words[j] not in SIDES], cell))
        for name, cells in groups.items() or [("", [])]:
            told = [(self._told(head, cell, alone=len(cells) == 1), cell) for head, cell in cells]
            self._sentence(sides.get(name) or own_side, self._label(header[0], label), told, row)

    def _told(self, head: list[int], cell: list[int], *, alone: bool) -> list[int]:
        """Return the words of a header that are put before a cell.

        None are of one without a meaning (*Comment*), and of that of a size if the only cell denies what the row is
        about (*none*).
        """
        if alone and self._kinds(cell) & _STATING == {"negation"} and _asks_values([[], head], self._finder):
            return []
        kinds = self._kinds(head)
        return [] if kinds and kinds <= _MEANINGLESS else head

    def _kinds(self, indices: list[int]) -> set[Kind]:
        """Return the kinds of what words mean."""
        return {sense.kind for j in indices for sense, _, _ in self._lexicon.entries(self._given.words[j])}

    def _side(self, head: list[int]) -> str:
        """Return the first letter of the side that a header names, or an empty string."""
        sides = [j for j in head if self._given.words[j] in SIDES]
        return self._given.words[sides[0]][0] if len(sides) == 1 else ""

    def _label(self, header: list[int], label: list[int]) -> list[int]:
        """Return the words of the name of a row, after its header if that names what the row is about.

        It does for a number or letter (`Nodule`, `2`), and for words that name nothing themselves (`Right mid`).
        """
        words = self._given.words
        if not label:
            return []
        is_id = all(_ID.fullmatch(words[j]) for j in label if words[j].isalnum())
        if is_id and any(len(words[j]) >= SHORTEST_NAME for j in header):
            return [*header, *label]
        if self._names_thing(header) and not self._names_thing(label):
            return [*header, *label]
        return [] if is_id else label

    def _names_thing(self, indices: list[int]) -> bool:
        """Return whether one of the words names a structure or a finding."""
        senses = [sense for j in indices for sense, _, _ in self._lexicon.entries(self._given.words[j])]
        return any(sense.kind in _THINGS for sense in senses)

    def _sentence(
        self, side: list[int], label: list[int], cells: list[tuple[list[int], list[int]]], row: _Line
    ) -> None:
        first = len(self._words)
        self._copy([*side, *label])
        named = range(first, len(self._words))
        if side or label:
            self._sign(":")
        for n, (head, cell) in enumerate(cells):
            if n:
                self._sign("|")
            start = len(self._words)
            self._copy(head)
            headed = range(start, len(self._words))
            if head:
                self._sign(":")
            start = len(self._words)
            self._copy(cell)
            self._cells.append(Cell(headed or named, range(start, len(self._words))))
        self._rows.append(range(first, len(self._words)))
        at = self._given.starts[row.end] if row.end < len(self._given.words) else self._ends[-1] if self._ends else 0
        self._words.append("\n")
        self._starts.append(at)
        self._ends.append(self._given.ends[row.end] if row.end < len(self._given.words) else at)

    def _copy_lines(self, indices: range) -> None:
        """Copy words outside tables, with a sign before each part of a line."""
        start = indices.start
        for j in sorted(self._signs):
            if start < j < indices.stop:
                self._copy(range(start, j))
                self._sign(self._signs[j])
                start = j
        self._copy(range(start, indices.stop))

    def _copy(self, indices: Sequence[int]) -> None:
        words, starts, ends = self._given.words, self._given.starts, self._given.ends
        self._words += [words[j] for j in indices]
        self._starts += [starts[j] for j in indices]
        self._ends += [ends[j] for j in indices]

    def _sign(self, sign: str) -> None:
        """Add a sign without width."""
        at = self._ends[-1]
        self._words.append(sign)
        self._starts.append(at)
        self._ends.append(at)
