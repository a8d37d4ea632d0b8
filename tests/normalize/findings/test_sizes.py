"""The sign that a size or a volume flow is."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read

DUCT = "The common bile duct measures"
ACCESS = "Left radiocephalic fistula:"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param(f"{DUCT} 13 mm (normal < 6 mm).", "common bile duct dilatation", id="above the bound"),
        pytest.param(f"{DUCT} 13 mm (normal 3 to 6 mm).", "common bile duct dilatation", id="above a range"),
        pytest.param(f"{DUCT} 6 mm (normal up to 6 mm).", None, id="at the bound"),
        pytest.param(f"{DUCT} 13 mm (normal > 10 mm).", None, id="lower bound"),
        pytest.param(f"{DUCT} 13 mm (normal 6 mm).", None, id="no bound"),
        pytest.param(f"{DUCT} 13 x 4 mm (normal < 6 mm).", None, id="two diameters"),
        pytest.param(f"{DUCT} 13 mm (normal < 6 ml).", None, id="another unit"),
        pytest.param(f"{DUCT} 13 mm, previously < 6 mm.", None, id="bound of an earlier one"),
        pytest.param("The spleen measures 14 cm (normal < 12 cm).", "splenomegaly", id="organ"),
        pytest.param("Gallbladder wall 8 mm (normal < 3 mm).", "gallbladder wall thickening", id="thickness"),
        pytest.param(f"{ACCESS} 480 mL/min, down from 850 mL/min.", "reduced access flow", id="fallen flow"),
        pytest.param(f"{ACCESS} previously 850 mL/min, now 480 mL/min.", "reduced access flow", id="earlier one first"),
        pytest.param(f"{ACCESS} 480 mL/min, previously 480 mL/min.", None, id="same flow"),
        pytest.param(f"{ACCESS} 480 mL/min.", None, id="no earlier flow"),
        pytest.param(f"{ACCESS} previously 480 mL/min.", None, id="no flow now"),
        pytest.param("Dialysis fistula: diameter 4 mm, previously 6 mm.", None, id="diameter of an access"),
        pytest.param("Brachial artery 480 mL/min, previously 850 mL/min.", None, id="flow of another vessel"),
    ],
)
def test_sign_of_a_size(read: Read, text: str, label: str | None) -> None:
    (finding,) = read(text).findings
    assert (finding.concept and finding.concept.label) == label
