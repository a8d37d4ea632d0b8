"""Odd files and arguments for the commands that read files: a result or a worded error, without text of a report."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.attacks.attempt import Attempt, check_worded, run_udt

SECRET = "Mrs Example has a hypoechoic mass"
_ROW = {"id": "a", "case": "a", "text": "Liver cyst.", "caption": "Liver cyst.", "labels": {"organ": ["Liver"]}}

Content = bytes | Callable[[Path], object]


def attempts() -> list[Attempt]:
    """Return the attacks of this area."""
    return [*_normalize(), *_import(), *_gold(), *_graph()]


def _run(
    name: str, file: str, content: Content, *arguments: str, status: tuple[int, ...] = (1,), text: bytes = b""
) -> Attempt:
    """Return an attack of one command on one file.

    :param content: of the file, or a function that makes it.
    :param status: the exit status that it may have.
    """

    def run(folder: Path) -> None:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(file)))
        if callable(content):
            content(path)
        else:
            path.write_bytes(content)
        done = run_udt(*arguments, folder=folder, text=text)
        check_worded(done, [SECRET, "Mrs Example"])
        assert done.returncode in status, f"status {done.returncode}: {done.stderr[-500:]!r}"
        if done.returncode == 0 and "--out" not in arguments:
            done.stdout.decode()

    return Attempt(name, run)


def _rows(*changes: dict[str, object], good: int = 1) -> bytes:
    """Return JSON lines: rows with changes, and sound ones after them."""
    rows = [{**_ROW, **change} for change in changes] + [_ROW] * good
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _parquet(columns: dict[str, object]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, row_group_size=2)
    return target.getvalue()


def _not_utf8() -> bytes:
    offsets = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0")
    return _parquet({"text": pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"a\xff")])})


def _bomb(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        for _ in range(300):
            file.write(b"a" * 2**20)


def _tree(path: Path) -> None:
    (path / "inner" / ".hidden").mkdir(parents=True)
    for name in ("a.txt", "b.TXT", "c.md", "d", "inner/e.csv", "inner/.hidden/f.txt"):
        (path / name).write_text("Liver cyst.")
    (path / "loop.txt").symlink_to("loop.txt")
    (path / "inner" / "up").symlink_to(path)
    os.mkfifo(path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path / "s"))


def _deep(path: Path) -> None:
    (path / "/".join("x" * 300)).mkdir(parents=True)


_deep_json = b"[" * 50_000
_HL7 = b"MSH|^~\\&|A|B|C|D|2026||ORU^R01|M1|P|2.5\rOBR|1||F1\r"
_WORDML = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PDF_CIRCLE = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>\n"
    b"endobj\ntrailer\n<</Size 3/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)


def _zip(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return target.getvalue()


def _docx(body: str, head: str = "") -> bytes:
    content = f"{head}<w:document {_WORDML}><w:body>{body}</w:body></w:document>"
    return _zip("word/document.xml", content.encode())


def _form(data: str, media_type: str = "text/plain") -> bytes:
    form = {"contentType": media_type, "data": data}
    return json.dumps({"resourceType": "DiagnosticReport", "presentedForm": [form]}).encode()


def _circle() -> bytes:
    """Return a report whose results have each other as members."""
    members = [{"reference": f"Observation/{n}"} for n in range(100)]
    results = [
        {"resourceType": "Observation", "id": str(n), "valueString": f"Cyst {n}.", "hasMember": members}
        for n in range(100)
    ]
    report = {"resourceType": "DiagnosticReport", "id": "a", "result": members}
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in (report, *results)]}).encode()


def _normalize() -> Iterator[Attempt]:
    command = "normalize"
    skip = ("--on-error", "skip")
    text = SECRET.encode()
    for name, file, content in (
        ("empty text", "a.txt", b""),
        ("blank text", "a.txt", b" \n\t\xe2\x80\x83"),
        ("text in UTF-16, cut", "a.txt", SECRET.encode("utf-16")[:-1]),
        ("text in Cyrillic of one byte", "a.txt", text + "Печень не увеличена, контуры".encode("cp1251")),
        ("text with NUL", "a.txt", text + b"\0"),
        ("half of a surrogate pair in UTF-8", "a.txt", text + b"\xed\xa0\x80"),
        ("text of 45 MB", "a.txt", b"a" * 45_000_000),
        ("table without header", "a.csv", text + b"\n"),
        ("table with a quote that is never closed", "a.csv", b'id,text\n1,"' + text + b"\n2,cyst\n"),
        ("table with a column twice", "a.csv", b"id,text,text\n1,a,b\n"),
        ("table of 100,000 columns of one name", "a.csv", b"text," * 100_000 + b"\n"),
        ("table of 100,000 columns", "a.csv", ",".join(map(str, range(100_000))).encode() + b"\n"),
        ("table with a short row", "a.csv", b"id,text\n1\n"),
        ("table with a long row", "a.csv", b"id,text\n1,a,b\n"),
        ("table with carriage returns alone", "a.csv", b"id,text\r1,a\r"),
        ("table in UTF-16, cut", "a.csv", f"id,text\n1,{SECRET}\n".encode("utf-16")[:-1]),
        ("table with NUL", "a.csv", b"id,text\n1,a\0b\n"),
        ("lines that are no JSON", "a.jsonl", text),
        ("lines nested 50,000 levels", "a.jsonl", _deep_json),
        ("lines with a list", "a.jsonl", b"[1]\n"),
        ("lines with NaN", "a.jsonl", b'{"id": NaN, "text": "a"}\n'),
        ("lines with a key twice", "a.jsonl", b'{"text": "a", "text": "b"}\n'),
        ("lines with a number of 10,000 digits", "a.jsonl", b'{"id": ' + b"9" * 10_000 + b', "text": "a"}\n'),
        ("lines with half of a surrogate pair", "a.jsonl", _rows({"text": "\ud800"})),
        ("lines with half of a surrogate pair in an id", "a.jsonl", _rows({"id": "\udfff"})),
        ("lines with NUL in an id", "a.jsonl", _rows({"id": "a\0"})),
        ("lines with an id of 5,000 characters", "a.jsonl", _rows({"id": SECRET * 150})),
        ("lines with control characters in a column", "a.jsonl", b'{"\\u001b[31m\\n\\u202e": 1}\n'),
        ("Parquet of four bytes", "a.parquet", b"PAR1"),
        ("Parquet cut in half", "a.parquet", _parquet({"text": ["a"] * 9})[:150]),
        ("Parquet with a broken page", "a.parquet", _parquet({"text": ["a"] * 9}).replace(b"a", b"\xff")),
        ("Parquet of nested texts", "a.parquet", _parquet({"text": [[{"x": "a"}]]})),
        ("Parquet of bytes", "a.parquet", _parquet({"text": [b"\xff\0"]})),
        ("Parquet of texts that are not UTF-8", "a.parquet", _not_utf8()),
        ("Parquet without columns", "a.parquet", _parquet({})),
        ("gzip cut in half", "a.csv.gz", gzip.compress(b"id,text\n1,a\n" * 99)[:40]),
        ("gzip with garbage after it", "a.csv.gz", gzip.compress(b"id,text\n1,a\n") + b"garbage"),
        ("gzip of 300 MB", "a.txt.gz", _bomb),
        ("gzip of one line of 300 MB", "a.jsonl.gz", _bomb),
        ("unknown suffix", "a.xyz", text),
        ("name with control characters", "a\x1b[31m\n.docx", text),
        ("DOCX that is no archive", "a.docx", text),
        ("DOCX of another kind", "a.docx", _zip("content.xml", text)),
        ("DOCX that is cut", "a.docx", _docx(f"<w:p>{SECRET}</w:p>")[:-40]),
        ("DOCX of 300 MB", "a.docx", lambda path: path.write_bytes(_docx("<w:p/>" * 50_000_000))),
        ("DOCX nested 100,000 levels", "a.docx", _docx("<w:p>" * 100_000)),
        ("DOCX that names itself in entities", "a.docx", _docx("&a;", '<!DOCTYPE d [<!ENTITY a "&a;&a;">]>')),
        ("DOCX with a file of the system", "a.docx", _docx("&a;", '<!DOCTYPE d [<!ENTITY a SYSTEM "/etc/passwd">]>')),
        ("encrypted Office file", "a.docx", b"\xd0\xcf\x11\xe0" + b"\0" * 2000),
        ("old Word file", "a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 2000),
        ("PDF that is no PDF", "a.pdf", text),
        ("PDF of a head alone", "a.pdf", b"%PDF-1.7\n" + text),
        ("PDF with a tree of pages in a circle", "a.pdf", _PDF_CIRCLE),
        ("RTF that is no RTF", "a.rtf", text),
        ("RTF that is cut", "a.rtf", b"{\\rtf1 " + text),
        ("RTF nested 1,000,000 levels", "a.rtf", b"{\\rtf1" + b"{" * 1_000_000),
        ("RTF of an unknown code page", "a.rtf", b"{\\rtf1\\ansicpg99999 " + text + b"}"),
        ("HTML without text", "a.html", b"<script>" + text * 1000),
        ("HL7 that is none", "a.hl7", text),
        ("HL7 without text", "a.hl7", _HL7 + b"OBX|1|NM|||5\r"),
        ("HL7 with a document that is damaged", "a.hl7", _HL7 + b"OBX|1|ED|||A^TEXT^^Base64^" + text + b"\r"),
        ("HL7 of an unknown character set", "a.hl7", b"MSH|^~\\&|A|||||||||||||||KLINGON\rOBX|1|TX|||" + text),
        ("HL7 with a bare head", "a.hl7", b"MSH|^~\\&"),
        ("FHIR without text", "a.json", b'{"resourceType": "DiagnosticReport", "id": "a"}'),
        ("FHIR of a patient", "a.json", b'{"resourceType": "Patient", "name": "' + text + b'"}'),
        ("FHIR with a form that is damaged", "a.json", _form("%%")),
        ("FHIR with a PDF that is none", "a.json", _form("TXJzIEV4YW1wbGU=", "application/pdf")),
        ("FHIR nested 50,000 levels", "a.json", b'{"resourceType": "Bundle", "entry": ' + _deep_json),
        ("FHIR with a link", "a.json", b'{"resourceType": "DiagnosticReport", "presentedForm": [{"contentType": '
            b'"text/plain", "url": "file:///etc/passwd"}]}'),
        ("link to itself", "a.txt", lambda path: path.symlink_to(path)),
        ("empty folder", "a", Path.mkdir),
        ("folder of 300 levels without texts", "a", _deep),
    ):  # fmt: skip
        yield _run(f"normalize: {name}", file, content, command, file)
    for name, file, content, arguments in (
        ("two byte-order marks", "a.csv", b"\xef\xbb\xbf\xef\xbb\xbfid,text\r\n1,Liver cyst.\n", ()),
        ("text in UTF-16", "a.txt", SECRET.encode("utf-16"), ()),
        ("text in UTF-16 without mark", "a.txt", SECRET.encode("utf-16-le"), ()),
        ("text in Latin-1", "a.txt", SECRET.encode() + "ä".encode("latin-1"), ()),
        ("table in UTF-16", "a.csv", f"id,text\n1,{SECRET}\n".encode("utf-16"), ()),
        ("HTML of 20,000 open tags", "a.html", b"<a '" * 20_000 + b"cyst", ()),
        ("Markdown of 60,000 marks", "a.md", b"**a_`[" * 15_000, ()),
        ("HL7 with a message of 1,000 segments", "a.hl7", _HL7 + b"OBX|1|TX|||Liver cyst.\r" * 1_000, ()),
        ("FHIR with members in a circle", "a.json", _circle(), ()),
        ("two gzip members", "a.csv.gz", gzip.compress(b"id,text\n1,a\n") + gzip.compress(b"2,b\n"), ()),
        ("a field of 300,000 characters", "a.csv", b"id,text\n1," + b"cyst " * 60_000 + b"\n", ()),
        ("folder of everything", "a", _tree, ()),
        ("device", "link.txt", lambda path: path.symlink_to("/dev/stdin"), ()),
        ("dictionary and 96-bit times in Parquet", "a.parquet", _parquet({
            "text": pa.array(["a", "b"]).dictionary_encode(), "t": pa.array([1, 2], pa.timestamp("ns"))}), ()),
        ("faulty rows among sound ones", "a.jsonl", _rows(
            {"text": "\ud800"}, {"id": "\udfff"}, {"text": "a\0"}, {"text": 5}, {"id": []}, good=3),
            (*skip, "--text-column", "text")),
        ("name with a control character", "a\x1b[31m.txt", b"Liver cyst.", ()),
    ):  # fmt: skip
        yield _run(f"normalize: {name}", file, content, command, file, *arguments, status=(0,), text=b"Liver cyst.")
    latin = b'{"text": "\xff"}\n'  # read in the encoding that is detected, with a note
    yield _run("normalize: lines that are not UTF-8", "a.jsonl", latin, command, "a.jsonl", status=(0,))
    yield _run("normalize: a text instead of a file", "x", b"", command, SECRET)
    yield _run("normalize: a name that is not UTF-8", "b\udcff.txt", b"a", command, "b\udcff.txt")
    yield _run(
        "normalize: unknown format of a strange name", "x", b"", command, "-", "--format", "\x1b[31m", status=(2,)
    )
    yield _run(
        "normalize: a full disk", "a.txt", b"Liver cyst.", command, "a.txt", "--format", "parquet", "--out", "/dev/full"
    )


def _import() -> Iterator[Attempt]:
    base = ("data", "import")
    for name, file, content in (
        ("frame beyond 64 bits", "a.jsonl", _rows({"frame_index": 2**70, "image": "a.png"})),
        ("frame of 10,000 digits", "a.jsonl", b'{"case": "a", "caption": "b", "frame_index": ' + b"9" * 10_000 + b"}"),
        ("infinite time of a frame", "a.jsonl", b'{"case": "a", "caption": "b", "frame_time": 1e400}'),
        ("NUL in a path", "a.jsonl", _rows({"image": "a\0.png"})),
        ("half of a surrogate pair in a case", "a.jsonl", _rows({"case": "\ud800"})),
        ("a text as its split", "a.jsonl", _rows({"split": SECRET})),
        ("a text as its frame", "a.jsonl", _rows({"frame_index": SECRET})),
        ("array that is cut", "a.json", json.dumps([_ROW] * 3).encode()[:-9]),
        ("array nested 50,000 levels", "a.json", b'[{"a": ' + _deep_json),
        ("array of numbers", "a.json", b"[1, 2]"),
        ("no array", "a.json", b'{"a": 1}'),
        ("Parquet that is no Parquet", "a.parquet", b"PAR1" + b"\0" * 50 + b"PAR1"),
        ("folder without images", "a", Path.mkdir),
    ):
        yield _run(f"import: {name}", file, content, *base, file, "--db", "r.db")
    faulty = _rows({"case": None}, {"case": "a\0"}, {"frame_index": -1}, {"caption": "\ud800"}, {"frame_time": "x"})
    skip = ("--db", "r.db", "--on-error", "skip")
    yield _run("import: faulty rows among sound ones", "a.jsonl", faulty, *base, "a.jsonl", *skip, status=(0,))
    for name, mapping in (
        ("no TOML", b"[["), ("lists for texts", b"maker = []\ncase = []\n"), ("not UTF-8", b"case = '\xff'"),
        ("a number of 10,000 digits", b"a = " + b"9" * 10_000), ("nested 5,000 levels", b"a = " + b"[" * 5_000),
    ):  # fmt: skip
        yield _run(f"import: mapping: {name}", "m.toml", mapping, *base, ".", "--db", "r.db", "--mapping", "m.toml")


def _gold() -> Iterator[Attempt]:
    for name, content in (
        ("empty", b""), ("a text", SECRET.encode()), ("no labels", _rows({"labels": None})),
        ("a text as a label", _rows({"labels": {"organ": [SECRET * 2]}})),
        ("a text as a dimension", _rows({"labels": {SECRET * 2: []}})),
        ("labels that are no list", _rows({"labels": {"organ": "Liver"}})), ("nested 50,000 levels", _deep_json),
        ("not UTF-8", b"\xff\n"), ("half of a surrogate pair", _rows({"text": "\ud800"})),
    ):  # fmt: skip
        yield _run(
            f"evaluate text: {name}", "gold.jsonl", content, "evaluate", "text", "gold.jsonl", "--bootstrap", "10"
        )


def _graph() -> Iterator[Attempt]:
    for name, file, content in (
        ("no report", "a.json", b"{}"), ("a text as JSON", "a.json", SECRET.encode()), ("empty", "a.json", b""),
        ("nested 50,000 levels", "a.json", _deep_json), ("not UTF-8", "a.json", b"\xff"),
        ("a report of numbers", "a.json", b'{"schema": "udt-report/1", "id": 1, "labels": 2, "findings": [3]}'),
        ("a newer report of numbers", "a.json", b'{"schema": "udt-report/2", "id": 1, "labels": 2, "findings": [3]}'),
        ("a schema of another kind", "a.json", json.dumps({"schema": [SECRET]}).encode()),
        ("control characters in the schema", "a.json", b'{"schema": "\\u001b[31m"}'),
        ("several texts", "a.csv", b"id,text\n\x1b[31m,a\nb,c\n"),
    ):  # fmt: skip
        yield _run(f"graph: {name}", file, content, "graph", file)
    yield _run("graph: a corpus of texts", "a.jsonl", _rows({"labels": [SECRET]}), "graph", "--corpus", "a.jsonl")
    yield _run("graph: a corpus nested 50,000 levels", "a.jsonl", _deep_json, "graph", "--corpus", "a.jsonl")
    yield _run(
        "graph: a corpus of a label of a list",
        "a.jsonl",
        _rows({"labels": {"organ": [[]]}}),
        "graph",
        "--corpus",
        "a.jsonl",
    )
