"""Build a text of lines, paragraphs and table cells."""

from __future__ import annotations

_TAB, _LINE, _PARAGRAPH = "\t", "\n", "\n\n"


class TextLayout:
    """A text under construction. Gaps are written before the next text, so that it neither begins nor ends with one."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._gap = ""
        self._mark = ""
        self._cells = 0

    @property
    def at_start(self) -> bool:
        """Whether nothing has been added since the last gap."""
        return not self._parts or self._gap != ""

    def add(self, text: str) -> None:
        """Append a text that is not empty."""
        if self._parts and self._gap:
            self._parts.append(self._gap)
        self._parts.append(self._mark + text)
        self._gap = self._mark = ""

    def mark(self, mark: str) -> None:
        """Set the mark of a list item, which is written before its text if it has any."""
        self._mark = mark

    def line(self) -> None:
        """End the line."""
        self._gap = self._gap or _LINE

    def paragraph(self) -> None:
        """End the paragraph."""
        self._gap = self._gap if self._gap == _TAB else _PARAGRAPH

    def row(self) -> None:
        """Begin or end a row of a table."""
        self._gap = _PARAGRAPH if self._gap == _PARAGRAPH else _LINE
        self._cells = 0

    def cell(self) -> None:
        """Begin a cell of a row; cells are separated by a tab."""
        if self._cells:
            self._gap = _TAB
        self._cells += 1

    def text(self) -> str:
        """Return the text."""
        return "".join(self._parts)
