"""HTML to text, against the parser of the standard library for the words of well-formed pages."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.io.formats.html import declared_charset, html_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Liver: <b>nor</b>mal.</p><p>No cyst.</p>", "Liver: normal.\n\nNo cyst."),
        ("a<br>b<BR/>c<br />d", "a\nb\nc\nd"),
        ("<div>a</div>\n  <div> b\n c </div>", "a\nb c"),
        ("<h2>Findings</h2>Liver.<h2>Impression</h2>Cyst.", "Findings\n\nLiver.\n\nImpression\n\nCyst."),
        ("<ul><li>cyst</li><li><p>mass</p></li><li></li></ul>after", "- cyst\n\n- mass\n\nafter"),
        ("<table><tr><th>Liver</th><td>normal</td></tr><tr><td>Spleen</td><td> 11&nbsp;cm</td></tr></table>x",
         "Liver\tnormal\nSpleen\t11 cm\n\nx"),
        ("<table><tr><td><p>Liver</p></td><td><p>a</p><p>b</p></td></tr></table>", "Liver\ta\n\nb"),
        ("<pre>a\r\n  b</pre>", "a\n  b"),
        ("5 &lt; 6 &amp; 7 &#181;m &copy;", "5 < 6 & 7 µm ©"), ("a < b and c > d", "a < b and c > d"),
        ("<head><title>t</title><style>p{}</style></head><body>a</body>", "a"),
        ("<script>if (a < b) {}</script>a<!-- no <p> --><style>x</style>b", "ab"), ("a <del>gone</del> b", "a b"),
        ('<img alt="a > b">c<a title=\'x > y\'>d</a>', "cd"), ("<p class=x>a<p>b", "a\n\nb"), ("a<!-- open", "a"),
        ("<head><title>x</title><body>a", "a"), ("", ""), ("<o:p>a</o:p>", "a"), ("<del><del>a</del>b</del>c", "c"),
        ("a\n<b>b</b>\n<i>c</i>", "a b c"), ("<?xml version='1.0'?><!DOCTYPE html><html>a</html>", "a"),
    ],
)  # fmt: skip
def test_blocks(markup: str, text: str) -> None:
    assert html_text(markup) == text


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()


_words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).map(escape)
_tags = st.sampled_from(["<p>", "</p>", "<div class='a'>", "</div>", "<br>", "<td>", "<tr>", "<h1>", "</h1>", "<ol>"])


@settings(max_examples=200)
@given(st.lists(st.one_of(_words, _tags), max_size=30))
def test_words_as_the_standard_library_reads_them(parts: list[str]) -> None:
    markup = "".join(f" {one} " for one in parts)
    reference = _Words()
    reference.feed(markup)
    reference.close()
    assert html_text(markup).split() == reference.words


@pytest.mark.parametrize(
    "unit", ["<", "<a", '<a "', "<a '", "</", "<!--", "<!", "<td>", "&#", "&", "<del>", "<a b='>' ", "</p", "<script>"]
)
def test_hostile_markup_is_read_in_linear_steps(unit: str) -> None:
    assert len(html_text(unit * 200_000)) <= 200_000 * len(unit)


def test_declared_charset() -> None:
    assert declared_charset(b"<html><meta charset='utf-8'>") == "utf-8"
    assert declared_charset(b'<META http-equiv="Content-Type" content="text/html; charset=GB2312">') == "GB2312"
    assert declared_charset(b"<p>charset=utf-8") is None
