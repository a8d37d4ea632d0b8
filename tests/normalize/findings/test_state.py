"""Sentences that continue the finding before them."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "R: cyst of 2 cm. Anechoic.",
            ["cyst right, anechoic, 2 cm"],
            id="the same side",
        ),
        pytest.param(
            "Cyst, likely haemorrhagic.\nL: normal.",
            ["cyst, or haemorrhagic cyst", "normal appearance left"],
            id="the other side",
        ),
        pytest.param(
            "LEFT PAROTID: lobulated mass of 2 cm.\nVascularity: increased.",
            ["parotid mass (Salivary glands) left, at parotid gland, increased vascularity, lobulated, 2 cm"],
            id="a heading without a structure",
        ),
        pytest.param(
            "Cervical lymphadenopathy. Ultrasound of the neck. It shows hyperechoic nodes.",
            [
                "cervical lymphadenopathy (Lymph nodes), at cervical lymph node, hyperechoic",
                "observation (Head and Neck), at neck",
                "lymph node (Lymph nodes)",
            ],
            id="a pronoun after another place",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
