"""RTF to text: paragraphs, lines and table cells; pictures, headers, footers, fields and deleted text are left out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from udt.io.formats.errors import UnreadableError

MOST_LEVELS = 1000
"""Levels of nested groups."""

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])"
    rb"|[\r\n\0]+"
    rb"|(?P<text>[^\\{}\r\n\0]+)"
    rb"|.",
    re.DOTALL,
)
_LEFT_OUT = frozenset([
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer",
    "footerl", "footerr", "footerf", "listtable", "listoverridetable", "revtbl", "rsidtbl", "themedata",
    "colorschememapping", "datastore", "latentstyles", "xmlnstbl", "filetbl", "fldinst", "objdata", "object",
    "nonshppict", "sp", "bkmkstart", "bkmkend", "generator", "private", "pntext", "pntxta", "pntxtb",
    "template", "tc", "xe",
])  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}", b"\t": "\t"}
_WORDS = {
    "par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "column": "\n", "row": "\n", "nestrow": "\n",
    "cell": "\t", "nestcell": "\t", "tab": "\t", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_CODECS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 130: "cp1361", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES = {"936": "gb18030", "65001": "utf-8", "10000": "mac-roman"}
_LEVEL_START = re.compile(rb"\s*\{\\rtf\d?")


@dataclass(frozen=True, slots=True)
class _State:
    """The state of a group.

    :ivar out: whether its text is left out.
    :ivar fonts: whether it is the table of fonts.
    :ivar skip: number of substitutes after a Unicode character.
    :ivar font: number of the font, or None.
    """

    out: bool = False
    fonts: bool = False
    hidden: bool = False
    deleted: bool = False
    skip: int = 1
    font: int | None = None

    @property
    def is_shown(self) -> bool:
        """Whether its text belongs to the document."""
        return not (self.out or self.hidden or self.deleted)


def rtf_text(data: bytes) -> str:
    """Return the text of a document.

    :raises UnreadableError: if it is no RTF, is cut short, or is nested too deep.
    """
    if not _LEVEL_START.match(data):
        raise UnreadableError("is no RTF: it does not begin with '{\\rtf'; write it again, or give another format")
    return _Reader(data).text()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._state = _State()
        self._stack: list[_State] = []
        self._parts: list[str] = []
        self._pending = bytearray()
        self._page = "cp1252"
        self._codecs: dict[int | None, str] = {}
        self._skip = 0
        self._starred = False

    def text(self) -> str:
        """Read the whole document."""
        position = 0
        while token := _TOKEN.match(self._data, position):
            position = token.end()
            if token["brace"]:
                self._brace(token["brace"])
                if not self._stack:
                    break
            elif token["word"]:
                position += self._word(token["word"].decode(), token["number"])
            elif token["hex"]:
                self._bytes(bytes.fromhex(token["hex"].decode()))
            elif token["symbol"]:
                self._symbol(token["symbol"])
            elif token["text"]:
                self._bytes(token["text"])
        if self._stack:
            raise UnreadableError("is cut short: a group of the RTF is never closed; write it again")
        self._flush()
        return _tidy("".join(self._parts))

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._skip = 0
        if brace == b"}":
            self._state = self._stack.pop()
            return
        if len(self._stack) >= MOST_LEVELS:
            raise UnreadableError(f"is nested too deep; allowed: {MOST_LEVELS:,} groups of RTF")
        self._stack.append(self._state)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._state = replace(self._state, out=True)
        elif symbol in _SYMBOLS:
            self._emit(_SYMBOLS[symbol])

    def _bytes(self, data: bytes) -> None:
        """Add bytes of the current code page."""
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        if self._state.is_shown:
            self._pending += data[skipped:]

    def _emit(self, text: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        self._flush()
        if self._state.is_shown:
            self._parts.append(text)

    def _flush(self) -> None:
        if self._pending:
            codec = self._codecs.get(self._state.font, self._page)
            self._parts.append(self._pending.decode(codec, "replace"))
            self._pending.clear()

    def _word(self, word: str, digits: bytes | None) -> int:
        """Apply a control word; return the number of bytes after it that are no text."""
        number = None if digits is None else int(digits)
        if word == "u" and number is not None:
            self._skip = 0
            self._emit(_character(number))
            self._skip = self._state.skip
        elif word in _WORDS:
            self._emit(_WORDS[word])
        elif word == "bin":
            return max(0, number or 0)
        else:
            self._flush()
            self._set(word, number)
        return 0

    def _set(self, word: str, number: int | None) -> None:
        state = self._state
        if word in _LEFT_OUT:
            self._state = replace(state, out=True, fonts=word == "fonttbl")
        elif word in ("v", "deleted"):
            self._state = replace(state, **{"hidden" if word == "v" else word: number != 0})
        elif word == "plain":
            self._state = replace(state, hidden=False, deleted=False)
        elif word == "uc":
            self._state = replace(state, skip=max(0, number if number is not None else 1))
        elif word == "f":
            self._state = replace(state, font=number)
        elif word == "fcharset" and state.fonts and number in _CODECS:
            self._codecs[state.font] = _CODECS[number]
        elif word == "ansicpg":
            self._page = _code_page(str(number))
        elif word == "mac":
            self._page = "mac-roman"


def _code_page(number: str) -> str:
    name = _PAGES.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UnreadableError(f"is RTF in the unknown code page {number}; save it as RTF or text again") from None


def _character(number: int) -> str:
    """Return a UTF-16 unit, written as a signed number of 16 bits by most programs."""
    code = number + 0x10000 if -0x8000 <= number < 0 else number
    return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"


def _tidy(text: str) -> str:
    """Join the halves of surrogate pairs; remove blanks and empty cells before line ends."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "\n".join(line.rstrip(" \t") for line in whole.split("\n")).strip("\n")
