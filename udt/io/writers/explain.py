"""Explanation of the findings of a text: the text with every span marked, and the spans by finding.

With colour, evidence has the colour of its dimension, cues are underlined, and what was denied or left out is struck
through; further dimensions than there are colours share them. Without colour, evidence is `[words|dimension: label]`,
with `?` before what is possible, `–` before what is denied and `~` if that is unknown; a cue is `{words}` and what was
left out `[words|not: reason]`. The list gives the evidence of each finding with its sizes, then the mentions that give
none; the reason of a corrected spelling is `read as …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from rich.console import RenderableType
from rich.text import Text

from udt.core.errors import DataError
from udt.core.report import Evidence, Excluded, Finding, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import fitted, grid, longest_line, printable, rendered
from udt.reporting.evidence import visible_evidence
from udt.reporting.findings import measurement, summary

_COLORS = ("cyan", "blue", "magenta", "green", "yellow", "red", "bright_cyan", "bright_magenta", "bright_blue")
_STYLES: dict[str, str] = {name: look.console for name, look in CERTAINTY.items()}
_CUE_REACH = 300
_SIGNS = {"present": "", "possible": "?", "absent": "–", "unknown": "~"}
_COLUMNS = ("span", "text", "label", "certainty", "cue", "reason")
_EXCLUDED = "excluded"
_GAP = 2


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of explanations with the width and colours of `settings`."""
    return text_writer(partial(_explanation, settings))


def explain(report: Report, *, color: bool = False, width: int = 100, extensions: Sequence[Path] = ()) -> str:
    """Return the marked text of `report` and the list of its spans.

    :param extensions: Turtle files that extended the taxonomy that the report was made with.
    :raises DataError: if the report is private, so that it has no text.
    """
    return _explanation(Settings(tuple(extensions), color=color, width=width), report)


def _explanation(settings: Settings, report: Report) -> str:
    if report.private:
        raise DataError("a private report has no text to explain; normalise the text again")
    keys = DimensionKeys.load(settings.extensions)
    text = _painted(report, keys) if settings.color else Text(_bracketed(report, keys))
    text.rstrip()
    name = Text(printable(report.id) or "(no id)", "bold")
    return rendered([name, text, "", *_listing(report, settings.width), ""], settings.width, settings.color)


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """A stretch to mark. `note` is empty for a cue."""

    start: int
    end: int
    note: str = ""


def _spans(report: Report, keys: DimensionKeys) -> list[_Span]:
    """Return the spans to mark, without repeats, in text order, but no body system with the words of its organ."""
    shown = visible_evidence(report, keys.places)
    evidence = [_Span(e.start, e.end, f"{_SIGNS[e.certainty]}{_label(e)}") for e in shown]
    evidence += [
        _Span(i.start, i.end, f"{_SIGNS[i.certainty]}interpretation: {i.concept.label}")
        for one in report.findings
        for i in one.interpretations
    ]
    excluded = [_Span(x.start, x.end, f"not: {x.reason}") for x in report.excluded]
    cues = [span for e in report.evidence if (span := _cue(report.text, e))]
    return sorted({*evidence, *excluded, *cues})


def _cue(text: str, evidence: Evidence) -> _Span | None:
    """Find the cue of `evidence`: its nearest mention, before the evidence rather than after it."""
    if not evidence.cue:
        return None
    base = max(0, evidence.start - _CUE_REACH)
    window = text[base : evidence.end + _CUE_REACH]
    found = [(base + m.start(), base + m.end()) for m in re.finditer(re.escape(evidence.cue), window, re.IGNORECASE)]
    before = [span for span in found if span[1] <= evidence.end]
    return _Span(*(before[-1] if before else found[0])) if found else None


def _painted(report: Report, keys: DimensionKeys) -> Text:
    text = Text(printable(report.text))
    # A report of another taxonomy may have further dimensions.
    shown = dict.fromkeys((*keys.all, *(one.dimension for one in report.evidence)))
    styles = dict(zip(shown, cycle(_COLORS), strict=False))
    for excluded in report.excluded:
        text.stylize("dim strike", excluded.start, excluded.end)
    for one in report.evidence:
        text.stylize(styles[one.dimension] + (" strike" if one.certainty == "absent" else ""), one.start, one.end)
        if cue := _cue(report.text, one):
            text.stylize("underline", cue.start, cue.end)
    return text


def _bracketed(report: Report, keys: DimensionKeys) -> str:
    text = printable(report.text)
    parts: list[str] = []
    done = 0
    for start, end, notes in _groups(_spans(report, keys)):
        marked = f"[{text[start:end]}|{'; '.join(notes)}]" if notes else f"{{{text[start:end]}}}"
        parts += [text[done:start], marked]
        done = end
    return "".join([*parts, text[done:]])


def _groups(spans: list[_Span]) -> Iterator[tuple[int, int, list[str]]]:
    """Group overlapping spans, which are marked as one stretch with all their notes."""
    group: list[_Span] = []
    for span in [*spans, None]:
        if group and (span is None or span.start >= max(one.end for one in group)):
            notes = dict.fromkeys(one.note for one in group if one.note)
            yield group[0].start, max(one.end for one in group), list(notes)
            group = []
        if span is not None:
            group.append(span)


class _Row(NamedTuple):
    """A line of the list: a stretch of the text, and what it is taken for."""

    start: int
    end: int
    words: str
    label: str
    certainty: str = ""
    cue: str = ""
    reason: str = ""


def _listing(report: Report, width: int) -> Iterator[RenderableType]:
    """Yield each finding with its evidence, and the mentions that give no finding."""
    parts = [(f"{one.id}: {summary(one)}", _rows(report.text, one)) for one in report.findings]
    parts += [("excluded", [_excluded(one) for one in report.excluded])] if report.excluded else []
    found = [
        (heading, [_cells(row) for row in sorted(dict.fromkeys(rows), key=itemgetter(0, 1))]) for heading, rows in parts
    ]
    head = tuple(Text(name, "bold") for name in _COLUMNS)
    columns = zip(head, *(cells for _, rows in found for cells in rows), strict=True)
    widths = fitted([max(map(longest_line, column)) for column in columns], width - _GAP, _GAP)
    yield grid([head], widths, _GAP)
    for heading, rows in found:
        yield Text(printable(heading), "underline")
        yield grid(rows, widths, _GAP)


def _rows(text: str, finding: Finding) -> list[_Row]:
    """Return the evidence, the interpretations and the measurements of a finding."""
    rows = [_Row(e.start, e.end, e.text, _label(e), e.certainty, e.cue or "", e.reason or "") for e in finding.evidence]
    rows += [
        _Row(i.start, i.end, i.text, f"interpretation: {i.concept.label}", i.certainty, i.cue or "")
        for i in finding.interpretations
    ]
    return rows + [
        _Row(m.start, m.end, text[m.start : m.end], f"{m.quantity}: {measurement(m)}") for m in finding.measurements
    ]


def _label(evidence: Evidence) -> str:
    return f"{evidence.dimension}: {evidence.label}"


def _excluded(one: Excluded) -> _Row:
    return _Row(one.start, one.end, one.text, one.concept, _EXCLUDED, "", one.reason)


def _cells(row: _Row) -> tuple[Text, ...]:
    style = _STYLES.get(row.certainty, "dim")
    words, label, cue, reason = (Text(printable(part)) for part in (row.words, row.label, row.cue, row.reason))
    return (Text(f"{row.start}–{row.end}"), words, label, Text(row.certainty, style), cue, reason)


FORMAT = ReportFormat(writer, shows_text=True)
