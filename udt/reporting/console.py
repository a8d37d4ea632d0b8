"""Text for terminals: rendered by rich to a string, with colour or without."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code != ord("\n")}
_CONTROLS[ord("\t")] = " "


def printable(text: str) -> str:
    """Replace each control character except the line feed, so that offsets stay and no escape sequence is printed.

    >>> printable("a\\x1b[31m\\tb")
    'a�[31m b'
    """
    return text.translate(_CONTROLS)


def rendered(parts: Iterable[RenderableType], width: int, color: bool) -> str:
    """Render `parts` one below the other, `width` columns wide, without trailing blanks."""
    target = io.StringIO()
    console = Console(
        file=target,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in target.getvalue().splitlines())


def longest_line(cell: Text) -> int:
    """Return the columns of the terminal that the longest line of a cell takes."""
    return max((line.cell_len for line in cell.split("\n")), default=0)


def fitted(contents: Sequence[int], width: int, gap: int) -> list[int]:
    """Return widths of columns: those of their contents as far as they fit; the widest share what is left.

    A column without content takes no room, and any other at least one column of the terminal.

    >>> fitted([3, 0, 30, 40], 48, gap=1)
    [3, 0, 21, 21]

    :param contents: width of the content of each column.
    :param width: width of all columns and of the gaps behind them.
    """
    filled = sorted((size, column) for column, size in enumerate(contents) if size)
    left = width - gap * len(filled)
    found = [0] * len(contents)
    for done, (size, column) in enumerate(filled):
        found[column] = min(size, max(1, left // (len(filled) - done)))
        left -= found[column]
    return found


def grid(rows: Iterable[Sequence[Text]], widths: Sequence[int], gap: int) -> Table:
    """Return rows in columns of these widths, indented by `gap`; columns of width 0 are left out.

    :param gap: columns of the terminal before each column.
    """
    made = Table.grid(padding=(0, gap, 0, 0))
    for width in (0, *filter(None, widths)):
        made.add_column(width=width, overflow="fold")
    for row in rows:
        made.add_row("", *(cell for cell, width in zip(row, widths, strict=True) if width))
    return made
