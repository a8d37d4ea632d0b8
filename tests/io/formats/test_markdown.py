"""Markdown to text."""

from __future__ import annotations

import pytest

from udt.io.formats.markdown import markdown_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("# Findings\nLiver **normal**.\n\n## Impression ##\n\nok", "Findings\n\nLiver normal.\n\nImpression\n\nok"),
        ("Findings\n========\nLiver.\n\nMore\n----\nx", "Findings\nLiver.\n\nMore\nx"),
        ("* cyst\n+ mass\n- stone\n1. node", "- cyst\n- mass\n- stone\n1. node"),
        ("***very*** _small_ __cyst__ `5 mm` ~~gone~~", "very small cyst 5 mm "),
        ("5*3*2 mm, a_b_c, 2 * 3 * 4, ~~5 mm and ~~7 mm", "5*3*2 mm, a_b_c, 2 * 3 * 4, ~~5 mm and ~~7 mm"),
        ("[see](http://x) ![image](a.png) [1]", "see image [1]"),
        ("| Organ | Finding |\n|:--|--:|\n| Liver | no cyst |", "Organ\tFinding\nLiver\tno cyst"),
        ("> quoted\n\n```text\ncode\n```\n***\nend", "quoted\n\ncode\n\nend"),
        ("a<br>b <b>c</b> 5 < 6 > 2 <!-- no -->", "a\nb c 5 < 6 > 2 "),
        (r"2\.5 cm \* \_x\_", "2.5 cm * _x_"), ("a\r\nb", "a\nb"), ("---\nLiver: cyst.\n---\nend", "Liver: cyst.\nend"),
    ],
)  # fmt: skip
def test_marks(source: str, text: str) -> None:
    assert markdown_text(source) == text


@pytest.mark.parametrize(
    "unit", ["*", "_", "**a", "[", "![a](", "`", "~~a", "|", "# ", "<!--", "> ", "|-", " *", "<b ", "\\"]
)
def test_hostile_marks_are_read_in_linear_steps(unit: str) -> None:
    assert len(markdown_text(unit * 100_000)) <= 100_000 * len(unit)
