"""Parts of structures."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Cyst filled with thick fluid",
            ["cyst", "fluid"],
            id="a text that ends with the first word of a part",
        ),
        pytest.param(
            "Dilated small bowel loop.",
            ["small bowel dilatation (Gastrointestinal tract), at small bowel loop"],
            id="a loop of the small bowel",
        ),
        pytest.param(
            (
                "BREAST ULTRASOUND\n\nFINDINGS:\nRIGHT BREAST: No mass.\nAXILLAE: One left axillary node "
                "with a cortex of 6 mm. On the right the nodes are normal.\n\nIMPRESSION:\nSuspicious "
                "axillary node."
            ),
            [
                "observation (Breast)",
                "absent breast mass (Breast) right",
                "observation (Axilla) bilateral",
                "axillary lymph node (Axilla) left, 1, at axillary lymph node, 6 mm",
                "normal appearance (Axilla) right, at axillary lymph node",
                "suspicious lymph node (Axilla), at axillary lymph node, = f4",
            ],
            id="nodes below the heading of their place",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
