"""DOCX to text: paragraphs, lists and tables in the order of the document, headings as paragraphs of their own.

The document is a stream of events, so that neither its nesting nor its size fills the memory. It is read as Word shows
it: content controls and inserted text are read, deleted text is not.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

from udt.core.texts import LONGEST_TEXT
from udt.io.formats.errors import LARGEST_DOCUMENT, UnreadableError
from udt.io.formats.layout import TextLayout

MOST_PARTS = 10_000
"""Files of one archive."""

MOST_LEVELS = 256
"""Levels of nested elements."""

_CHUNK = 2**16
_OLE = b"\xd0\xcf\x11\xe0"
_MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_DOCUMENT, _STYLES = "word/document.xml", "word/styles.xml"
_SKIPPED = frozenset(["del", "moveFrom", "Fallback"])
_AGAIN = "save it again as DOCX, or as PDF or text"

Attributes = Mapping[str, str]


def docx_text(data: bytes) -> str:
    """Return the text of a document.

    :raises UnreadableError: if it is no DOCX, is damaged or encrypted, or exceeds a limit.
    """
    if data.startswith(_OLE):
        raise UnreadableError(f"is an encrypted document, or one of Word before 2007; {_AGAIN}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _text(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"is no readable DOCX ({type(error).__name__}); {_AGAIN}") from error


def _text(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise UnreadableError(f"has {len(parts):,} parts; allowed: {MOST_PARTS:,}; {_AGAIN}")
    names = {part.filename for part in parts}
    if _DOCUMENT not in names:
        raise UnreadableError(f"is no DOCX: its archive has no {_DOCUMENT}; {_AGAIN}")
    styles = _Styles()
    if _STYLES in names:
        _parse(archive, _STYLES, styles.start, lambda name: None, lambda text: None)
    body = _Body(styles.headings)
    _parse(archive, _DOCUMENT, body.start, body.end, body.text)
    return body.layout.text()


def _parse(
    archive: zipfile.ZipFile,
    name: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Parse a part of the archive; names are given without their namespace.

    :raises UnreadableError: if it is too large, too deep, has a document type, or is no XML.
    """
    size = archive.getinfo(name).file_size
    if size > LARGEST_DOCUMENT:
        raise UnreadableError(f"has a part of {size:,} bytes; allowed: {LARGEST_DOCUMENT:,}; split it")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_type
    depth = _Depth()
    parser.StartElementHandler, parser.EndElementHandler = depth.start(start), depth.end(end)
    try:
        with archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise UnreadableError(f"is damaged: {name} is no XML at line {error.lineno}; {_AGAIN}") from error


def _refuse_type(*_: object) -> None:
    raise UnreadableError(f"has a document type, which no DOCX has; {_AGAIN}")


class _Depth:
    """Callbacks of elements that count their levels."""

    def __init__(self) -> None:
        self._levels = 0

    def start(self, then: Callable[[str, Attributes], None]) -> Callable[[str, Attributes], None]:
        def handle(tag: str, attributes: Attributes) -> None:
            self._levels += 1
            if self._levels > MOST_LEVELS:
                raise UnreadableError(f"is nested too deep; allowed: {MOST_LEVELS} elements; {_AGAIN}")
            then(_local(tag), {_local(name): value for name, value in attributes.items()})

        return handle

    def end(self, then: Callable[[str], None]) -> Callable[[str], None]:
        def handle(tag: str) -> None:
            self._levels -= 1
            then(_local(tag))

        return handle


def _local(tag: str) -> str:
    """Return the name of an element of WordprocessingML without its namespace; other names in full."""
    space, _, name = tag.rpartition(" ")
    return name if not space or "wordprocessingml" in space or space == _MARKUP else tag


class _Styles:
    """The styles of headings, by their name and level, which do not depend on the language of Word."""

    def __init__(self) -> None:
        self.headings: set[str] = set()
        self._style = ""

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._style = attributes.get("styleId", "")
        elif name == "outlineLvl" or (name == "name" and value.lower().startswith(("heading", "title"))):
            self.headings.add(self._style)


class _Body:
    """The text of the document, built from events."""

    def __init__(self, headings: set[str]) -> None:
        self.layout = TextLayout()
        self._headings = headings
        self._within: list[str] = []
        self._skipped = 0
        self._heading = False
        self._words = False
        self._size = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """Open an element."""
        outer = self._within[-1] if self._within else ""
        self._within.append(name)
        self._skipped += name in _SKIPPED
        if self._skipped:
            return
        if name == "p":
            self._heading = self._words = False
            self.layout.line()
        elif name == "tr":
            self.layout.row()
        elif name == "tc":
            self.layout.cell()
        elif outer == "r":
            self._run(name)
        elif outer == "pPr":
            self._property(name, attributes)

    def _run(self, name: str) -> None:
        signs = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
        if name in signs:
            self._add(signs[name])

    def _property(self, name: str, attributes: Attributes) -> None:
        if name == "outlineLvl" or (name == "pStyle" and attributes.get("val") in self._headings):
            self._heading = True
            self.layout.paragraph()
        elif name == "numPr":
            self.layout.mark("- ")

    def end(self, name: str) -> None:
        """Close an element."""
        self._within.pop()
        self._skipped -= name in _SKIPPED
        if self._skipped or name not in ("p", "tr"):
            return
        if name == "tr":
            self.layout.row()
            return
        self.layout.mark("")
        if self._heading or not self._words:
            self.layout.paragraph()
        else:
            self.layout.line()

    def text(self, text: str) -> None:
        """Add characters of a text."""
        if not self._skipped and self._within and self._within[-1] == "t":
            self._words = True
            self._add(text)

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > LONGEST_TEXT:
            raise UnreadableError(f"has more than {LONGEST_TEXT:,} characters, too many for one text; split it")
        self.layout.add(text)
