"""Text for terminals: rendered by rich to a string, with colour or without."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType

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
