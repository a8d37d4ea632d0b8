"""The objects of a JSON file that holds one array, a piece of the file in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import TextIO

from udt.io.rows import Row, Skipped

_PIECE = 1 << 20
_BLANK = " \t\n\r"


def array_rows(stream: TextIO, place: str) -> Iterator[Row | Skipped]:
    """The objects, in order; a fault ends it, as nothing after it can be told apart. Places are `file:number`."""
    number = 0
    try:
        for number, cells in enumerate(_elements(stream), 1):
            yield Row(f"{place}:{number}", number, cells)
    except (_FaultError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, _FaultError) else "not UTF-8, or nested too deep"
        yield Skipped(f"{place}:{number + 1}", f"{reason}; the file has to hold one JSON array of objects")


class _FaultError(Exception):
    """What is wrong with the array."""


class _Text:
    """A window on the stream that moves on and grows as the reader asks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._piece = _PIECE
        self.text = ""
        self.at = 0

    def grow(self) -> bool:
        """Drop what was read, add a piece twice as long as the last one that was too short; False at the end."""
        more = self._stream.read(self._piece)
        self.text, self.at = self.text[self.at :] + more, 0
        self._piece *= 2
        return bool(more)

    def next(self) -> str:
        """The next character that is not blank, or "" at the end; it stays unread."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _BLANK:
                self.at += 1
            if self.at < len(self.text) or not self.grow():
                return self.text[self.at : self.at + 1]

    def read(self, decoder: json.JSONDecoder) -> dict[str, object]:
        """The object that begins here."""
        while True:
            try:
                value, self.at = decoder.raw_decode(self.text, self.at)
            except JSONDecodeError as error:
                if not self.grow():
                    raise _FaultError(f"not valid JSON ({error.msg})") from None
            else:
                self._piece = _PIECE
                return dict(value)


def _elements(stream: TextIO) -> Iterator[dict[str, object]]:
    decoder, text = json.JSONDecoder(), _Text(stream)
    if text.next() != "[":
        raise _FaultError("does not begin with '['")
    separator = "["
    while True:
        text.at += 1
        found = text.next()
        if separator == "[" and found == "]":
            break
        if found != "{":
            raise _FaultError(f"has '{found}' where an object should begin" if found else "ends in the middle")
        yield text.read(decoder)
        separator = text.next()
        if separator != ",":
            break
    if text.next() != "]":
        raise _FaultError("has no ',' or ']' after an object")
