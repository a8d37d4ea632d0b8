"""Documents by their kind: bytes to text. The kind comes from a suffix, a media type or the first bytes."""

from __future__ import annotations

import codecs
import re

from udt.io.encodings import OnDetected, decoded, known_encoding
from udt.io.formats.docx import docx_text
from udt.io.formats.errors import LARGEST_DOCUMENT, UnreadableError
from udt.io.formats.html import declared_charset, html_text
from udt.io.formats.markdown import markdown_text
from udt.io.formats.pdf import pdf_text
from udt.io.formats.rtf import rtf_text

SUFFIXES = {
    ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".rtf": "rtf", ".docx": "docx", ".docm": "docx", ".pdf": "pdf",
}  # fmt: skip
"""Kind of document by suffix."""

_MEDIA_TYPES = {
    "text/plain": "text", "text": "text", "txt": "text", "plain": "text", "text/markdown": "markdown",
    "text/html": "html", "html": "html", "htm": "html", "application/xhtml+xml": "html", "text/rtf": "rtf",
    "application/rtf": "rtf", "rtf": "rtf", "application/pdf": "pdf", "pdf": "pdf", "docx": "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}  # fmt: skip
PREFERRED = ("text", "html", "markdown", "rtf", "docx", "pdf")
"""The kinds, those first that keep the text best."""

SIGNATURE_BYTES = 512
"""Bytes that `kind_of_bytes` needs."""

_SIGNATURES = (
    (re.compile(rb"%PDF-\d"), "pdf"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\\rtf"), "rtf"),
    (re.compile(rb"PK\x03\x04"), "docx"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "docx"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b", re.IGNORECASE), "html"),
    (re.compile(rb"(?:\xef\xbb\xbf)?[\x0b\s]*(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{1,4}\1"), "hl7"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{][^\0]{0,400}?\"resourceType\"\s*:"), "fhir"),
)


def kind_of_media_type(media_type: str) -> str | None:
    """Return the kind of a media type, with or without parameters, or of the name of a format; None if it is not read.

    >>> kind_of_media_type("Text/HTML; charset=utf-8")
    'html'
    """
    return _MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())


def charset_of_media_type(media_type: str) -> str | None:
    """Return the encoding that a media type states, or None if it states none that Python has."""
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", media_type, re.IGNORECASE)
    return _usable(found[1]) if found else None


def kind_of_bytes(head: bytes) -> str | None:
    """Return the kind of a file that begins with an unmistakable signature, `hl7` and `fhir` included, or None."""
    return next((kind for pattern, kind in _SIGNATURES if pattern.match(head)), None)


def document_text(kind: str, data: bytes, encoding: str | None = None, on_detected: OnDetected | None = None) -> str:
    """Return the text of a document.

    :param kind: a value of `SUFFIXES`.
    :param encoding: of text, Markdown and HTML; None for the declared or else the detected one.
    :raises UnreadableError: if it cannot be read.
    :raises EncodingError: if it cannot be decoded.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise UnreadableError(f"has more than {LARGEST_DOCUMENT:,} bytes; split it")
    match kind:
        case "pdf":
            return pdf_text(data)
        case "docx":
            return docx_text(data)
        case "rtf":
            return rtf_text(data.removeprefix(codecs.BOM_UTF8))
        case "html":
            return html_text(decoded(data, encoding or _declared(data), on_detected))
        case "markdown":
            return markdown_text(decoded(data, encoding, on_detected))
        case _:
            return decoded(data, encoding, on_detected)


def _declared(data: bytes) -> str | None:
    """Return the encoding that a page declares, unless a mark at its beginning gives another."""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    name = declared_charset(data)
    usable = _usable(name) if name else None
    return None if usable is None or usable.startswith("utf-16") else usable


def _usable(name: str) -> str | None:
    # Browsers read these names as Windows' code pages, which contain them.
    wider = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
    try:
        return known_encoding(wider.get(name.lower(), name))
    except ValueError:
        return None
