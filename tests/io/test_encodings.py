"""Encodings of texts: the detected ones, the given ones, and those that are refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.core.errors import DataError
from udt.io.encodings import Detected, EncodingError, Utf8Reader, decoded, detect, known_encoding
from udt.io.readers import read_texts
from udt.io.rows import Skipped

Written = Callable[[str, object], Path]

WESTERN = [
    "Leber: Größe normal, homogen. Kein Knoten.", "Größe normal", "liver ä", '{"text": "Größe"}',
    "Größe der Gefäße: öäü",
    "Foie de taille normale, échogénicité homogène, pas de lésion focale.",
    "Hígado de tamaño normal. Riñón derecho con quiste.", "Fígado de dimensões normais, sem lesões.",
    "Liver: cyst 5 × 3 mm, 30° angle. The patient’s kidney – normal.", "cyst 5 × 3 mm", "20 µm", "Länge 5 cm\r\nöl",
]  # fmt: skip
CHINESE = [
    "肝脏大小形态正常，包膜光滑，实质回声均匀。",
    "肝囊肿",
    "胆囊：未见结石",
    "双肾大小正常",
    "B超检查",
    "CT示肝囊肿2cm，MRI",
    "id,text\n1,左肾囊肿约2.0cm×1.5cm\n",
]


@pytest.mark.parametrize("text", WESTERN)
def test_western_texts(text: str) -> None:
    notes: list[str] = []
    assert decoded(text.encode("cp1252"), on_detected=notes.append) == text and notes == ["cp1252"]
    assert decoded(text.encode(), on_detected=notes.append) == text and len(notes) == 1


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_texts(text: str) -> None:
    notes: list[str] = []
    assert decoded(text.encode("gb18030"), on_detected=notes.append) == text and notes == ["gb18030"]
    assert decoded(text.encode(), on_detected=notes.append) == text and len(notes) == 1


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_texts_with_and_without_a_mark(codec: str) -> None:
    assert decoded("Liver: Größe 5 µm.".encode(codec)) == "Liver: Größe 5 µm."
    assert decoded("肝囊肿 5 cm, normal".encode(codec)) == "肝囊肿 5 cm, normal"


@pytest.mark.parametrize(
    "data",
    [
        "Печень не увеличена, контуры ровные.".encode("cp1251"), "肝臓は正常大です。のう胞".encode("shift_jis"),
        bytes(range(128, 256)) * 3, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), b"\x81\x8d\x8f liver",
    ],
)  # fmt: skip
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(EncodingError, match=r"nor surely another encoding; give it with encoding \(--encoding\)"):
        decoded(data)


def test_damaged_utf_8_is_not_taken_for_another_encoding() -> None:
    with pytest.raises(EncodingError, match="not UTF-8 at byte 17 of the file"):
        decoded("Größe der Leber".encode() + b"\xe4 n\xc3\xb6")
    assert detect("肝囊肿".encode()[:-1]) == "utf-8"


def test_a_given_encoding_has_precedence() -> None:
    assert decoded("Печень".encode("cp1251"), "cp1251") == "Печень"
    with pytest.raises(EncodingError, match="not valid ascii at byte 2 of the file; repair it"):
        decoded(b"Gr\xf6\xdfe", "ascii")
    assert known_encoding("Latin1") == "iso8859-1" and known_encoding("GBK") == "gbk"
    for name in ("foo", "hex", "base64", "a\0b", ""):
        with pytest.raises(EncodingError, match="there is no encoding"):
            known_encoding(name)
    with pytest.raises(DataError, match="there is no encoding 'foo'; give one that Python has"):
        list(read_texts("x.txt", encoding="foo"))


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\0"), max_size=200)


@settings(max_examples=100)
@given(text=_texts, codec=st.sampled_from(["gb18030", "utf-16", "utf-32", "utf-8"]), size=st.integers(1, 9))
def test_a_stream_is_decoded_piece_by_piece(text: str, codec: str, size: int) -> None:
    class Slow(io.BytesIO):
        def read1(self, _: int | None = -1) -> bytes:
            return super().read(size)

    stream = Utf8Reader(Slow(text.encode(codec)), codec)
    assert stream.read().decode().lstrip("\ufeff") == text


def test_invalid_bytes_of_a_stream_are_a_fault_of_their_row(written: Written) -> None:
    rows = ["id,text", "1,肝囊肿", "2,\ufffd", "3,胆囊"]
    data = "\n".join(rows).encode("gb18030").replace("\ufffd".encode("gb18030"), b"\xff\xff")
    skipped: list[Skipped] = []
    assert list(read_texts(written("a.csv", data), encoding="gb18030", on_error=skipped.append)) == [
        ("1", "肝囊肿"), ("3", "胆囊"),
    ]  # fmt: skip
    assert str(skipped[0]).endswith(
        "a.csv:3: not valid gb18030; repair it, or give its encoding with encoding (--encoding)"
    )


@pytest.mark.parametrize(("codec", "detected"), [("cp1252", "cp1252"), ("utf-16", "utf-16-le"), ("utf-8-sig", None)])
def test_every_kind_of_file_is_decoded_with_a_note(written: Written, codec: str, detected: str | None) -> None:
    text = "Leber: Größe normal"
    files = {
        "a.txt": text, "a.md": f"# {text}", "a.html": f"<p>{text}</p>", "a.csv": f"id,text\na,{text}\n",
        "a.tsv": f"id\ttext\na\t{text}\n", "a.jsonl": f'{{"id": "a", "text": "{text}"}}\n',
        "a.json": f'[{{"id": "a", "text": "{text}"}}]', "a.hl7": f"MSH|^~\\&|A\rOBR|1||a\rOBX|1|TX|||{text}\r",
    }  # fmt: skip
    for name, content in files.items():
        notes: list[Detected] = []
        path = written(name, content.encode(codec))
        assert list(read_texts(path, on_detected=notes.append)) == [("a", text)], name
        assert notes == ([] if detected is None else [Detected(str(path), detected)]), name
        assert list(read_texts(path, encoding=codec)) == [("a", text)], name
    assert detected is None or f"read as {detected}, which was detected" in str(notes[0])


def test_the_encoding_that_a_page_declares(written: Written) -> None:
    page = '<meta charset="{}"><p>{}</p>'
    for name, codec, text in (
        ("windows-1251", "cp1251", "Печень"),
        ("gb2312", "gb18030", "肝"),
        ("nonsense", "utf-8", "ä"),
    ):
        assert list(read_texts(written("a.html", page.format(name, text).encode(codec)))) == [("a", text)]
    assert (
        list(read_texts(written("a.html", page.format("utf-8", "Größe").encode("cp1252")), on_error=lambda _: None))
        == []
    )
