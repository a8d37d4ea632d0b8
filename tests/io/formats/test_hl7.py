"""HL7 v2 messages: their texts, names, escapes, framing and character sets, as the standard has them."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.io.formats.hl7 import fhir_date, hl7_texts
from udt.io.items import TextItem, TextSource
from udt.io.rows import Skipped

HEAD = "MSH|^~\\&|RIS|H|EHR|H|20260301||ORU^R01|M1|P|2.5"
PATIENT = "PID|1||4711^^^WARD&1.2&ISO~99^^^X||Doe^Jane||19700102|F"
ORDER = "OBR|1|P1|F1^RIS|US|||20260228103000+0100"


def obx(text: str, kind: str = "TX", code: str = "", status: str = "F") -> str:
    return f"OBX|1|{kind}|{code}||{text}||||||{status}"


def message(*segments: str, head: str = HEAD) -> bytes:
    return "\r".join((head, *segments, "")).encode()


def read(data: bytes, encoding: str | None = None) -> list[TextItem | Skipped]:
    return list(hl7_texts(io.BytesIO(data), "a.hl7", encoding))


def text_of(*segments: str) -> str:
    (found,) = read(message(*segments))
    assert isinstance(found, TextItem), found
    return found.text


def fault_of(data: bytes) -> str:
    (found,) = read(data)
    assert isinstance(found, Skipped), found
    return str(found)


def test_a_report_has_the_lines_of_its_observations_and_the_data_of_its_patient() -> None:
    (item,) = read(message(PATIENT, ORDER, obx("Liver normal."), obx(""), obx("Spleen normal.~No ascites.", "FT")))
    assert item == ("F1", "Liver normal.\n\nSpleen normal.\nNo ascites.")
    assert isinstance(item, TextItem)
    assert item.source == TextSource(
        subject_identifier="4711", subject_system="WARD", effective="2026-02-28T10:30:00+01:00", sex="female",
        birth_date="1970-01-02",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a \T\ b", "a & b"), (r"\F\\S\\R\\E\\T\ ", "|^~\\& "), (r"a\.br\b", "a\nb"), (r"a\.sp2\b", "a\n\nb"),
        (r"a\.sp+3\b", "a\n\n\nb"), (r"a\.sk 3\b", "a   b"), (r"a\X0D\b", "a\nb"), (r"a\X0D0A\b", "a\nb"),
        (r"5 \Xc2b5\m", "5 µm"), (r"\H\CYST\N\ 2 cm", "CYST 2 cm"), (r"\.in+4\a\.fi\b", "ab"), (r"a\.ce\b", "a\nb"),
        (r"\C2842\x\M2442\y", "xy"), (r"\Zlocal\x", "x"), (r"c:\temp\liver", "c:\\temp\\liver"), (r"a\.br", "a\\.br"),
        (r"a\X00\b", "ab"), (r"a\.sp99999999\b", "a" + "\n" * 100 + "b"),
    ],
)  # fmt: skip
def test_escapes(written: str, meant: str) -> None:
    assert text_of(ORDER, obx(f"<{written}>")) == f"<{meant}>"


def test_other_separators() -> None:
    data = message("OBR#1##F9", "OBX#1#TX###a@T@b@F@c!d", head="MSH#*!@%#A#B#C#D#1##ORU*R01#M1#P#2.5")
    assert read(data) == [("F9", "a%b#c\nd")]


def test_each_group_is_a_report() -> None:
    found = read(message(ORDER, obx("Liver."), "OBR|2|P2|", obx("Spleen."), "OBR|3|||", obx("Kidney."), "OBR|4|P9|"))
    assert found == [("F1", "Liver."), ("P2", "Spleen."), ("M1", "Kidney.")]
    assert read(message(ORDER, obx("a"), ORDER, obx("b"))) == [("F1", "a"), ("F1-2", "b")]
    assert read(message("ORC|RE|PO|FO", "OBR|1", obx("a"))) == [("FO", "a")]
    assert read(message(obx("a"))) == [("M1", "a")]


def test_a_document_message() -> None:
    head = HEAD.replace("ORU^R01", "MDM^T02")
    segments = ("EVN|T02", PATIENT, "TXA|1|RAD|TX|20260301||||||||DOC7^X|", obx("Liver."), obx("Cyst.", "FT"))
    (item,) = read(message(*segments, head=head))
    assert item == ("DOC7", "Liver.\nCyst.") and isinstance(item, TextItem)
    assert item.source.effective == "2026-03-01"


def test_findings_and_impression_keep_their_names() -> None:
    assert text_of(ORDER, obx("Cyst.~No stone.", code="1&GDT"), obx("Benign.", code="1&IMP")) == (
        "Findings:\nCyst.\nNo stone.\nImpression: Benign."
    )
    named = (obx("No stone.", code="1^Gallbladder^L"), obx("SPLEEN: normal", code="2^Spleen^L"))
    assert text_of(ORDER, *named) == "Gallbladder: No stone.\nSPLEEN: normal"
    assert text_of(ORDER, obx("a", code="1^Report"), obx("b", code="1^Report")) == "a\nb"


def test_withdrawn_and_coded_observations_are_left_out() -> None:
    segments = (obx("wrong", status="W"), obx("deleted", status="D"), obx("5", "NM"), obx('""'), obx("Liver."))
    assert text_of(ORDER, *segments) == "Liver."


RTF = rb"{\rtf1 Liver\par Cyst}"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("RIS^TEXT^plain^A^Liver \\T\\ spleen", "Liver & spleen"),
        (f"RIS^Application^RTF^Base64^{base64.b64encode(RTF).decode()}", "Liver\nCyst"),
        (f"RIS^text/html^^Base64^{base64.b64encode(b'<p>Liver</p>').decode()}", "Liver"),
        (f"RIS^TEXT^text/plain^Hex^{b'Liver'.hex()}", "Liver"),
        ("RIS^TEXT^^Base64^R3LDtsO\\X0D0A\\fZQ==", "Größe"),
    ],
)  # fmt: skip
def test_encapsulated_documents(value: str, meant: str) -> None:
    assert text_of(ORDER, obx(value, "ED")) == meant


FAULTS = {
    "no text": (message(ORDER, obx("5", "NM"), obx("x", "RP")), "the message of type ORU^R01 has OBX of NM, RP"),
    "no observation": (message("PID|1", head=HEAD.replace("ORU^R01", "ADT^A08")), "type ADT^A08 has no OBX with text"),
    "image": (message(ORDER, obx("R^IM^JPEG^Base64^AAAA", "ED")), "has OBX of ED of JPEG; allowed: TX, FT, ST, and ED"),
    "base64": (message(ORDER, obx("R^TEXT^^Base64^A", "ED")), "the document in OBX-5 is no valid Base64"),
    "code": (message(ORDER, obx("R^TEXT^^Base32^A", "ED")), "is encoded in 'Base32'; allowed: A, Base64, Hex"),
    "charset": (message(obx("a"), head=f"{HEAD}||||||KLINGON"), "the character set 'KLINGON' of MSH-18 is unknown"),
    "no message": (b"Liver: cyst.", "a.hl7: holds no HL7 v2 message"),
    "empty": (b"", "a.hl7: holds no HL7 v2 message"),
    "not decoded": (message(obx("a")).replace(b"|a|", b"|\x81\x8d\xff|"), "not UTF-8 at byte"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_message_without_text_is_a_worded_fault(data: bytes, reason: str) -> None:
    assert reason in fault_of(data)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_framed_messages_and_batches(end: bytes) -> None:
    one = message(ORDER, obx("Liver.")).replace(b"\r", end)
    framed = b"".join(b"\x0b" + one + b"\x1c\r" for _ in range(3))
    batch = b"FHS|^~\\&|A" + end + b"BHS|^~\\&|A" + end + one + one + b"BTS|2" + end + b"FTS|1" + end
    assert read(framed) == [("F1", "Liver.")] * 3
    assert read(batch) == [("F1", "Liver.")] * 2
    assert read(b"\xef\xbb\xbf" + one) == [("F1", "Liver.")]


def test_a_fault_of_a_message_leaves_the_others() -> None:
    good = message(ORDER, obx("Liver."))
    found = read(good + message("PID|1") + good)
    assert [one.place if isinstance(one, Skipped) else one.text for one in found] == ["Liver.", "a.hl7:2", "Liver."]


def test_a_line_that_is_no_segment_continues_the_text() -> None:
    data = message(ORDER, obx("Liver:").replace("||||||F", "")) + b"CBD: 4 mm\nnormal\nOBX|2|TX|||End."
    assert read(data) == [("F1", "Liver:\nCBD: 4 mm\nnormal\nEnd.")]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("8859/1", "latin-1"), ("UNICODE UTF-8", "utf-8"), ("GB 18030-2000", "gb18030"), ("8859/2", "iso8859-2"),
        ("", "cp1252"),
    ],
)  # fmt: skip
def test_character_sets(charset: str, codec: str) -> None:
    text = "肝囊肿" if codec == "gb18030" else "Größe des Knotens"
    data = message(ORDER, obx(text), head=f"{HEAD}||||||{charset}").decode().encode(codec)
    assert read(data) == [("F1", text)]
    assert read(data, codec) == [("F1", text)]


def test_utf_16() -> None:
    assert read(message(ORDER, obx("Größe")).decode().encode("utf-16")) == [("F1", "Größe")]


def test_too_long_a_message_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.io.formats.hl7.LARGEST_DOCUMENT", 1000)
    monkeypatch.setattr("udt.io.formats.hl7._CHUNK", 64)
    good = message(ORDER, obx("Liver."))
    found = read(message(obx("x" * 3000)) + good + message(*[obx("x")] * 100) + good)
    assert [one if isinstance(one, TextItem) else "longer than 1,000 bytes" in one.reason for one in found] == [
        True, ("F1", "Liver."), True, ("F1", "Liver."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stamp", "date"),
    [
        ("2026", "2026"), ("202602", "2026-02"), ("20260228", "2026-02-28"), ("202602281030", "2026-02-28"),
        ("20260228103015.123-0500", "2026-02-28T10:30:15-05:00"), ("20260231", None), ("", None), ("yesterday", None),
    ],
)  # fmt: skip
def test_dates(stamp: str, date: str | None) -> None:
    assert fhir_date(stamp) == date


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_escaped_text_comes_back(text: str) -> None:
    """The reference escapes by the table of the standard."""
    table = {"\\": r"\E\\"[:-1], "|": r"\F\\"[:-1], "^": r"\S\\"[:-1], "&": r"\T\\"[:-1], "~": r"\R\\"[:-1]}
    written = "".join(table.get(c, c) for c in text)
    assert text_of(ORDER, obx(f"<{written}>")) == f"<{text}>"


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_crash_it(data: bytes) -> None:
    for one in read(message(ORDER, obx("Liver.")) + data):
        assert isinstance(one, TextItem | Skipped)


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "hl7", None)
    assert "needs hl7, and it is not installed; run: pip install 'udt-toolkit[hl7]'" in fault_of(message(obx("a")))
