"""Reports and findings in notebooks."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tests.full_report import full_report
from udt.core.report import Report
from udt.reporting.notebook import marked


@pytest.fixture
def report() -> Report:
    return full_report(("organ", "diagnosis", "margins"))


class Content(HTMLParser):
    """The tags, the marked words, the cells and all words of an HTML fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: dict[str, list[str]] = {"mark": [], "td": [], "div": []}
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "td":
            self.words["td"].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.tags and self.tags[-1] in self.words:
            self.words[self.tags[-1]].append(data)


def test_the_text_is_marked_and_the_findings_are_listed(report: Report) -> None:
    content = Content(report._repr_html_())
    assert report.text in content.text
    assert {"fibriods", "gallstones", "32 x 28 mm", "adenomyoma"} <= set(content.words["mark"])
    assert {"uterine fibroid (2)", "no cholelithiasis", "right kidney"} <= set(content.words["td"])
    assert "increased; interpreted as possible adenomyoma" in content.words["td"]
    assert "see f1; impression" in content.words["td"]


def test_the_parts_are_the_text(report: Report) -> None:
    parts = list(marked(report.text, report.findings))
    assert "".join(part.text for part in parts) == report.text
    start = 0
    for part in parts:
        end = start + len(part.text)
        over = [
            one
            for finding in report.findings
            for one in (*finding.evidence, *finding.interpretations, *finding.measurements)
            if one.start < end and one.end > start
        ]
        assert (part.certainty is not None) == bool(over)
        start = end


def test_spans_beyond_the_text_are_cut(report: Report) -> None:
    assert "".join(part.text for part in marked("Uterus", report.findings)) == "Uterus"
    assert list(marked("", report.findings)) == []


def test_markup_is_escaped(report: Report) -> None:
    evil = "<script>alert(1)</script><img src=x>"
    html = replace(report, id=evil, text=evil + report.text)._repr_html_()
    content = Content(html)
    assert evil in content.text and not {"script", "img"} & set(content.tags)


def test_a_private_report_has_no_words_of_the_text(report: Report) -> None:
    html = report.without_text()._repr_html_()
    assert "uterine fibroid" in html and "<mark" not in html
    for words in ("fibriods", "March 2023", "45-year-old", "Possibly"):
        assert words not in html


def test_a_report_without_findings(report: Report) -> None:
    assert "nothing found" in replace(report, findings=())._repr_html_()


def test_a_finding_is_a_table(report: Report) -> None:
    content = Content(report.findings[0]._repr_html_())
    assert "uterine fibroid (2)" in content.words["td"] and "mark" not in content.tags


def test_reports_load_no_presentation() -> None:
    code = (
        "import sys, udt.core.report; print([m for m in sys.modules if m.startswith('udt.reporting') or m == 'jinja2'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
