from __future__ import annotations

import pytest

from udt.core.errors import DataError
from udt.core.texts import LONGEST_TEXT
from udt.records.deidentify.free_text import TextCleaner
from udt.records.deidentify.pseudonyms import Pseudonyms
from udt.records.deidentify.tables import TableCleaner

IDENTIFYING = [
    ("Seen on 2021-03-05.", "Seen on [DATE]."),
    ("Seen 05/03/2021 and 5/3/21.", "Seen [DATE] and [DATE]."),
    ("Scan of 5 March 2021", "Scan of [DATE]"),
    ("Scan of March 5th, 2021.", "Scan of [DATE]."),
    ("since March 2021", "since [DATE]"),
    ("on 12.05.2021", "on [DATE]"),
    ("20210305 study", "[DATE] study"),
    ("2021年3月5日检查", "[DATE]检查"),
    ("Dr. Jane O'Neil-Ward reviewed", "Dr. [NAME] reviewed"),
    ("Mr Brown has", "Mr [NAME] has"),
    ("Prof. A. B. Miller", "Prof. [NAME]"),
    ("Patient: John Smith, MRN 1234567", "Patient: [NAME], MRN [ID]"),
    ("Name: SMITH^JOHN", "Name: [NAME]"),
    ("Electronically signed by Jane Ward at the desk", "Electronically signed by [NAME] at the desk"),
    ("Jane Ward, MD", "[NAME], MD"),
    ("患者：张三丰，男", "患者：[NAME]，男"),
    ("请王建国医生复查", "请[NAME]医生复查"),
    ("报告医师：李四 主任医师", "报告医师：[NAME] 主任医师"),
    ("Accession: A-99-1234", "Accession: [ID]"),
    ("MRN#: 00123", "MRN#: [ID]"),
    ("住院号：A12345", "住院号：[ID]"),
    ("SSN 123-45-6789", "SSN [ID]"),
    ("身份证 11010519491231002X", "身份证 [ID]"),
    ("Tel: 020 7946 0958", "Tel: [PHONE]"),
    ("call (555) 123-4567", "call [PHONE]"),
    ("电话：13812345678", "电话：[PHONE]"),
    ("mail jane.ward@clinic.org", "mail [EMAIL]"),
    ("lives at 12 Baker Street, London.", "lives at [ADDRESS]."),
    ("地址：北京市海淀区1号。", "地址：[ADDRESS]。"),
]

MEDICAL = [
    "Nodule of 12 x 8 x 5.5 mm in segment 5/6, BI-RADS 4a, TI-RADS 3.",
    "PSV 120 cm/s, RI 0.65, S/D 2.3, EF 55-60%. Bladder volume 350 ml.",
    "The patient is a 45-year-old woman. Gestational age 21+3 weeks.",
    "The mass may be a cyst. Grade 3 may represent fibrosis. T12, L4/5, 1/2/3.",
    "Right lobe 15.2 cm; left lobe 6 cm. Case of cholecystitis. Name of the organ: liver.",
    "Doppler of the Murphy sign. Study of the liver shows ascites.",
    "肝脏右叶见一大小约12mm×8mm低回声结节，边界清，主任医师已阅。",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), IDENTIFYING, ids=[text for text, _ in IDENTIFYING])
def test_identifiers_become_placeholders(text: str, expected: str) -> None:
    found = TextCleaner.load().clean(text)
    assert found.text == expected
    assert sum(found.replaced.values()) == expected.count("[")
    assert TextCleaner.load().clean(expected).text == expected


@pytest.mark.parametrize("text", MEDICAL)
def test_findings_stay(text: str) -> None:
    assert TextCleaner.load().clean(text).text == text


def test_cells_of_tables() -> None:
    key = Pseudonyms(b"k" * 32)
    tables = TableCleaner(key, {"p1/a.png": "x/y.png"})
    table = 'patient,name,image,caption\nJane Ward,Ward,p1/a.png,"Cyst, seen by Dr Ward"\n'
    lines = tables.clean(b"\xef\xbb\xbf" + table.encode(), ".csv").decode().splitlines()
    assert lines == [
        "patient,name,image,caption",
        f'{key.name("patient", "Jane Ward")},[REMOVED],x/y.png,"Cyst, seen by Dr [NAME]"',
    ]
    assert tables.replaced == {"pseudonym": 1, "[REMOVED]": 1, "[NAME]": 1}
    assert tables.clean(b"id\ttext\n7\tcyst\textra Dr Ward\n", ".tsv").decode().endswith("\textra Dr [NAME]\n")
    line = '{"mrn": 1234, "size": 12, "notes": ["by Dr Ward"], "ok": true}\n'
    assert tables.clean(line.encode(), ".jsonl").decode() == (
        f'{{"mrn": "{key.name("patient", "1234")}", "size": 12, "notes": ["by Dr [NAME]"], "ok": true}}\n'
    )


@pytest.mark.parametrize(
    ("content", "suffix", "message"),
    [
        (b"\xff\xfeW\0", ".txt", "not UTF-8"),
        (b'{"a": 1}\nWard\n', ".jsonl", "line 2 is not JSON"),
        (b'a,b\n"' + b"x" * (LONGEST_TEXT + 1) + b'",1\n', ".csv", "not a table"),
    ],
    ids=["UTF-16", "no JSON", "long cell"],
)
def test_faulty_files_are_refused_without_their_text(content: bytes, suffix: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        TableCleaner(Pseudonyms(b"k" * 32)).clean(content, suffix)
    assert "Ward" not in str(caught.value)
