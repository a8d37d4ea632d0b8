"""How certainty looks everywhere: on terminals, in drawings, on pages and in displaCy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from udt.core.report import Certainty


@dataclass(frozen=True, slots=True)
class CertaintyStyle:
    """The look of one certainty; colour is never the only sign.

    :ivar word: what a reader is shown.
    :ivar mark: characters before a denied or possible label.
    :ivar console: style of rich.
    :ivar line: colour of lines and borders, `#rrggbb`; `background` that of marked text.
    :ivar dashes: lengths of dashes and gaps of a line; none for a solid one.
    """

    word: str
    mark: str
    console: str
    line: str
    background: str
    dashes: tuple[float, ...]


CERTAINTY: Mapping[Certainty, CertaintyStyle] = {
    "present": CertaintyStyle("stated", "", "green", "#7b879a", "#cfe8d5", ()),
    "possible": CertaintyStyle("possible", "? ", "yellow", "#7b879a", "#ffe08a", (6, 4)),
    "absent": CertaintyStyle("denied", "✕ ", "red", "#b3261e", "#f8cfcb", (2, 3)),
}
