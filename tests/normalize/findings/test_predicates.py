"""Findings that predicates make of structures."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, certainties, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Popliteal vein: patent.", ["patent vein (Peripheral veins), at popliteal vein"], id="after a colon"
        ),
        pytest.param(
            "The popliteal vein is, in its upper third, patent.",
            ["patent vein (Peripheral veins), at upper popliteal vein, upper pole"],
            id="far from its structure",
        ),
        pytest.param(
            "Compressible and patent popliteal vein.",
            ["compressible vein (Peripheral veins), at popliteal vein, compressible"],
            id="two before a structure",
        ),
        pytest.param(
            "The vein is compressible.",
            ["compressible vein (Peripheral vessels), at vein, compressible"],
            id="of what a word means",
        ),
        pytest.param("Suspicious mass.", ["mass"], id="before a mass"),
        pytest.param("Suspicious simple cyst.", ["cyst"], id="before a cyst"),
        pytest.param(
            "Suspicious left axillary node.",
            ["suspicious lymph node (Axilla) left, at axillary lymph node"],
            id="before a side",
        ),
        pytest.param(
            "Negative for suspicious nodes.",
            ["absent suspicious lymph node (Lymph nodes)"],
            id="in a phrase that denies",
        ),
        pytest.param(
            "Well distended bladder.", ["well-filled bladder (Bladder), well distended"], id="in a longer name"
        ),
        pytest.param(
            "The popliteal vein is not compressible.",
            ["vein non-compressibility (Peripheral veins), at popliteal vein, non-compressible"],
            id="denied",
        ),
        pytest.param(
            "The popliteal vein is non-compressible.",
            ["vein non-compressibility (Peripheral veins), at popliteal vein, non-compressible"],
            id="denied in its word",
        ),
        pytest.param(
            "Normal popliteal vein, patent.",
            [
                "normal appearance (Peripheral veins), at popliteal vein",
                "patent vein (Peripheral veins), at popliteal vein",
            ],
            id="beside normality",
        ),
        pytest.param(
            "Liver normal, compressible popliteal vein, suspicious axillary node.",
            [
                "normal appearance (Liver)",
                "compressible vein (Peripheral veins), at popliteal vein, compressible",
                "suspicious lymph node (Axilla), at axillary lymph node",
            ],
            id="among others",
        ),
        pytest.param(
            "Compressible cystic mass.", ["mass, compressible, cystic, cystic components"], id="before a cystic mass"
        ),
        pytest.param("Compressible hypoechoic mass.", ["mass, compressible, hypoechoic"], id="before a described mass"),
        pytest.param(
            "INDICATION: Suspicious axillary node.\nFINDINGS: The liver is normal.",
            ["normal appearance (Liver)"],
            id="in an indication",
        ),
        pytest.param(
            "A level IV node with irregular margins.",
            [
                (
                    "level IV lymph node (Lymph nodes), at level IV lymph node, ill-defined/indistinct, "
                    "irregular margin, level IV"
                )
            ],
            id="a level before a description",
        ),
        pytest.param(
            "UTERUS: Retroverted, enlarged. Fibroid of 3 cm.",
            [
                "retroverted uterus (Uterus), retroverted",
                "enlarged uterus (Uterus)",
                "fibroid (Uterus), at myometrium, 3 cm",
            ],
            id="two states of the uterus",
        ),
        pytest.param(
            "The axillary nodes are not suspicious.",
            ["absent suspicious lymph node (Axilla), at axillary lymph node"],
            id="a denied state of nodes",
        ),
        pytest.param(
            "The popliteal vein is probably compressible.",
            ["possible compressible vein (Peripheral veins), at popliteal vein, compressible"],
            id="a probable state",
        ),
        pytest.param(
            "Suspicious left small round axillary node.",
            ["suspicious lymph node (Axilla) left, at axillary lymph node, round"],
            id="a node after adjectives",
        ),
        pytest.param(
            "Vein | Compressible | Thrombus\nCFV | yes | no",
            [
                "compressible vein (Peripheral veins), at common femoral vein, compressible",
                "absent common femoral vein thrombus (Peripheral veins), at common femoral vein",
            ],
            id="a column of states",
        ),
        pytest.param(
            "CFV: compressible and patent, popliteal vein: compressible.",
            ["compressible vein (Peripheral veins), at popliteal vein, at common femoral vein, compressible"],
            id="a state of each vein",
        ),
        pytest.param(
            "N1: level II, 22 x 12 mm, oval, preserved fatty hilum, hilar flow - reactive.",
            [
                (
                    "reactive lymphadenopathy (Lymph nodes), at lymph node hilum, hilar vascularity, "
                    "normal/regular vascularity, oval, preserved fatty hilum, 22 x 12 mm"
                )
            ],
            id="a state of the node of the line",
        ),
        pytest.param(
            "CFV, FV and POPV: fully compressible with normal flow.",
            [
                (
                    "compressible vein (Peripheral veins), at common femoral vein, at popliteal vein, at "
                    "femoral vein, compressible, normal/regular vascularity"
                )
            ],
            id="a state of several veins",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    report = read(text)
    assert summaries(report) == findings
    assert all(len(set(finding.evidence)) == len(finding.evidence) for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("The bladder wall is not intact.", "+intact"),
        ("The Achilles tendon is intact.", "-intact by intact"),
    ],
)
def test_the_cue_of_a_state_is_its_denial(read: Read, text: str, cues: str) -> None:
    assert certainties(read(text)) == cues
