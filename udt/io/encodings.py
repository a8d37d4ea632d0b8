"""Decode texts of known and unknown encodings.

The detected encodings are UTF-8, UTF-16 and UTF-32, cp1252 (Western Europe) and GB18030 (China). Bytes that fit none
of them well are an error: their encoding has to be given.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from udt.core.texts import printable

UTF_8 = "utf-8"

_CHUNK = 2**16
_SAMPLE = 2**16  # bytes that are examined
_BEFORE = 200  # bytes of the sample before its first one that is not ASCII
_LEAST_ZEROS = 0.1  # share of NUL bytes, all at even or all at odd offsets, from which a text is UTF-16 without a mark
_LEAST_COMMON = 0.8  # share of characters of GB18030 that are of its common part, GB2312
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_RUN = re.compile(r"[^\x00-\x7f]+")
_SINGLE = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Za-z])")
_INVALID = "udt-invalid-bytes"
_INVALID_MARK = "\udcff"  # written as the byte 0xFF, which UTF-8 does not have

codecs.register_error(_INVALID, lambda error: (_INVALID_MARK, getattr(error, "end", 0)))


class EncodingError(ValueError):
    """A text cannot be decoded; the message follows the name of its file."""


@dataclass(frozen=True, slots=True)
class Detected:
    """An encoding other than UTF-8 that was detected.

    :ivar place: the file.
    :ivar encoding: name of the encoding, as `--encoding` accepts it.
    """

    place: str
    encoding: str

    def __str__(self) -> str:
        """Return a note on one line, without control characters."""
        hint = "give another one with encoding (--encoding) if words are garbled"
        return printable(f"{self.place}: read as {self.encoding}, which was detected; {hint}")


OnDetected = Callable[[str], None]


def known_encoding(name: str) -> str:
    """Return the name by which Python knows an encoding.

    :raises EncodingError: if there is no such encoding of texts.

    >>> known_encoding("Latin1")
    'iso8859-1'
    """
    try:
        found = codecs.lookup(name)
        "a".encode(name)
    except (LookupError, ValueError):
        found = None
    if found is None:
        raise EncodingError(
            f"there is no encoding '{printable(name[:40])}'; give one that Python has, such as utf-8, cp1252, latin-1, "
            "gb18030 or utf-16"
        )
    return found.name


def detect(data: bytes, *, narrow: bool = True, whole: bool = True) -> str | None:
    """Return the encoding of a text; None if it is uncertain.

    Damaged UTF-8 is UTF-8: a text in which at least as many characters of several bytes are valid as invalid.

    :param narrow: whether encodings in which ASCII characters are single bytes, other than UTF-8, are considered.
    :param whole: False for the beginning of a text, whose last character may be cut.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if wide := _without_mark(data[:_SAMPLE]):
        return wide
    if data.isascii() or not narrow or _is_utf8(data, whole):
        return UTF_8
    first = _NOT_ASCII.search(data)
    start = max(0, first.start() - _BEFORE) if first else 0
    return _narrow(data[start : start + _SAMPLE])


def _without_mark(data: bytes) -> str | None:
    even, odd = data[::2].count(0), data[1::2].count(0)
    if min(even, odd) or max(even, odd) < max(2, _LEAST_ZEROS * len(data)):
        return None
    return "utf-16-be" if even else "utf-16-le"


def _is_utf8(data: bytes, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(data, whole)
    except UnicodeDecodeError:
        rest, valid = _UTF8_CHARACTER.subn(b"", data)
        return valid > 0 and valid >= len(_NOT_ASCII.findall(rest))
    return True


def _narrow(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    if 0 in sample:
        return None
    best = from_bytes(sample, cp_isolation=["cp1252", "gb18030"]).best()
    if best is None:
        return None
    if best.encoding == "gb18030" and not _is_common_chinese(sample):
        return "cp1252" if _decodes(sample, "cp1252") else None
    return best.encoding


def _is_common_chinese(sample: bytes) -> bool:
    """Return whether most characters are of GB2312, and few of them are single ones within Latin words.

    Letters of cp1252 are read as the latter if two are together, and as rare characters if they are alone.
    """
    text = sample.decode("gb18030", "ignore")
    runs = _RUN.findall(text)
    characters = "".join(runs)
    common = len(characters.encode("gb2312", "ignore")) / 2
    return common >= _LEAST_COMMON * len(characters) and 2 * len(_SINGLE.findall(text)) <= len(runs)


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decoded(data: bytes, encoding: str | None = None, on_detected: OnDetected | None = None) -> str:
    """Decode a text, without byte-order marks.

    :param encoding: the encoding; None to detect it.
    :param on_detected: called with an encoding other than UTF-8 that was detected.
    :raises EncodingError: if it cannot be decoded.
    """
    name = encoding or detect(data)
    if name is None:
        byte = first.start() if (first := _NOT_ASCII.search(data)) else data.find(0)
        raise EncodingError(not_utf8(byte))
    try:
        text = data.decode(name).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise EncodingError(not_utf8(error.start) if name == UTF_8 else not_valid(name, error.start)) from None
    if encoding is None and name != UTF_8 and on_detected is not None:
        on_detected(name)
    return text


def not_utf8(byte: int) -> str:
    """Return the message of bytes that are not UTF-8."""
    return f"not UTF-8 at byte {byte} of the file, nor surely another encoding; give it with encoding (--encoding)"


def not_valid(encoding: str, byte: int | None = None) -> str:
    """Return the message of bytes that are not valid in an encoding."""
    at = "" if byte is None else f" at byte {byte} of the file"
    return f"not valid {encoding}{at}; repair it, or give its encoding with encoding (--encoding)"


class _Utf8Stream(io.RawIOBase):
    """A text as UTF-8. Bytes of UTF-8 are passed on; those that are invalid in another encoding become 0xFF.

    :ivar encoding: the encoding; None as long as all bytes are ASCII.
    """

    def __init__(self, stream: BinaryIO, encoding: str | None, on_detected: OnDetected | None, narrow: bool) -> None:
        self.encoding = encoding
        self._decoder = None if encoding in (None, UTF_8) else codecs.getincrementaldecoder(encoding)(_INVALID)
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._on_detected = on_detected
        self._narrow = narrow
        self._pending = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read into `buffer`, and return the number of bytes; 0 at the end."""
        while not self._pending:
            chunk = self._read(_CHUNK)
            self._pending = self._converted(chunk)
            if not chunk and not self._pending:
                return 0
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size

    def _converted(self, chunk: bytes) -> bytes:
        if self.encoding is None and (not chunk.isascii() or 0 in chunk):
            self._decide(chunk)
        if self._decoder is None:
            return chunk
        text: str = self._decoder.decode(chunk, not chunk)
        return text.encode(UTF_8, "surrogateescape" if _INVALID_MARK in text else "surrogatepass")

    def _decide(self, chunk: bytes) -> None:
        self.encoding = detect(chunk, narrow=self._narrow, whole=False) or UTF_8
        if self.encoding == UTF_8:
            return
        self._decoder = codecs.getincrementaldecoder(self.encoding)(_INVALID)
        if self._on_detected is not None:
            self._on_detected(self.encoding)


class Utf8Reader(io.BufferedReader):
    """A buffered stream of a text in any encoding, as UTF-8.

    :param encoding: the encoding; None to detect it at the first byte that is not ASCII.
    :param on_detected: called with an encoding other than UTF-8 that was detected.
    :param narrow: see `detect`.
    """

    def __init__(
        self,
        stream: BinaryIO,
        encoding: str | None = None,
        on_detected: OnDetected | None = None,
        *,
        narrow: bool = True,
    ) -> None:
        self._source = _Utf8Stream(stream, encoding, on_detected, narrow)
        super().__init__(self._source, _CHUNK)

    @property
    def encoding(self) -> str:
        """The encoding of the bytes read so far."""
        return self._source.encoding or UTF_8
