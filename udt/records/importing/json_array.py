"""Read the objects of a JSON file that holds one array, with a part of the file in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.decoder import JSONDecodeError
from typing import TextIO

from udt.core.strict_json import DECODER, check_levels, worded
from udt.io.rows import LONGEST_LINE, Row, Skipped

_CHUNK = 1 << 20
_BLANK = " \t\n\r"

# Finds the end of an object that is JSON to Python alone.
_LENIENT = json.JSONDecoder(parse_int=str)


def array_rows(stream: TextIO, place: str) -> Iterator[Row | Skipped]:
    """Yield the objects in order, up to the first text that is no JSON; nothing can be parsed after it.

    Places are `file:number`.
    """
    number = 0
    try:
        for number, cells in enumerate(_elements(stream), 1):
            where = f"{place}:{number}"
            yield Skipped(where, f"not valid JSON ({cells})") if isinstance(cells, str) else Row(where, number, cells)
    except (_FaultError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error) if isinstance(error, _FaultError) else "not UTF-8, or nested too deep"
        yield Skipped(f"{place}:{number + 1}", f"{reason}; the file has to hold one JSON array of objects")


class _FaultError(Exception):
    """A fault of the array."""


class _Buffer:
    """A buffer over the stream that drops parsed text and grows on demand."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._chunk_size = _CHUNK
        self.text = ""
        self.position = 0

    def grow(self) -> bool:
        """Drop parsed text and append a chunk twice as long as the last one; return False at the end of the stream."""
        more = self._stream.read(self._chunk_size)
        self.text, self.position = self.text[self.position :] + more, 0
        self._chunk_size *= 2
        return bool(more)

    def peek(self) -> str:
        """Return the next character that is not blank without consuming it, or "" at the end."""
        while True:
            while self.position < len(self.text) and self.text[self.position] in _BLANK:
                self.position += 1
            if self.position < len(self.text) or not self.grow():
                return self.text[self.position : self.position + 1]

    def read(self) -> dict[str, object] | str:
        """Parse the object at the current position; return it, or the reason for which it cannot be used."""
        while True:
            try:
                value, end = self._parsed()
            except JSONDecodeError as error:
                if len(self.text) > LONGEST_LINE:
                    raise _FaultError(
                        f"not valid JSON, or an object of more than {LONGEST_LINE:,} characters"
                    ) from None
                if not self.grow():
                    raise _FaultError(f"not valid JSON ({error.msg})") from None
            else:
                self.position, self._chunk_size = end, _CHUNK
                return value

    def _parsed(self) -> tuple[dict[str, object] | str, int]:
        try:
            value, end = DECODER.raw_decode(self.text, self.position)
            check_levels(self.text[self.position : end], value)
        except JSONDecodeError:
            raise
        except ValueError as error:
            return str(worded(error)), _LENIENT.raw_decode(self.text, self.position)[1]
        return dict(value), end


def _elements(stream: TextIO) -> Iterator[dict[str, object] | str]:
    buffer = _Buffer(stream)
    if buffer.peek() != "[":
        raise _FaultError("does not begin with '['")
    separator = "["
    while True:
        buffer.position += 1
        found = buffer.peek()
        if separator == "[" and found == "]":
            break
        if found != "{":
            raise _FaultError(f"has '{found}' instead of an object" if found else "ends before ']'")
        yield buffer.read()
        separator = buffer.peek()
        if separator != ",":
            break
    if buffer.peek() != "]":
        raise _FaultError("has no ',' or ']' after an object")
