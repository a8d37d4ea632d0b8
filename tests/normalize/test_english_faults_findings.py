"""Small faults of reading, mended: concept, owner, side and organ of findings."""

from __future__ import annotations

from typing import Any

import pytest

from udt import Normalizer
from udt.core.report import Finding


def brief(finding: Finding) -> dict[str, Any]:
    """Return the fields of a finding that the cases are about."""
    return {
        "concept": finding.concept.label if finding.concept is not None else None,
        "certainty": finding.certainty,
        "organ": finding.organ,
        "side": finding.laterality,
        "sizes": [(m.role, m.quantity, m.canonical) for m in finding.measurements],
    }


CASES = [
    ("f01", "RK: cyst of 2 cm.", 0, {"concept": "renal cyst", "side": "right", "certainty": "present"}),
    ("f02", "LK: normal.\nRO: 4 cm septated cyst.\nUT: fibroid of 3 cm.", 1, {"organ": "Adnexa", "side": "right"}),
    (
        "f02b",
        "LK: normal.\nRO: 4 cm septated cyst.\nUT: fibroid of 3 cm.",
        2,
        {"concept": "fibroid", "organ": "Uterus"},
    ),
    ("f05", "LIV: 14 cm, no mass.", 0, {"concept": None, "sizes": [("current", "length", (140.0,))]}),
    (
        "f07",
        "Left breast, 3:00, 4 cm FN: hypoechoic mass 12 x 8 x 9 mm.",
        0,
        {
            "concept": "breast mass",
            "side": "left",
            "sizes": [("current", "distance", (40.0,)), ("current", "size", (12.0, 8.0, 9.0))],
        },
    ),
    (
        "f13",
        "Right kidney measures 10 x 4 x 5 cm with a 2 cm cyst.",
        0,
        {
            "concept": None,
            "side": "right",
            "sizes": [("current", "size", (100.0, 40.0, 50.0))],
        },
    ),
    (
        "f13b",
        "Right kidney measures 10 x 4 x 5 cm with a 2 cm cyst.",
        1,
        {
            "concept": "renal cyst",
            "side": "right",
            "sizes": [("current", "size", (20.0,))],
        },
    ),
    ("f15", "Uterus 8 x 4 x 5 cm, endometrium 6 mm, fibroid 22 mm.", 1, {"sizes": [("current", "thickness", (6.0,))]}),
    (
        "f15b",
        "Uterus 8 x 4 x 5 cm, endometrium 6 mm, fibroid 22 mm.",
        2,
        {
            "concept": "fibroid",
            "sizes": [("current", "size", (22.0,))],
        },
    ),
    (
        "f16",
        "3.2 cm fibroid (previously 2.8 cm).",
        0,
        {
            "sizes": [("current", "size", (32.0,)), ("previous", "size", (28.0,))],
        },
    ),
    (
        "f18",
        "CBD 4 mm (normal up to 6 mm).",
        0,
        {
            "sizes": [("current", "diameter", (4.0,)), ("reference", "diameter", (6.0,))],
        },
    ),
    ("f24", "No hydronephrosis.", 0, {"concept": "hydronephrosis", "certainty": "absent"}),
    ("f25", "9 mm stone in the left kidney.", 0, {"concept": "nephrolithiasis", "side": "left"}),
    ("f26", "Doppler negative for DVT.", 0, {"concept": "deep vein thrombosis", "certainty": "absent"}),
    ("f27", "KIDNEYS: No stone.", 0, {"concept": "nephrolithiasis", "certainty": "absent"}),
    ("f28", "No stone in the gallbladder.", 0, {"concept": "cholelithiasis", "certainty": "absent"}),
    (
        "f29",
        "Moderate right hydronephrosis down to the pelviureteric junction.",
        0,
        {
            "concept": "hydronephrosis",
            "side": "right",
        },
    ),
    ("f49", "Left testicle measures 5 cm. There is a trace hydrocele.", 1, {"concept": "hydrocele", "side": "left"}),
    (
        "f50",
        "Right testis 4.1 cm, left testis 4.3 cm. No focal mass.",
        2,
        {
            "concept": "testicular mass",
            "certainty": "absent",
            "side": "bilateral",
        },
    ),
    ("f51", "The left ventricle is dilated. Left lobe of the liver: cyst.", 0, {"side": None}),
    ("f51b", "The left ventricle is dilated. Left lobe of the liver: cyst.", 1, {"organ": "Liver", "side": None}),
    ("f52", "LEFT OVARY: Normal.\nCUL-DE-SAC: No free fluid.", 1, {"certainty": "absent", "side": None}),
    ("f53", "The spleen and kidneys are unremarkable. No free fluid.", 2, {"certainty": "absent", "organ": None}),
    ("f54", "Pleural effusion: none\nFocal mass: none", 1, {"certainty": "absent", "organ": None}),
    ("f59", "No flow-limiting stenosis.", 0, {"concept": "flow-limiting stenosis", "certainty": "absent"}),
]


@pytest.mark.parametrize(("text", "number", "should"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_finding(normalizer: Normalizer, text: str, number: int, should: dict[str, Any]) -> None:
    found = brief(normalizer.normalize(text).findings[number])
    assert {name: found[name] for name in should} == should


def test_what_an_impression_takes_up_is_one_lesion(normalizer: Normalizer) -> None:
    body = "FINDINGS: Left breast: irregular hypoechoic mass, 21 mm."
    text = f"{body}\nIMPRESSION: Suspicious mass of the left breast, BI-RADS 5."
    first, second = normalizer.normalize(text).findings
    assert (first.same_as, second.same_as) == (None, first.id)
    assert second.attributes["bi_rads"] == ("BI-RADS 5",)


def test_a_finding_that_has_grown(normalizer: Normalizer) -> None:
    (fibroid,) = normalizer.normalize("3.2 cm fibroid (previously 2.8 cm).").findings
    assert fibroid.change == "increased"


def test_interpretations_leave_the_finding_certain(normalizer: Normalizer) -> None:
    (cyst,) = normalizer.normalize(
        "Septated cyst of the pancreas, suggestive of IPMN versus serous cystadenoma."
    ).findings
    assert cyst.certainty == "present"
    assert [(one.concept.label, one.certainty) for one in cyst.interpretations] == [
        ("intraductal papillary mucinous neoplasm", "possible"),
        ("pancreatic serous cystadenoma", "possible"),
    ]


def test_the_evidence_of_a_denied_finding(normalizer: Normalizer) -> None:
    (stone,) = normalizer.normalize("KIDNEYS: No stone.").findings
    (named,) = [one for one in stone.evidence if one.dimension == "concept"]
    assert (named.text, named.certainty, named.cue) == ("stone", "absent", "No")
