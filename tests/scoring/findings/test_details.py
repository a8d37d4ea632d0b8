"""Details are found in the fields of a finding, in words or digits."""

from __future__ import annotations

from typing import Any

import pytest

from udt.scoring.findings.details import has_detail
from udt.scoring.findings.predicted import predicted_findings
from udt.scoring.findings.terms import Terms


@pytest.mark.parametrize(
    ("key", "value", "finding", "found"),
    [
        ("clock", "10 o'clock", {"location": {"clock": "10 o’clock"}}, True),
        ("clock", "10 o'clock", {"location": {"clock": "2 o’clock"}}, False),
        ("severity", "mild", {"attributes": {"severity": ["mild"]}}, True),
        ("severity", "mild", {"severity": "mild"}, True),
        ("severity", "mild", {"labels": {"severity": ["mild"]}}, False),
        ("count", 2, {"count": 2.0}, True),
        ("count", 2, {"count": "two"}, True),
        ("count", 2, {"count": None}, False),
        ("zone", "peripheral zone", {"location": ["zone", "peripheral"]}, True),
        ("rads", "TI-RADS 4", {"attributes": {"tirads": ["TR 4"]}}, True),
        ("rads", "TR5", {"attributes": {"tirads": ["TR5"]}}, True),
        ("rads", "TI-RADS 4", {"attributes": {"tirads": ["TR 3"]}}, False),
        ("stenosis", "70%", {"measurements": [{"values": [70], "unit": "%"}]}, True),
        ("stenosis", "70%", {"measurements": [{"values": [70], "unit": "mm"}]}, False),
        ("distance", "4cm", {"measurements": [{"values": [4.0], "unit": "cm"}]}, True),
        ("depth", "4cm", {"measurements": [{"values": [4.0], "unit": "cm"}]}, False),
    ],
)
def test_detail(key: str, value: object, finding: dict[str, Any], found: bool, terms: Terms) -> None:
    (predicted,) = predicted_findings({"findings": [finding]}, terms)
    assert has_detail(key, value, predicted) is found
