"""Reports and findings as HTML for notebooks: the text with its evidence marked, and a table of the findings.

All strings are escaped, and the words of a private report are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from udt.core.report import Certainty, Finding, Report
from udt.reporting.findings import interpretation, is_only_named, measurement, name, place, statement
from udt.reporting.html import render

_RANK: tuple[Certainty, ...] = ("unknown", "present", "possible", "absent")
"""Certainties in ascending priority, for overlapping marks."""


class MarkedPart(NamedTuple):
    """A part of the text.

    :ivar certainty: that of its evidence; None without any.
    :ivar names: the findings that it is evidence of, in words.
    """

    text: str
    certainty: Certainty | None = None
    names: str = ""


class _Span(NamedTuple):
    start: int
    end: int
    certainty: Certainty
    name: str


def report_html(report: Report) -> str:
    """Render a report: its text with the spans of all findings marked, and a table of the findings.

    Organs that are only named are in the text alone.
    """
    parts = () if report.private else tuple(marked(report.text, report.findings))
    listed = [finding for finding in report.findings if not is_only_named(finding)]
    return _rendered(listed, report.id, parts)


def finding_html(finding: Finding) -> str:
    """Render one finding as a table of one row."""
    return _rendered([finding], "", ())


def _rendered(findings: Sequence[Finding], title: str, parts: Sequence[MarkedPart]) -> str:
    header = ("", "finding", "place", "sizes", "further")
    rows = [(finding.certainty, _cells(finding)) for finding in findings]
    return render("notebook.html.j2", title=title, parts=parts, header=header, rows=rows)


def _cells(finding: Finding) -> tuple[str, ...]:
    further = [finding.change or "", *(f"interpreted as {interpretation(one)}" for one in finding.interpretations)]
    further += [f"see {finding.same_as}"] if finding.same_as else []
    further += [finding.section] if finding.section not in {None, "findings"} else []
    sizes = "; ".join(map(measurement, finding.measurements))
    return finding.id, statement(finding), place(finding), sizes, "; ".join(filter(None, further))


def marked(text: str, findings: Iterable[Finding]) -> Iterator[MarkedPart]:
    """Yield the parts of a text, cut at the ends of all evidence, sizes and interpretations of `findings`.

    A part of several findings has the first of their certainties in the order absent, possible, present, unknown.
    """
    spans = sorted(span for finding in findings for span in _spans(finding) if span.start < min(span.end, len(text)))
    cuts = sorted({0, len(text), *(min(at, len(text)) for span in spans for at in (span.start, span.end))})
    active: list[_Span] = []
    following = 0
    for start, end in pairwise(cuts):
        while following < len(spans) and spans[following].start <= start:
            active.append(spans[following])
            following += 1
        active = [span for span in active if span.end > start]
        if active:
            certainty = max((span.certainty for span in active), key=_RANK.index)
            yield MarkedPart(text[start:end], certainty, ", ".join(dict.fromkeys(span.name for span in active)))
        else:
            yield MarkedPart(text[start:end])


def _spans(finding: Finding) -> Iterator[_Span]:
    named = f"{finding.id} {name(finding)}"
    for evidence in finding.evidence:
        yield _Span(evidence.start, evidence.end, evidence.certainty, named)
    for offered in finding.interpretations:
        yield _Span(offered.start, offered.end, offered.certainty, named)
    for size in finding.measurements:
        yield _Span(size.start, size.end, finding.certainty, named)
