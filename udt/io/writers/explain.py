"""Explanation of the labels of a text: the text with every span marked, and a list of the spans.

With colour, evidence has the colour of its dimension, cues are underlined, and what was denied or left out is struck
through; further dimensions than there are colours share them. Without colour, evidence is `[words|dimension: label]`,
with `?` before what is possible and `–` before what is denied; a cue is `{words}` and what was left out
`[words|not: reason]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

from rich.table import Table
from rich.text import Text

from udt.core.errors import DataError
from udt.core.report import Evidence, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import printable, rendered
from udt.reporting.evidence import visible_evidence

_COLORS = ("cyan", "blue", "magenta", "green", "yellow", "red", "bright_cyan", "bright_magenta", "bright_blue")
_STYLES: dict[str, str] = {name: look.console for name, look in CERTAINTY.items()}
_CUE_REACH = 300
_SIGNS = {"present": "", "possible": "?", "absent": "–"}


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
    return rendered([name, text, "", _listing(report), ""], settings.width, settings.color)


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """A stretch to mark. `note` is empty for a cue."""

    start: int
    end: int
    note: str = ""


def _spans(report: Report, keys: DimensionKeys) -> list[_Span]:
    """Return the spans to mark, without repeats, in text order, but no body system with the words of its organ."""
    shown = visible_evidence(report, keys.places)
    evidence = [_Span(e.start, e.end, f"{_SIGNS[e.certainty]}{e.dimension}: {e.label}") for e in shown]
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


def _listing(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("span", "text", "label", "certainty", "cue", "reason"):
        table.add_column(name, no_wrap=name in {"span", "certainty"})
    rows = [(e.start, e.end, _evidence_cells(e)) for e in report.evidence]
    rows += [(x.start, x.end, (printable(x.text), x.concept, "excluded", "", x.reason)) for x in report.excluded]
    for start, end, (words, label, certainty, cue, reason) in sorted(dict.fromkeys(rows), key=lambda row: row[:2]):
        style = _STYLES.get(certainty, "dim")
        table.add_row(f"{start}–{end}", Text(words), Text(label), Text(certainty, style), Text(cue), Text(reason))
    return table


def _evidence_cells(evidence: Evidence) -> tuple[str, str, str, str, str]:
    label = f"{evidence.dimension}: {evidence.label}"
    return printable(evidence.text), label, evidence.certainty, printable(evidence.cue or ""), evidence.reason or ""


FORMAT = ReportFormat(writer, shows_text=True)
