from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tempfile
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.core.errors import DataError
from udt.io.readers import RowItem, TextItem, read_texts
from udt.io.rows import Skipped

Written = Callable[[str, object], Path]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
rows = st.lists(st.tuples(st.text("abcäß-_.1 ", min_size=1, max_size=8), texts), min_size=1, max_size=8)


def _write_csv(path: Path, pairs: list[tuple[str, str]], delimiter: str) -> None:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("id", "text"), *pairs])
    path.write_bytes(target.getvalue().encode())


def _write_jsonl(path: Path, pairs: list[tuple[str, str]]) -> None:
    path.write_text("".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in pairs))


def _write_parquet(path: Path, pairs: list[tuple[str, str]]) -> None:
    pq.write_table(pa.table({"id": [i for i, _ in pairs], "text": [t for _, t in pairs]}), path, row_group_size=3)


@settings(max_examples=40)
@given(pairs=rows)
def test_rows_of_a_table_round_trip(pairs: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _write_csv(base / "a.csv", pairs, ",")
        _write_csv(base / "a.tsv", pairs, "\t")
        _write_jsonl(base / "a.jsonl", pairs)
        _write_parquet(base / "a.parquet", pairs)
        (base / "b.jsonl.gz").write_bytes(gzip.compress((base / "a.jsonl").read_bytes()))
        for path in base.iterdir():
            assert list(read_texts(path)) == pairs, path.suffix


@settings(max_examples=40)
@given(text=texts.filter(lambda t: t.strip() and not t.startswith("\ufeff")), mark=st.booleans())
def test_a_text_file_gives_its_exact_text(text: str, mark: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case 1.v2.txt"
        path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + text.encode())
        assert list(read_texts(path)) == [TextItem("case 1.v2", text)]


@settings(max_examples=60)
@given(data=st.binary(max_size=200), suffix=st.sampled_from([".txt", ".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz"]))
def test_no_bytes_crash_a_reader(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        path.write_bytes(data)
        skipped: list[Skipped] = []
        for item in read_texts(path, on_error=skipped.append):
            item.text.encode()
        if skipped:
            with pytest.raises(DataError):
                list(read_texts(path))


def test_a_folder_is_read_in_order_with_relative_names(written: Written, tmp_path: Path) -> None:
    written("in/b.txt", "B")
    written("in/a/2.txt", "A2")
    written("in/a/1.txt", "A1")
    written("in/image.jpg", "not read")
    assert list(read_texts(tmp_path / "in")) == [("a/1", "A1"), ("a/2", "A2"), ("b", "B")]


def test_lines_are_texts_named_by_number(written: Written) -> None:
    assert list(read_texts(written("x.txt", "one\r\n\n two \nthree"), lines=True)) == [
        ("1", "one"),
        ("3", " two "),
        ("4", "three"),
    ]


def test_a_named_pipe_is_text(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_text("liver"))
    writer.start()
    assert list(read_texts(path)) == [("pipe", "liver")]
    writer.join()


@pytest.mark.parametrize("column", ["text", "report", "caption", "findings", "Findings"])
def test_the_usual_text_columns_are_found(written: Written, column: str) -> None:
    assert list(read_texts(written("x.csv", f"a,{column}\n1,liver\n"))) == [("1", "liver")]


@pytest.mark.parametrize(("columns", "name"), [("case_id,id", "I"), ("Case_ID,x", "C"), ("x,y", "1")])
def test_the_usual_id_columns_are_found(written: Written, columns: str, name: str) -> None:
    values = {"case_id": "C", "Case_ID": "C", "id": "I"}
    row = ",".join(values.get(c, "-") for c in columns.split(","))
    assert list(read_texts(written("x.csv", f"{columns},text\n{row},liver\n"))) == [(name, "liver")]


def test_named_columns_win(written: Written) -> None:
    path = written("x.jsonl", [{"id": 1, "key": 7, "text": "no", "impression": "yes"}])
    assert list(read_texts(path, text_column="impression", id_column="key")) == [("7", "yes")]


def test_a_quoted_field_may_hold_lines_and_be_long(written: Written) -> None:
    text = "liver\r\n" * 50_000
    assert list(read_texts(written("x.csv", f'id,text\n7,"{text}"\n'))) == [("7", text)]


FAULTS = {
    "missing": ("gone.txt", None, "gone.txt: no such file or folder; check the path"),
    "suffix": ("a.xyz", "x", "a.xyz: has the suffix '.xyz' and does not begin as a known format; allowed: .txt, .text"),
    "no suffix": ("report", "x", "if it is a text, pipe it: udt normalize - < FILE"),
    "old Word": ("a.doc", "x", "has the suffix '.doc' and does not begin as a known format"),
    "workbook": ("a.xlsx", b"PK\x03\x04", ".parquet; save the sheet as CSV"),
    "image": ("a.JPG", b"\xff\xd8", "has the suffix '.jpg'"),
    "empty text": ("a.txt", " \n", "a.txt: is empty"),
    "empty csv": ("a.csv", "", "a.csv: is empty"),
    "header only": ("a.csv", "id,text\n", "a.csv: is empty"),
    "empty jsonl": ("a.jsonl", "\n\n", "a.jsonl: is empty"),
    "text not utf-8": ("a.txt", b"liver \xc3\xa4\xe4", "a.txt: not UTF-8 at byte 8 of the file"),
    "csv not utf-8": ("a.csv", b"id,text\n1,\xc3\xa4\n2,\xe4\n", "a.csv:3: not UTF-8 at byte 15 of the file"),
    "jsonl not utf-8": (
        "a.jsonl",
        b'{"text": "\xc3\xa4"}\n{"text": "\xe4"}\n',
        "a.jsonl:2: not UTF-8 at byte 25 of the",
    ),
    "cut utf-16": ("a.txt", "liver".encode("utf-16")[:-1], "a.txt: not valid utf-16-le at byte 10"),
    "bad json file": ("a.json", '{"text": "a",\n x', "a.json: not valid JSON at line 2, column 2 ("),
    "two keys": ("a.json", '{"text": "a", "text": "b"}', "a.json: not valid JSON: an object has the key 'text' twice"),
    "empty json": ("a.json", "[]", "a.json: is empty; give at least one row of data"),
    "json of numbers": ("a.json", "[1]", "a.json:1: is no JSON object; allowed: resources of FHIR"),
    "patients": ("a.json", '{"resourceType": "Patient"}', "a.json: holds no report (it holds Patient)"),
    "docx": ("a.docx", "x", "a.docx: is no readable DOCX"),
    "rtf": ("a.rtf", "x", "a.rtf: is no RTF"),
    "pdf": ("a.pdf", "x", "a.pdf: is no readable PDF"),
    "hl7": ("a.hl7", "x", "a.hl7: holds no HL7 v2 message"),
    "html": ("a.html", "<p></p>", "a.html: is empty"),
    "missing column": (
        "a.csv",
        "id,note\n1,x\n",
        "a.csv: has no column of texts; looked for text, report, caption, findings",
    ),
    "names columns": ("a.csv", "id,note\n1,x\n", "it has id, note"),
    "several columns": (
        "a.csv",
        "text,report\nx,y\n",
        "a.csv: has several columns that may hold the text (text, report)",
    ),
    "quotes": ("a.csv", 'id,text\n1,"a"b\n', "a.csv:2: malformed row"),
    "short row": ("a.csv", "id,text\n1,x\n2\n", "a.csv:3: has 1 fields, but the header has 2"),
    "line of a long row": ("a.csv", 'id,text\n1,"a\nb"\n2\n', "a.csv:4: has 1 fields"),
    "same columns": ("a.csv", "text,text\n1,x\n", "a.csv: the header has columns of the same name: text"),
    "bad json": ("a.jsonl", '{"text": "a"}\n{"text": liver}\n', "a.jsonl:2: not valid JSON at column 10"),
    "deep json": ("a.jsonl", "[" * 100_000, "a.jsonl:1: not valid JSON (nested too deep; allowed: 64 levels)"),
    "no object": ("a.jsonl", "[1]\n", "a.jsonl:1: is a list; put one JSON object on each line"),
    "later key missing": ("a.jsonl", '{"text": "a"}\n{"note": "b"}\n', "a.jsonl:2: has no 'text'; it has note"),
    "null text": ("a.jsonl", '{"text": null}\n', "a.jsonl:1: 'text' is null; it has to be a text"),
    "number": ("a.jsonl", '{"text": 5}\n', "a.jsonl:1: 'text' is a number; it has to be a text"),
    "bad id": ("a.jsonl", '{"id": [1], "text": "a"}\n', "a.jsonl:1: 'id' is a list; it has to be a text or a number"),
    "surrogate": ("a.jsonl", '{"text": "\\ud800"}\n', "a.jsonl:1: 'text' holds half of a surrogate pair"),
    "not parquet": ("a.parquet", "PAR1", "a.parquet: not a readable Parquet file"),
    "not gzip": ("a.csv.gz", "id,text\n1,x\n", "a.csv.gz: cannot be read (damaged, or cut short)"),
    "cut gzip": ("a.csv.gz", gzip.compress(b"id,text\n1,x\n")[:-9], "a.csv.gz: cannot be read (damaged, or cut short)"),
}


@pytest.mark.parametrize(("name", "content", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_reported_and_can_be_skipped(
    written: Written, tmp_path: Path, name: str, content: str | bytes | None, message: str
) -> None:
    path = tmp_path / name if content is None else written(name, content)
    with pytest.raises(DataError) as caught:
        list(read_texts(path))
    assert message in str(caught.value)
    skipped: list[Skipped] = []
    list(read_texts(path, on_error=skipped.append))
    assert message in str(skipped[0])


def test_a_missing_column_is_named(written: Written) -> None:
    path = written("a.csv", "id,text\n1,x\n")
    with pytest.raises(DataError, match=r"a\.csv: has no column called 'note'; it has id, text; change text_column"):
        list(read_texts(path, text_column="note"))
    with pytest.raises(DataError, match=r"has no column called 'uid'.*change id_column"):
        list(read_texts(path, id_column="uid"))


def test_rows_around_a_fault_are_read(written: Written) -> None:
    path = written("a.csv", b'id,text\n1,\xc3\xa4\n2,\xe4\n3\n4,"x"y\n5,e\n')
    skipped: list[Skipped] = []
    assert list(read_texts(path, on_error=skipped.append)) == [("1", "ä"), ("5", "e")]
    assert [one.place.rpartition(":")[2] for one in skipped] == ["3", "4", "5"]


def test_reading_a_folder_continues_after_a_faulty_file(written: Written, tmp_path: Path) -> None:
    written("in/a.txt", b"\0")
    written("in/b.txt", "B")
    skipped: list[Skipped] = []
    assert list(read_texts(tmp_path / "in", on_error=skipped.append)) == [("b", "B")]
    assert len(skipped) == 1
    (tmp_path / "void").mkdir()
    with pytest.raises(DataError, match=r"the folder holds no file of \.txt, \.text, \.md"):
        list(read_texts(tmp_path / "void"))


def test_no_message_quotes_a_text(written: Written) -> None:
    secret = "Mrs Example has a hypoechoic mass of the left breast, 2 cm, seen today"
    paths = [written("a.csv", f"{secret.replace(',', ';')}\nx\n"), written("b.jsonl", secret), Path(secret)]
    for path in paths:
        with pytest.raises(DataError) as caught:
            list(read_texts(path))
        assert "Mrs" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_memory_is_constant(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"big{suffix}"
    pairs = [(str(i), "liver " * 50) for i in range(20_000)]
    if suffix == ".parquet":
        _write_parquet(path, pairs)
    elif suffix == ".csv":
        _write_csv(path, pairs, ",")
    else:
        _write_jsonl(path, pairs)
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_texts(path)) == len(pairs)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_columns_of_a_row_are_kept_if_asked(written: Written, tmp_path: Path) -> None:
    row = {"id": "7", "text": "liver", "ward": "A"}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    sources = [tmp_path / "a.parquet", written("a.jsonl", [row]), written("a.csv", "id,text,ward\n7,liver,A\n")]
    for source in sources:
        (item,) = read_texts(source, keep_columns=True)
        assert isinstance(item, RowItem) and item == ("7", "liver") and item.cells == row
        assert not isinstance(next(read_texts(source)), RowItem)
    (item,) = read_texts(written("a.txt", "liver"), keep_columns=True)
    assert not isinstance(item, RowItem)
