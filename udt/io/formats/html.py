"""HTML to text: blocks become lines and paragraphs, cells are separated by tabs.

The markup is split into tags by one expression, in linear time for any input; it need not be well-formed.
"""

from __future__ import annotations

import re
from html import unescape

from udt.io.formats.layout import TextLayout

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s<>/]*+)(?:(?>[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>"
    r"|<[!?/][^<>]*+>",
    re.DOTALL,
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINE_END = re.compile(r"\r\n?")
_PARAGRAPHS = frozenset([
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "pre", "blockquote", "hr", "section",
    "article",
])  # fmt: skip
_LINES = frozenset([
    "div", "br", "li", "dt", "dd", "caption", "address", "header", "footer", "main", "nav", "aside",
    "figure", "figcaption", "form", "fieldset", "legend", "center", "thead", "tbody", "tfoot", "details",
    "summary", "body", "option", "title",
])  # fmt: skip
_CELLS = frozenset(["td", "th"])
_ITEMS = frozenset(["li"])
_ROWS = frozenset(["tr"])
# Their content is no text of a report, or was struck out.
_SKIPPED = frozenset([
    "script", "style", "head", "template", "del", "s", "strike", "object", "svg",
])  # fmt: skip
_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)


def declared_charset(data: bytes) -> str | None:
    """Return the encoding that the markup declares within its first 4,096 bytes, or None."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii", "replace") if found else None


def html_text(markup: str) -> str:
    """Return the text of a page or of a fragment."""
    layout = TextLayout()
    reader = _Reader(layout)
    position = 0
    for token in _TOKEN.finditer(markup):
        reader.text(markup[position : token.start()])
        position = token.end()
        if token["name"]:
            reader.tag(token["name"].lower(), token["end"] == "/", token[0].endswith("/>"))
    reader.text(markup[position:])
    return layout.text()


class _Reader:
    def __init__(self, layout: TextLayout) -> None:
        self._layout = layout
        self._skipped: str | None = None
        self._depth = 0
        self._pre = 0
        self._blank = False

    def tag(self, name: str, closes: bool, empty: bool) -> None:
        """Apply a tag to the layout."""
        if self._skipped is not None:
            self._leave(name, closes)
        elif name in _SKIPPED:
            if not closes and not empty:
                self._skipped, self._depth = name, 1
        elif name in _CELLS:
            if not closes:
                self._layout.cell()
        else:
            self._block(name, closes)

    def _leave(self, name: str, closes: bool) -> None:
        if name == "body" and self._skipped == "head":  # a head that was never closed
            self._skipped = None
        elif name == self._skipped:
            self._depth += -1 if closes else 1
            if not self._depth:
                self._skipped = None

    def _block(self, name: str, closes: bool) -> None:
        if name == "pre":
            self._pre = max(0, self._pre + (-1 if closes else 1))
        if name in _ROWS:
            self._layout.row()
        elif name in _PARAGRAPHS:
            self._layout.paragraph()
        elif name in _LINES:
            self._layout.line()
        else:
            return
        self._blank = False
        if name in _ITEMS:
            self._layout.mark("" if closes else "- ")

    def text(self, text: str) -> None:
        """Add the text between two tags, with its blanks collapsed unless they are preformatted."""
        if not text or self._skipped is not None:
            return
        if self._pre:
            self._layout.add(_LINE_END.sub("\n", unescape(text)))
            return
        plain = _BLANKS.sub(" ", unescape(text)).replace("\xa0", " ")
        words = plain.strip(" ")
        if words:
            space = " " if (self._blank or plain[0] == " ") and not self._layout.at_start else ""
            self._layout.add(space + words)
        self._blank = plain[-1] == " " or (self._blank and not words)
