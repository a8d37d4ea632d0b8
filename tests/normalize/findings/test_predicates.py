"""Findings that predicates make of structures."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


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
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
