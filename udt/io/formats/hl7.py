"""HL7 v2 messages (ORU, MDM): a text for each group of OBR or TXA and OBX segments.

The text of a group is that of its OBX segments of the types TX, FT, ST and ED, a line each. If a group holds several
kinds of observation, such as findings and impression, each begins with its name.

Messages may be framed by MLLP or follow one another in a batch file; segments end with CR, LF or both.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

from udt.core.texts import LONGEST_NAME, abridged, fault_of_name, fault_of_text
from udt.io.encodings import EncodingError, OnDetected, Utf8Reader, decoded, known_encoding
from udt.io.formats.errors import LARGEST_DOCUMENT, UnreadableError, optional_package
from udt.io.formats.media import document_text, kind_of_media_type
from udt.io.items import Sex, TextItem, TextSource
from udt.io.rows import Skipped

if TYPE_CHECKING:
    import hl7

_CHUNK = 2**16
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}")
_FIRST = re.compile(rb"...([^\w\s])[^\w\s]{1,4}\1")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_ENDS = re.compile(rb"[\r\n\x0b\x1c]+")
_TEXT_TYPES = frozenset(["TX", "FT", "ST"])
_WITHDRAWN = frozenset(["D", "W"])
_MOST_BLANK_LINES = 100
_SECTIONS = {"IMP": "Impression", "GDT": "Findings", "REC": "Recommendation"}
_SEXES: dict[str, Sex] = {"M": "male", "F": "female", "O": "other", "A": "other", "N": "other", "U": "unknown"}
_CHARSETS = {
    "ASCII": None, "UNICODE": None, "UNICODE UTF-8": "utf-8", "UNICODE UTF-16": "utf-8", "GB 18030-2000": "gb18030",
    "BIG-5": "big5", "KS X 1001": "euc_kr", "CNS 11643-1992": None, "ISO IR6": None,
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)}, "8859/1": "cp1252",
}  # fmt: skip
_ESCAPE = (
    r"(?P<plain>[FSTREP])|X(?P<hex>[0-9A-Fa-f]+)|\.(?P<format>[a-zA-Z]{2})\s*(?P<count>[+-]?\d*)|[HN]"
    r"|[CMZ][^\r]{0,80}?"
)
_STAMP = re.compile(r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:\.\d+)?)?)?)?([+-]\d\d)?(\d\d)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(slots=True)
class _Group:
    """Segments of one report.

    :ivar head: the OBR or TXA segment; None if there is none.
    """

    head: hl7.Segment | None
    order: hl7.Segment | None
    observations: list[hl7.Segment] = field(default_factory=list)


def hl7_texts(
    stream: BinaryIO, place: str, encoding: str | None = None, on_detected: OnDetected | None = None
) -> Iterator[TextItem | Skipped]:
    """Yield the texts of all messages of a stream. Places are `file:message`, numbered from 1.

    :param encoding: the encoding; None for the one in MSH-18, else UTF-8 or the detected one.
    """
    reader = Utf8Reader(stream, encoding, on_detected, narrow=False)
    found = False
    for number, message in enumerate(_messages(reader), 1):
        found = True
        where = f"{place}:{number}"
        if message is None:
            yield Skipped(where, f"the message is longer than {LARGEST_DOCUMENT:,} bytes; split it")
            continue
        try:
            yield from _texts(message, where, "utf-8" if encoding else None, on_detected)
        except (UnreadableError, EncodingError) as error:
            yield Skipped(where, str(error))
    if not found:
        yield Skipped(place, "holds no HL7 v2 message; a message begins with a segment MSH")


def _messages(stream: BinaryIO) -> Iterator[bytes | None]:
    r"""Yield messages with segments that end with `\r`; None for one that is too long.

    A line that begins no segment continues the one before it.
    """
    segments: list[bytes] = []
    size = 0
    separator = b"|"
    for line in _lines(stream):
        starts = line[3:4] == separator and _SEGMENT.match(line) is not None
        if line.startswith((b"MSH", *_ENVELOPE)) and (starts or _FIRST.match(line)):
            if segments:
                yield _joined(segments, size)
            separator = line[3:4]
            segments, size = ([line], len(line)) if line.startswith(b"MSH") else ([], 0)
        elif segments:
            size += len(line)
            if size <= LARGEST_DOCUMENT:
                segments.append((b"\r" if starts else b"\n") + line)
    if segments:
        yield _joined(segments, size)


def _joined(segments: Sequence[bytes], size: int) -> bytes | None:
    return b"".join(segments) if size <= LARGEST_DOCUMENT else None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = bytearray()
    chunk = stream.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
    while chunk:
        *lines, last = _ENDS.split(chunk)
        for line in lines:
            if rest or line:  # between the two signs of a line end, at the end of a chunk, is no line
                yield bytes(rest) + line
            rest.clear()
        if len(rest) <= LARGEST_DOCUMENT:
            rest += last
        chunk = stream.read(_CHUNK)
    if rest:
        yield bytes(rest)


def _texts(
    data: bytes, place: str, encoding: str | None, on_detected: OnDetected | None
) -> Iterator[TextItem | Skipped]:
    with optional_package("hl7", "hl7", "an HL7 v2 file"):
        import hl7
    charset = encoding or _charset(data)
    try:
        message = hl7.parse(decoded(data, charset, on_detected))
    except (hl7.HL7Exception, IndexError, AssertionError) as error:
        raise UnreadableError(f"the message is damaged ({type(error).__name__}); check its first segment") from error
    reader = _Message(message, charset or "utf-8")
    names: Counter[str] = Counter()
    for group in reader.groups():
        text = reader.text(group)
        if not text.strip():
            continue
        name = reader.name(group)
        names[name] += 1
        unique = name if names[name] == 1 else f"{name}-{names[name]}"
        fault = fault_of_text(text) or fault_of_name(unique)
        yield (
            Skipped(place, f"the text or its number {fault}") if fault else TextItem(unique, text, reader.source(group))
        )
    if not names:
        raise UnreadableError(reader.reason())


def _charset(data: bytes) -> str | None:
    """Return the encoding of MSH-18; None if it is not given.

    :raises UnreadableError: if it is unknown.
    """
    fields = data.split(b"\r", 1)[0].split(data[3:4] or b"|")
    repetitions = fields[17].decode("ascii", "replace").split("~") if len(fields) > 17 else []
    names = [name.strip() for name in repetitions if name.strip()]
    if not names or names[0].upper() in _CHARSETS:
        return _CHARSETS[names[0].upper()] if names else None
    try:
        return known_encoding(names[0])
    except ValueError:
        hint = "give the encoding with encoding (--encoding)"
        raise UnreadableError(f"the character set '{abridged(names[0])}' of MSH-18 is unknown; {hint}") from None


class _Message:
    """A parsed message.

    :param encoding: of bytes that are escaped in its texts.
    """

    def __init__(self, message: hl7.Message, encoding: str) -> None:
        self._segments = list(message)
        self._field, self._repetition, self._component, self._part = (message.separators[n] for n in (1, 2, 3, 4))
        escape = re.escape(message.esc)
        self._escapes = re.compile(f"{escape}(?:{_ESCAPE}){escape}")
        self._plain: dict[str, str] = dict(
            zip("FSTREP", (self._field, self._component, self._part, self._repetition, message.esc, "#"), strict=True)
        )
        self._encoding = encoding
        self._refused: list[str] = []

    def groups(self) -> Iterator[_Group]:
        """Yield the groups of segments, in order."""
        order: hl7.Segment | None = None
        group: _Group | None = None
        for segment in self._segments:
            kind = _kind(segment)
            if kind == "ORC":
                order = segment
            elif kind in ("OBR", "TXA") and not (group is not None and kind == "TXA" and not group.observations):
                if group is not None:
                    yield group
                group = _Group(segment, order)
                order = None
            elif kind == "OBX":
                group = group or _Group(None, order)
                group.observations.append(segment)
        if group is not None:
            yield group

    def text(self, group: _Group) -> str:
        """Return the text of a group; empty if it has none."""
        shown = [one for one in group.observations if self._value(one, 11).upper() not in _WITHDRAWN]
        runs = [(key, list(rows)) for key, rows in groupby(shown, self._heading)]
        several = len({key for key, _ in runs}) > 1
        lines: list[str] = []
        for heading, rows in runs:
            values = [value for row in rows if (value := self._observation(row)) is not None]
            text = "\n".join(values).strip("\n")
            if several and heading and text.strip() and not text.lstrip().lower().startswith(heading.lower()):
                text = f"{heading}:{chr(10) if chr(10) in text else ' '}{text}"
            lines.append(text)
        return "\n".join(lines).strip("\n")

    def _heading(self, segment: hl7.Segment) -> str:
        """Return the name of the kind of an observation, OBX-3."""
        code, _, rest = self._raw(segment, 3).partition(self._component)
        suffix = code.rpartition(self._part)[2].strip().upper()
        name = self._unescaped(rest.partition(self._component)[0]).strip().rstrip(":")
        return _SECTIONS.get(suffix, name)

    def _observation(self, segment: hl7.Segment) -> str | None:
        """Return the value of an OBX segment; None if it is no text."""
        kind = self._value(segment, 2).upper()
        raw = self._raw(segment, 5)
        values = raw.split(self._repetition) if raw != '""' else []
        if kind in _TEXT_TYPES:
            return "\n".join(map(self._unescaped, values))
        if kind == "ED":
            texts = [text for value in values if (text := self._document(value)) is not None]
            return "\n\n".join(texts) if texts else None
        if kind:
            self._refused.append(abridged(kind))
        return None

    def _document(self, value: str) -> str | None:
        """Return the text of an encapsulated document; None if it is of a kind without text."""
        parts = value.split(self._component)
        _, main, subtype, encoding, data = (*parts[:4], self._component.join(parts[4:])) if len(parts) > 4 else [""] * 5
        kind = kind_of_media_type(subtype) or kind_of_media_type(f"{main}/{subtype}") or kind_of_media_type(main)
        if kind is None:
            self._refused.append(f"ED of {abridged(subtype or main) or 'no type'}")
            return None
        content = self._unescaped(data)
        if encoding.strip().upper() in ("", "A"):
            return document_text(kind, content.encode(), "utf-8")
        return document_text(kind, _bytes(content, encoding))

    def name(self, group: _Group) -> str:
        """Return the filler's or placer's number, else the id of the message."""
        head, order = group.head, group.order
        if head is not None and _kind(head) == "OBR":
            numbers = [(head, 3), (head, 2)]
        else:
            numbers = [(head, 12), (head, 15), (head, 14)]
        found = [self._value(segment, n) for segment, n in (*numbers, (order, 3), (order, 2)) if segment is not None]
        return next(filter(None, (*found, self._value(self._segments[0], 10))), "message")

    def source(self, group: _Group) -> TextSource:
        """Return the data of the patient and the time of the examination."""
        patient = next((one for one in self._segments if _kind(one) == "PID"), None)
        head = group.head
        at = self._value(head, 7 if _kind(head) == "OBR" else 4) if head is not None else ""
        stamps = [at, *(self._value(one, 14) for one in group.observations)]
        effective = next((date for stamp in stamps if (date := fhir_date(stamp))), None)
        if patient is None:
            return TextSource(effective=effective)
        identifier = self._raw(patient, 3).split(self._repetition)[0].split(self._component)
        parts = [self._unescaped(part.split(self._part)[0]).strip()[:LONGEST_NAME] or None for part in identifier]
        birth = fhir_date(self._value(patient, 7))
        return TextSource(
            subject_identifier=parts[0],
            subject_system=parts[3] if len(parts) > 3 else None,
            effective=effective,
            sex=_SEXES.get(self._value(patient, 8).upper()),
            birth_date=birth[:10] if birth else None,
        )

    def reason(self) -> str:
        """Return the reason for which the message has no text."""
        kind = abridged(self._raw(self._segments[0], 9)) or "unknown"
        got = f"OBX of {', '.join(sorted(set(self._refused))[:5])}" if self._refused else "no OBX with text"
        allowed = "TX, FT, ST, and ED of text, HTML, RTF, PDF or DOCX"
        return f"the message of type {kind} has {got}; allowed: {allowed}; leave it out, or give the report as text"

    def _raw(self, segment: hl7.Segment, number: int) -> str:
        return str(segment[number]) if len(segment) > number else ""

    def _value(self, segment: hl7.Segment, number: int) -> str:
        """Return the first component of a field."""
        first = self._raw(segment, number).split(self._repetition)[0].split(self._component)[0]
        return self._unescaped(first).strip()

    def _unescaped(self, text: str) -> str:
        return _CONTROL.sub("", self._escapes.sub(self._character, text).replace("\r\n", "\n").replace("\r", "\n"))

    def _character(self, found: re.Match[str]) -> str:
        if found["plain"]:
            return self._plain[found["plain"]]
        if found["hex"]:
            digits = found["hex"]
            return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode(self._encoding, "replace")
        if not found["format"]:
            return ""
        count = abs(int(found["count"])) if found["count"].strip("+-") else 1
        repeated = min(count, _MOST_BLANK_LINES)
        signs = {"br": "\n", "ce": "\n", "sp": "\n" * repeated, "sk": " " * repeated}
        return signs.get(found["format"].lower(), "")


def _kind(segment: hl7.Segment) -> str:
    return str(segment[0]).strip().upper()


def _bytes(text: str, encoding: str) -> bytes:
    compact = "".join(text.split())
    try:
        match encoding.strip().upper():
            case "BASE64":
                return base64.b64decode(compact, validate=True)
            case "HEX":
                return bytes.fromhex(compact)
    except ValueError as error:
        raise UnreadableError(f"the document in OBX-5 is no valid {abridged(encoding)}; send it again") from error
    raise UnreadableError(f"the document in OBX-5 is encoded in '{abridged(encoding)}'; allowed: A, Base64, Hex")


def fhir_date(stamp: str) -> str | None:
    """Return a time stamp of HL7 v2 as a date or time of FHIR, which has a time only with its zone; None if invalid.

    >>> fhir_date("20260301083000+0100"), fhir_date("202603010830"), fhir_date("2026")
    ('2026-03-01T08:30:00+01:00', '2026-03-01', '2026')
    """
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone, zone_minutes = found.groups()
    try:
        datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    date = "-".join(filter(None, (year, month, day)))
    if not hour or not zone or not zone_minutes:
        return date
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}:{zone_minutes}"
