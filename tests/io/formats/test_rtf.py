"""RTF, against striprtf for what both read."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from striprtf.striprtf import rtf_to_text

from udt.io.formats.errors import UnreadableError
from udt.io.formats.rtf import rtf_text

WORD = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fnil\fcharset134 SimSun;}}
{\colortbl;\red0\green0\blue0;}{\stylesheet{\s1 heading 1;}}{\*\generator Msftedit 5.41;}
{\info{\author Dr Example}}{\header Clinic of Example\par}\viewkind4\uc1\pard\f0\fs20
{\b FINDINGS}\par
Liver: Gr\'f6\'dfe normal, 5\u8239?\'b5m.\line No cyst.\par
{\pict\wmetafile8 0100ffff}{\*\bkmkstart x}Spleen\tab 11 cm\par
}"""


def test_a_document_of_word() -> None:
    assert rtf_text(WORD.encode()) == ("FINDINGS\nLiver: Größe normal, 5\u202fµm.\nNo cyst.\nSpleen\t11 cm")
    assert _words(rtf_text(WORD.encode())) == _words(rtf_to_text(WORD).replace("Clinic of Example", ""))


def _words(text: str) -> list[str]:
    return re.split(r"[\s|]+", text.strip())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\u-10179?\u-8704?", "😀"), (r"\u228\'e4x", "äx"), (r"{\uc0\u228}x", "äx"), (r"\uc2\u228\'61\'62x", "äx"),
        (r"a\~b\_c\-d", "a b-cd"), (r"\{a\}\\", "{a}\\"), (r"a{\v hidden}b", "ab"), (r"a{\deleted gone}b", "ab"),
        (r"\v a\v0 b", "b"), 
        (r"\trowd Liver\cell normal\cell\row Spleen\cell cyst\cell\row", "Liver\tnormal\nSpleen\tcyst"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt shown}}", "shown"), (r"a{\*\unknown gone}b", "ab"),
        (r"a\'", "a"), (r"{\fonttbl{\f3\fcharset204 A;}}{\f3 \'cf\'ee}\'e4", "Поä"),
        (r"{\fonttbl{\f1\fcharset134 A;}}{\f1 \'b8\'ce\'d4\'e0}", "肝脏"), (r"a\bin4 {{{{b", "ab"),
        ("a\\\nb", "a\nb"), (r"a\page b", "a\n\nb"), (r"5 \endash  10", "5 – 10"), (r"a\sect b", "a\n\nb"),
    ],
)  # fmt: skip
def test_words_and_characters(body: str, text: str) -> None:
    assert rtf_text(rf"{{\rtf1\ansi {body}}}".encode()) == text


@pytest.mark.parametrize(("page", "data", "text"), [
    ("936", r"\'b8\'ce", "肝"), ("65001", r"\'c3\'a4", "ä"), ("1250", r"\'b3", "ł"), ("10000", r"\'8a", "ä"),
])  # fmt: skip
def test_code_pages(page: str, data: str, text: str) -> None:
    assert rtf_text(rf"{{\rtf1\ansi\ansicpg{page} {data}}}".encode()) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Liver.", r"is no RTF: it does not begin"), (b"", "is no RTF"), (rb"{\rtf1 Liver", "is cut short"),
        (b"{\\rtf1 " + b"{" * 5000, "is nested too deep; allowed: 1,000 groups"),
        (rb"{\rtf1\ansicpg12345 a}", "is RTF in the unknown code page 12345"),
    ],
)  # fmt: skip
def test_faults(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        rtf_text(data)


@settings(max_examples=150)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc", "Zs"]), max_size=60))
def test_texts_as_striprtf_reads_them(text: str) -> None:
    written = "".join(f"\\{c}" if c in "{}\\" else c if c.isascii() else f"\\u{ord(c)}?" for c in text)
    source = f"{{\\rtf1\\ansi\\uc1 <{written}>}}"
    assert rtf_text(source.encode()) == f"<{text}>" == rtf_to_text(source)


PARTS = [
    b"{", b"}", b"\\", b"'", b"*", b"u", b"-9", b"bin", b"\\u55296", b"\xff", b"a", b" ", b"\\uc9", b"\\fonttbl",
    b"\\f1", b"\\fcharset134", b"\\'b8", b"\\par",
]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_no_bytes_crash_it(parts: list[bytes]) -> None:
    with suppress(UnreadableError):
        rtf_text(b"{\\rtf1 " + b"".join(parts)).encode()
