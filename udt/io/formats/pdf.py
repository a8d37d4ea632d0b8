"""The text layer of PDF files, page by page."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from udt.core.texts import LONGEST_TEXT
from udt.io.formats.errors import UnreadableError, optional_package

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 1000
"""Pages of one file."""

_DAMAGE = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError, OSError,
    RecursionError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
_OCR = "recognise its text first, e.g. with ocrmypdf, or give the report as text"


def pdf_text(data: bytes) -> str:
    """Return the text of a file; pages are separated by an empty line.

    :raises UnreadableError: if it is damaged or encrypted, has no text or too many pages, or pypdf is not installed.
    """
    with optional_package("pypdf", "documents", "a PDF file"):
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, DeprecationError, PyPdfError

    with _quiet():
        try:
            return "\n\n".join(_pages(PdfReader(io.BytesIO(data), strict=False)))
        except UnreadableError:
            raise
        except (DependencyError, DeprecationError, PyPdfError, *_DAMAGE) as error:
            again = "write it again, or give another format"
            raise UnreadableError(f"is no readable PDF ({type(error).__name__}); {again}") from error


def _pages(reader: PdfReader) -> Iterator[str]:
    _decrypt(reader)
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise UnreadableError(f"has {count:,} pages; allowed: {MOST_PAGES:,}; split it")
    size = 0
    for page in reader.pages:
        text = page.extract_text().strip()
        size += len(text)
        if size > LONGEST_TEXT:
            raise UnreadableError(f"has more than {LONGEST_TEXT:,} characters, too many for one text; split it")
        if text:
            yield text
    if not size:
        pages = "1 page" if count == 1 else f"{count:,} pages"
        raise UnreadableError(f"has {pages} without text, so it may be a scan; {_OCR}")


def _decrypt(reader: PdfReader) -> None:
    """Open a file that is encrypted without a password for reading."""
    from pypdf.errors import DependencyError

    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except DependencyError:
        opened = False
    if not opened:
        raise UnreadableError("is encrypted; save it without a password, or give the report as text")


@contextmanager
def _quiet() -> Iterator[None]:
    """Disable the log of pypdf, which has the faults that it repairs, with parts of the file."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
