"""What is a legend: a text is read otherwise if a condition or distance of the rules of legends is left out.

A row gives the certainty of each finding and value, and what is excluded.
"""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, certainties

ROWS = [
    ("L: liver.", "", "liver: legend"),
    ("L: liver cyst.", "", "liver cyst: legend"),
    ("L: cyst.", "+cyst", ""),
    ("L: spleen.", "", "spleen: legend"),
    ("B: Liver cyst.", "+liver cyst", ""),
    ("B: liver cyst.", "+liver cyst", ""),
    ("L: Liver cyst.", "", "liver cyst: legend"),
    ("GB: gallbladder.", "", "gb: legend, gallbladder: legend"),
    ("GB: gallstones.", "+gallstones", ""),
    ("PV: portal vein.", "", "portal vein: legend"),
    ("PV: portal vein thrombus.", "", "portal vein thrombus: legend"),
    ("TAA: thoracoacromial artery.", "", "taa: legend, thoracoacromial artery: legend"),
    ("TAB: thoracoacromial artery.", "", "thoracoacromial artery: legend"),
    ("RK: cyst.", "+cyst", ""),
    ("RK: right kidney.", "", "rk: legend, right kidney: legend"),
    ("RK: right kidney, cyst.", "+cyst", "rk: legend, right kidney: legend"),
    ("RK: no right kidney.", "", ""),
    ("RK: right kidney 9 cm.", "", ""),
    ("RK: right kidney is possibly small.", "?small by possibly", ""),
    ("RK: right kidney 5 years.", "", ""),
    ("RK: right kidney no change.", "", ""),
    ("CBD: common bile duct.", "", "cbd: legend, common bile duct: legend"),
    ("CBD: 5 mm.", "", ""),
    ("CBD: common bile duct dilated.", "", "cbd: legend, common bile duct: legend, dilated: legend"),
    ("LIVER: normal.", "+liver: normal", ""),
    ("SPLEEN: spleen.", "", "spleen: legend, spleen: legend"),
    ("KIDNEY: spleen.", "", ""),
    ("Cyst. LIVER: spleen.", "+cyst", ""),
    ("Cyst.\nLIVER: spleen.", "+cyst", ""),
    ("Cyst.\nRK: spleen.", "+cyst", ""),
    ("Cyst.\nSP: spleen.", "+cyst", "spleen: legend"),
    ("Cyst of the liver. PV: spleen.", "+cyst of the liver", "spleen: legend"),
    ("PV = spleen.", "", "spleen: legend"),
    ("PV = cyst.", "", "cyst: legend"),
    ("The PV = cyst.", "", "cyst: legend"),
    ("Cyst, PV, portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. PV, portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. P, portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. p, portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. P, Portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. Pv, Portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. PV, spleen.", "+cyst", ""),
    ("Cyst PV, portal vein.", "+cyst", ""),
    ("Cyst. PV portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. PV Portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. PV liver.", "+cyst", ""),
    ("Cyst. P portal vein.", "+cyst", ""),
    ("Cyst. Pv portal vein.", "+cyst", ""),
    ("Cyst. PV - portal vein.", "+cyst", "portal vein: legend"),
    ("Cyst. PV – portal vein.", "+cyst", "portal vein: legend"),
    ("PV portal vein", "", "portal vein: legend"),
    ("PV – portal vein", "", "portal vein: legend"),
    ("GB gallbladder", "", ""),
    ("The cyst (PV, portal vein).", "+cyst", "portal vein: legend"),
    ("Segment VIII: hepatic cyst.", "+segment viii, +hepatic cyst", ""),
    ("Arrow: aorta.", "", "aorta: legend"),
    ("Arrow: aorta. Cyst.", "+cyst", "aorta: legend"),
    ("Arrow, aorta.", "", "aorta: legend"),
    ("Cyst. Arrow, aorta.", "+cyst", "aorta: legend"),
    ("Cyst at the arrow, aorta.", "+cyst", ""),
    ("Cyst at the arrow: aorta.", "+cyst", "aorta: legend"),
    ("Arrow = aorta.", "", "aorta: legend"),
    ("Arrow aorta.", "", ""),
    ("Cyst. Arrow", "+cyst", ""),
    ("Arrow: aorta, cyst.", "+cyst", "aorta: legend"),
    ("Arrow: aorta", "", "aorta: legend"),
    ("Arrow: cyst; arrow: aorta; stone.", "+stone", "cyst: legend, aorta: legend"),
    ("Arrow: cyst arrow: aorta. Stone.", "+stone", "cyst: legend, aorta: legend"),
    ("FB: fibroid.", "", "fibroid: legend"),
    ("FIB: fibroid.", "+fibroid", ""),
    ("Liver cyst with               PV, portal vein.", "+liver cyst", ""),
    ("Liver cyst with                PV, portal vein.", "+liver cyst", "portal vein: legend"),
]


@pytest.mark.parametrize(("text", "found", "excluded"), ROWS, ids=[row[0] for row in ROWS])
def test_legends(text: str, found: str, excluded: str, read: Read) -> None:
    report = read(text)
    assert certainties(report) == found
    assert ", ".join(f"{one.text.lower()}: {one.reason}" for one in report.excluded) == excluded
