"""DOCX files, made with python-docx and by hand."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest

from udt.io.formats.docx import docx_text
from udt.io.formats.errors import UnreadableError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def archive(body: str, name: str = "word/document.xml", namespace: str = W, head: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, f"{head}<w:document {namespace} {MC}><w:body>{body}</w:body></w:document>")
    return target.getvalue()


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_paragraphs_headings_lists_and_tables_in_order() -> None:
    document = docx.Document()
    document.add_heading("Findings", 1)
    document.add_paragraph("Liver: Größe normal.")
    document.add_paragraph("No cyst.\tNo mass.\nNo stone.")
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("Spleen", "11 cm", "Kidney", "normal"), strict=True
    ):
        cell.text = text
    table.rows[0].cells[1].add_paragraph("no cyst")
    document.add_paragraph("")
    document.add_paragraph("Simple cyst", style="List Bullet")
    document.add_heading("Impression", 2)
    document.add_paragraph("Benign.")
    target = io.BytesIO()
    document.save(target)
    text = docx_text(target.getvalue())
    assert text == (
        "Findings\n\nLiver: Größe normal.\nNo cyst.\tNo mass.\nNo stone.\nSpleen\t11 cm\nno cyst\nKidney\tnormal\n\n"
        "Simple cyst\n\nImpression\n\nBenign."
    )
    expected = [paragraph.text for paragraph in document.paragraphs if paragraph.text]
    position = -1
    for one in expected:
        position = text.index(one, position + 1)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p("a") + p("") + p("b"), "a\n\nb"),
        (f"<w:sdt><w:sdtContent>{p('field')}</w:sdtContent></w:sdt>{p('after')}", "field\nafter"),
        ("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>",
         "new"),
        ("<w:p><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        ("<w:p><w:r><w:t>iso</w:t><w:noBreakHyphen/><w:t>echoic</w:t></w:r></w:p>", "iso-echoic"),
        ("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        (p("one", "<w:numPr/>") + p("", "<w:numPr/>") + p("two"), "- one\n\ntwo"),
        (p("Part", '<w:outlineLvl w:val="1"/>') + p("b"), "Part\n\nb"),
        (f"<mc:AlternateContent><mc:Choice>{p('a')}</mc:Choice><mc:Fallback>{p('a')}</mc:Fallback>"
         "</mc:AlternateContent>", "a"),
        ('<w:p><w:r><w:t>a &amp; b &lt; 5</w:t></w:r></w:p>', "a & b < 5"),
    ],
)  # fmt: skip
def test_elements(body: str, text: str) -> None:
    assert docx_text(archive(body)) == docx_text(archive(body, namespace=STRICT)) == text


FAULTS = {
    "no archive": (b"Liver: cyst.", r"is no readable DOCX \(BadZipFile\); save it again as DOCX, or as PDF or text"),
    "cut": (archive(p("a"))[:200], "is no readable DOCX"),
    "old": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "is an encrypted document, or one of Word before 2007"),
    "other": (archive(p("a"), "content.xml"), r"is no DOCX: its archive has no word/document\.xml"),
    "no XML": (archive("<w:p>"), r"is damaged: word/document\.xml is no XML at line 1"),
    "deep": (archive("<w:p>" * 5000), "is nested too deep; allowed: 256 elements"),
    "entities": (archive("&x;", head='<!DOCTYPE d [<!ENTITY x "xx">]>'), "has a document type, which no DOCX has"),
    "byte": (archive(p("abc")).replace(b"PK\x01\x02", b"PK\x09\x02"), "is no readable DOCX"),
}


@pytest.mark.parametrize(("data", "reason"), FAULTS.values(), ids=FAULTS)
def test_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        docx_text(data)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.io.formats.docx.LARGEST_DOCUMENT", 100_000)
    bomb = archive("<w:p/>" * 50_000)
    assert len(bomb) < 5_000
    with pytest.raises(UnreadableError, match=r"has a part of 300,\d+ bytes; allowed: 100,000; split it"):
        docx_text(bomb)
    monkeypatch.setattr("udt.io.formats.docx.LONGEST_TEXT", 10)
    with pytest.raises(UnreadableError, match="has more than 10 characters"):
        docx_text(archive(p("x" * 11)))
    monkeypatch.setattr("udt.io.formats.docx.MOST_PARTS", 0)
    with pytest.raises(UnreadableError, match="has 1 parts; allowed: 0"):
        docx_text(archive(p("x")))
