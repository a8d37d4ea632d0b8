"""Damaged files of every format: a reader returns texts that can be written, or a worded error."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
from pathlib import Path

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.attacks.attempt import CONTROL
from tests.attacks.mutations import mutations
from udt.core.errors import DataError
from udt.core.texts import fault_of_name, fault_of_text
from udt.io.readers import read_texts
from udt.io.rows import Skipped

ROWS = [{"id": f"case-{n}", "text": f"Leber: echoarmer Knoten, {n} cm. Keine Zyste."} for n in range(12)]


def _table(sign: str) -> bytes:
    return "".join(
        sign.join(f'"{cell}"' for cell in row) + "\r\n" for row in [ROWS[0], *(one.values() for one in ROWS)]
    ).encode()


def _parquet() -> bytes:
    target = io.BytesIO()
    size = pa.array([[{"mm": n, "at": None}] for n in range(12)])
    times = pa.array(range(12), pa.timestamp("ns"))
    texts = pa.array([row["text"] for row in ROWS]).dictionary_encode()
    table = pa.table({"id": [row["id"] for row in ROWS], "text": texts, "size": size, "time": times})
    pq.write_table(table, target, row_group_size=5)
    return target.getvalue()


def _docx() -> bytes:
    target = io.BytesIO()
    document = docx.Document()
    document.add_heading("Befund", 1)
    document.add_table(1, 2).rows[0].cells[1].text = ROWS[1]["text"]
    document.save(target)
    return target.getvalue()


def _fhir() -> bytes:
    data = base64.b64encode(ROWS[1]["text"].encode()).decode()
    form = {"contentType": "text/plain", "data": data}
    results = [{"reference": "#o"}]
    observation = {"resourceType": "Observation", "id": "o", "valueString": "Keine Zyste", "hasMember": results}
    report = {"resourceType": "DiagnosticReport", "id": "r", "presentedForm": [form], "subject": {"reference": "#p"}}
    other = {"resourceType": "DiagnosticReport", "id": "s", "result": results, "contained": [observation]}
    entries = [{"fullUrl": "urn:uuid:1", "resource": one} for one in (report, other)]
    return json.dumps({"resourceType": "Bundle", "entry": entries}).encode()


HL7 = (
    b"\x0bMSH|^~\\&|A|B|C|D|2026||ORU^R01|M1|P|2.5|||||||UNICODE UTF-8\rPID|1||4711||||19700102|F\r"
    b"OBR|1|P|F|||20260301\rOBX|1|TX|1&GDT||Leber: \\T\\ Knoten\\.br\\~b||||||F\r"
    b"OBX|2|ED|1&IMP||A^TEXT^^Base64^S2V5\r\x1c\r"
)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
SAMPLES = {
    "a.txt": "Liver: hypoechoic nodule, 2 cm. Größe normal.\n".encode(),
    "a.csv": _table(","),
    "a.tsv": _table("\t"),
    "a.jsonl": LINES,
    "a.parquet": _parquet(),
    "b.txt": "Leber: Größe normal. Knoten.".encode("cp1252"),
    "b.csv": _table(";").decode().encode("utf-16"),
    "a.docx": _docx(),
    "a.rtf": rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset134 A;}}\f0 \'b8\'ce Knoten\par\u228?{\*\x y}\cell z\row}",
    "a.html": b"<html><head><meta charset='latin1'></head><table><tr><td>Knoten<td>&auml;</table><!-- x --></html>",
    "a.md": b"# Leber\n\n* **Knoten** `a` [b](c)\n\n| a | b |\n|---|---|\n",
    "a.hl7": HL7 + HL7,
    "a.json": _fhir(),
    "a.txt.gz": gzip.compress(b"Liver: cyst.", mtime=0),
    "a.csv.gz": gzip.compress(_table(","), mtime=0) + gzip.compress(_table(","), mtime=0),
    "a.jsonl.gz": gzip.compress(LINES, mtime=0),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_valid(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SAMPLES[name])
    assert list(read_texts(tmp_path / name))


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files_are_read_or_worded(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for number, data in enumerate(mutations(SAMPLES[name], 150, seed=7)):
        path.write_bytes(data)
        skipped: list[Skipped] = []
        for item in read_texts(path, lines=bool(number % 2), on_error=skipped.append):
            assert fault_of_text(item.text) is None and fault_of_name(item.id) is None
        for fault in skipped:
            assert not CONTROL.intersection(str(fault)) and "Knoten" not in str(fault), fault
        if skipped:
            with pytest.raises(DataError):
                list(read_texts(path, lines=bool(number % 2)))


def test_rows_around_each_fault_of_a_row_are_read(tmp_path: Path) -> None:
    faulty = [
        '{"id": "\\ud800", "text": "a"}', '{"id": "a", "text": "\\udfff"}', '{"id": "a", "text": "a\\u0000b"}',
        '{"id": NaN, "text": "a"}', '{"id": 1e400, "text": "a"}', f'{{"id": {"9" * 5000}, "text": "a"}}',
        f'{{"id": "{"x" * 1001}", "text": "a"}}', '{"id": 1, "id": 2, "text": "a"}', '{"id": true, "text": "a"}',
        f'{{"id": {"[" * 100}{"]" * 100}, "text": "a"}}',
    ]  # fmt: skip
    good = '{"id": "g", "text": "liver"}'
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"{line}\n{good}\n" for line in faulty))
    skipped: list[Skipped] = []
    assert list(read_texts(path, on_error=skipped.append)) == [("g", "liver")] * len(faulty)
    assert [fault.place for fault in skipped] == [f"{path}:{2 * n + 1}" for n in range(len(faulty))]


def test_an_unreadable_value_of_parquet_is_a_fault_of_its_row(tmp_path: Path) -> None:
    texts = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffc")]
    )
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    skipped: list[Skipped] = []
    assert list(read_texts(tmp_path / "a.parquet", on_error=skipped.append)) == [("1", "a"), ("3", "c")]
    assert [fault.place.rpartition(":")[2] for fault in skipped] == ["2"]


@pytest.mark.parametrize(("name", "head", "unit"), [("a.jsonl", b'{"text": "', b"a"), ("a.csv", b"id,text\n1,", b"a")])
def test_too_long_a_line_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, head: bytes, unit: bytes
) -> None:
    monkeypatch.setattr("udt.io.rows.LONGEST_LINE", 1000)
    monkeypatch.setattr("udt.io.rows._CHUNK", 64)
    tail = b'{"text": "liver"}\n' if name == "a.jsonl" else b"2,liver\n"
    (tmp_path / name).write_bytes(head + unit * 5000 + b"\n" + tail)
    skipped: list[Skipped] = []
    assert [text for _, text in read_texts(tmp_path / name, on_error=skipped.append)] == ["liver"]
    assert "is longer than 1,000 bytes" in skipped[0].reason


def test_a_quote_that_is_never_closed_ends_with_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,text\n1,"liver\n' + "2,cyst\n" * 50)
    with pytest.raises(DataError, match=r"a\.csv:2: malformed row, which reaches to line 52"):
        list(read_texts(path))
    monkeypatch.setattr("udt.io.rows.LONGEST_LINE", 100)
    skipped: list[Skipped] = []
    assert len(list(read_texts(path, on_error=skipped.append))) > 20
    assert len(skipped) == 1


def test_too_long_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.core.texts.LONGEST_TEXT", 10)
    monkeypatch.setattr("udt.io.readers._LONGEST_FILE", 40)
    for content, message in ("x" * 11, "the text has 11 characters; allowed: 10"), ("x" * 41, "has more than 40 bytes"):
        (tmp_path / "a.txt").write_text(content)
        with pytest.raises(DataError, match=message):
            list(read_texts(tmp_path / "a.txt"))


def test_a_name_that_is_no_text_is_a_fault_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("liver")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.txt")).write_text("cyst")
    skipped: list[Skipped] = []
    assert list(read_texts(tmp_path, on_error=skipped.append)) == [("a", "liver")]
    assert "b\\udcff.txt: the name of the file holds half of a surrogate pair" in str(skipped[0])


def test_many_columns_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(["text"] * 100_000) + "\n")
    with pytest.raises(DataError, match="columns of the same name: text"):
        list(read_texts(tmp_path / "a.csv"))
