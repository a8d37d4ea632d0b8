"""PDF files, written here object by object."""

from __future__ import annotations

import io
import logging
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from udt.io.formats.errors import UnreadableError
from udt.io.formats.pdf import pdf_text


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Return a file with pages of lines."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for n, lines in enumerate(pages):
        shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
        data = zlib.compress(f"BT /F1 11 Tf 50 750 Td {shown} ET".encode("cp1252") if lines else b"")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(data), data))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


PAGES = [["FINDINGS", "Liver: Größe normal."], [], ["IMPRESSION", "No cyst."]]


def encrypted(password: str) -> bytes:
    made = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(PAGES))))
    made.encrypt(password, "owner", algorithm="RC4-128")
    target = io.BytesIO()
    made.write(target)
    return target.getvalue()


def test_pages_and_lines() -> None:
    assert pdf_text(pdf(PAGES)) == "FINDINGS\nLiver: Größe normal.\n\nIMPRESSION\nNo cyst."


def test_a_file_that_only_limits_printing_is_read() -> None:
    assert "No cyst." in pdf_text(encrypted(""))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([[], []]), "has 2 pages without text, so it may be a scan; recognise its text first"),
        (pdf([[]]), "has 1 page without text"),
        (encrypted("secret"), "is encrypted; save it without a password"),
        (b"%PDF-1.4", r"is no readable PDF \(\w+\); write it again"), (b"", "is no readable PDF"),
        (pdf(PAGES)[:300], "is no readable PDF"),
        (pdf(PAGES).replace(b"/FlateDecode", b"/Fl         "), r"is no readable PDF \(DeprecationError\)"),
    ],
    ids=["two-pages-without-text", "page-without-text", "encrypted", "header-only", "empty", "cut", "odd-filter"],
)  # fmt: skip
def test_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        pdf_text(data)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.io.formats.pdf.MOST_PAGES", 2)
    with pytest.raises(UnreadableError, match="has 3 pages; allowed: 2; split it"):
        pdf_text(pdf(PAGES))
    monkeypatch.setattr("udt.io.formats.pdf.LONGEST_TEXT", 5)
    with pytest.raises(UnreadableError, match="has more than 5 characters"):
        pdf_text(pdf([["Liver: cyst."]]))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 800), st.binary(max_size=8)), min_size=1, max_size=4))
def test_damage_is_read_or_worded(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(pdf(PAGES))
    for at, new in changes:
        data[at : at + len(new)] = new
    try:
        pdf_text(bytes(data)).encode()
    except UnreadableError as error:
        assert "Liver" not in str(error)


def test_the_log_of_the_library_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    data = pdf(PAGES).replace(b"0000000009", b"0000000100")
    with caplog.at_level(logging.DEBUG):
        assert [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
        assert "ref repaired" in caplog.text
        caplog.clear()
        pdf_text(data)
    assert caplog.records == []


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    with pytest.raises(UnreadableError, match=r"is a PDF file, which needs pypdf, .*'udt-toolkit\[documents\]'"):
        pdf_text(pdf(PAGES))
