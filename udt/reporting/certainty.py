"""How certainty looks everywhere: on terminals, in drawings, on pages and in displaCy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from udt.core.report import Certainty


@dataclass(frozen=True, slots=True)
class CertaintyStyle:
    """The look of one certainty; colour is never the only sign. Colours are `#rrggbb`.

    :ivar word: the certainty in words for readers.
    :ivar mark: characters before a denied or possible label.
    :ivar console: style of rich.
    :ivar line: colour of lines and borders on white.
    :ivar line_on_dark: the same on a dark page.
    :ivar background: colour behind dark text.
    :ivar dashes: lengths of dashes and gaps of a line; none for a solid one.
    """

    word: str
    mark: str
    console: str
    line: str
    line_on_dark: str
    background: str
    dashes: tuple[float, ...]


CERTAINTY: Mapping[Certainty, CertaintyStyle] = {
    "present": CertaintyStyle("stated", "", "green", "#7b879a", "#a2adbd", "#cfe8d5", ()),
    "possible": CertaintyStyle("possible", "? ", "yellow", "#7b879a", "#a2adbd", "#ffe08a", (6, 4)),
    "absent": CertaintyStyle("denied", "✕ ", "red", "#b3261e", "#ef8a82", "#f8cfcb", (2, 3)),
    "unknown": CertaintyStyle("unknown", "~ ", "magenta", "#7b879a", "#a2adbd", "#dcd6ea", (1, 3)),
}
