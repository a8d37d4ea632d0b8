"""Cells and lines of tables that no spreadsheet program runs as formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Full-width signs are read as the ASCII ones in Chinese and Japanese versions.
_FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", re.IGNORECASE)
_QUOTED = re.compile('[,"\r\n]')


def csv_line(cells: Iterable[str], *, formulas: bool = False) -> str:
    """Return one line of CSV, its cells quoted if needed, ended by a line feed.

    >>> csv_line(["=1+1", "-5.2", "cyst, mass"])
    '\\'=1+1,-5.2,"cyst, mass"\\n'

    :param formulas: whether a cell that a spreadsheet program would run is written as it is; by default an apostrophe
        precedes it. A number is never changed.
    """
    return ",".join(map(_quoted, cells if formulas else map(without_formula, cells))) + "\n"


def without_formula(cell: str) -> str:
    """Return a cell with an apostrophe before it if a spreadsheet program would run it.

    >>> without_formula("=1+1"), without_formula("-5.2")
    ("'=1+1", '-5.2')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _quoted(cell: str) -> str:
    """Quote a cell; unlike Python's csv module, one with a carriage return too, which ends a line for many readers."""
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell
