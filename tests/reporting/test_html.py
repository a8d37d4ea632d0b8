"""Pages: escaping, numbers, one style sheet, and no other file."""

from __future__ import annotations

import base64
import re

import pytest

from udt.core.report import Certainty
from udt.reporting.certainty import CERTAINTY
from udt.reporting.html import details, heading, page, paragraph, picture, table

EVIL = "<script>alert('&')</script>"


def test_text_is_escaped_once_and_parts_are_not_escaped_again() -> None:
    parts = [heading(EVIL), paragraph(EVIL), table([(EVIL, 1)], (EVIL, "n")), details(EVIL, paragraph(EVIL))]
    parts.append(picture(b"png", EVIL))
    html = page(EVIL, parts)
    assert "<script>" not in html and "&amp;lt;" not in html
    assert html.count("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;") == 9
    assert html.count("<p>") == 2 and html.count("<h2>") == 1


def test_numbers_are_grouped_and_rounded() -> None:
    html = str(table([("a", 1234567, 0.123456), ("b", True, None)], ("name", "count", "share")))
    assert re.findall(r'<td class="number">([^<]*)</td>', html) == ["1,234,567", "0.1235"]
    assert re.findall(r"<td>([^<]*)</td>", html) == ["a", "b", "True", "None"]
    assert re.findall(r"<th[^>]*>([^<]*)</th>", html) == ["name", "count", "share"]
    assert "<thead>" not in str(table([("a", 1)]))


def test_a_picture_is_embedded() -> None:
    html = str(picture(b"\x89PNG", "A chart"))
    (data,) = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    assert base64.b64decode(data) == b"\x89PNG" and 'alt="A chart"' in html


def test_a_page_needs_no_network_and_has_a_dark_mode() -> None:
    html = page("Title", [paragraph("Text.")])
    assert "http:" not in html and "https:" not in html and "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html and "@media (max-width: 40rem)" in html and "width=device-width" in html
    assert "script" not in html
    assert html.startswith("<!doctype html>") and html.rstrip().endswith("</html>")


def test_a_plain_string_is_no_markup() -> None:
    assert "<b>" not in page("Title", ["<b>"]) and "<b>" not in details("summary", "<b>")


@pytest.mark.parametrize("certainty", CERTAINTY)
def test_the_style_sheet_has_the_colours_of_certainty(certainty: Certainty) -> None:
    light, dark = page("Title", []).split("prefers-color-scheme: dark")
    look = CERTAINTY[certainty]
    assert f"--{certainty}: {look.background};" in light and f"--{certainty}-line: {look.line};" in light
    assert f"--{certainty}-line: {look.line_on_dark};" in dark
