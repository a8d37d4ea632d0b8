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
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
