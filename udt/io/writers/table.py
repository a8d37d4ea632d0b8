"""A table to read on a terminal: each report with its lesions, states and organs, a row a finding.

`+` is present, `?` possible, `–` absent, `~` of unknown certainty. A label that is less certain than its finding has
the sign before it. If the columns do not fit, the labels of a finding are on the line below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from udt.core.report import Certainty, Finding, Kind, LabelSets, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import fitted, grid, longest_line, printable, rendered
from udt.reporting.findings import details, interpretation, is_only_named, measurement, name, place, statement

_SIGNS: dict[Certainty, str] = {"present": "+", "possible": "?", "absent": "–", "unknown": "~"}
_HEADINGS: dict[Kind, str] = {"lesion": "Lesions", "state": "States", "organ": "Organs"}
_LOOSE = "Labels of no finding"
_SUPPORT = {"terms": "words of denial unknown", "none": "language unknown"}
_GAP = 2
_NARROWEST = 40
"""Columns of the terminal that the last column needs at least beside the others."""
_WIDEST = 140
"""Columns of the terminal that a table takes at most."""

_Row = tuple[Text, ...]
"""Sign, id, name, place, measurements, and further details."""


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of tables with the width and colours of `settings`."""
    return text_writer(partial(_block, settings))


def _block(settings: Settings, report: Report) -> str:
    places = frozenset(DimensionKeys.load(settings.extensions).places)
    sections: dict[str, list[_Row]] = {
        heading: [_cells(one, places) for one in report.findings if one.kind == kind and not is_only_named(one)]
        for kind, heading in _HEADINGS.items()
    }
    sections[_LOOSE] = [(*map(Text, [""] * 5), labels) for labels in _loose(report)]
    shown = {heading: rows for heading, rows in sections.items() if rows}
    layout = _Layout.of([row for rows in shown.values() for row in rows], min(settings.width, _WIDEST) - _GAP)
    parts: list[RenderableType] = [_head(report)]
    for heading, rows in shown.items():
        parts += [Text(heading, "underline"), *layout.shown(rows)]
    if named := [one for one in report.findings if is_only_named(one)]:
        parts += [Text("Only named", "underline"), Padding(Text(" · ").join(map(_named, named)), (0, 0, 0, _GAP))]
    elif not shown:
        parts.append(Text("  nothing found"))
    return rendered([*parts, ""], settings.width, settings.color)


def _head(report: Report) -> Text:
    """Return the id, the patient as far as known, and the language if it is not fully known."""
    age, sex = report.patient
    notes = [f"{age:g} years"] if age is not None else []
    notes += [sex] if sex is not None else []
    if report.language_support != "full":
        notes.append(f"{printable(report.language)}: {_SUPPORT[report.language_support]}")
    return Text.assemble((printable(report.id) or "(no id)", "bold"), "  " if notes else "", ", ".join(notes))


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of a table, which are the same for all its parts.

    :ivar widths: width of each column; 0 for one without content.
    :ivar below: whether the last column is put below the others, since there is no room for it.
    """

    widths: tuple[int, ...]
    below: bool

    @classmethod
    def of(cls, rows: Sequence[_Row], width: int) -> _Layout:
        """Choose the layout of some rows on `width` columns of the terminal."""
        contents = [max(map(longest_line, cells)) for cells in zip(*rows, strict=True)] if rows else [0]
        before = sum(size + _GAP for size in contents[:-1] if size)
        below = contents[-1] > width - before and width - before < _NARROWEST
        return cls(tuple(fitted(contents[:-1] if below else contents, width, _GAP)), below)

    def shown(self, rows: Sequence[_Row]) -> Iterator[RenderableType]:
        """Yield the rows, or groups of them, ready to be printed one below the other."""
        if not self.below:
            yield grid(rows, self.widths, _GAP)
            return
        indent = _GAP + sum(size + _GAP for size in self.widths[:2] if size)
        for *cells, last in rows:
            if any(cells):
                yield grid([cells], self.widths, _GAP)
            if last:
                yield Padding(last, (0, 0, 0, indent))


def _cells(finding: Finding, places: Set[str]) -> _Row:
    style = CERTAINTY[finding.certainty].console
    where = place(finding)
    sizes = [printable(words) for words in map(measurement, finding.measurements) if words not in where]
    return (
        _sign(finding.certainty),
        Text(printable(finding.id), "dim"),
        Text(printable(statement(finding)), style),
        Text(printable(where)),
        Text("\n".join(sizes)),
        _details(finding, places),
    )


def _named(finding: Finding) -> Text:
    """Return id, name and side of a structure that is only named."""
    words = " ".join(filter(None, (printable(name(finding)), finding.laterality)))
    return Text.assemble((printable(finding.id), "dim"), " ", words)


def _sign(certainty: Certainty) -> Text:
    return Text(_SIGNS[certainty], CERTAINTY[certainty].console)


def _details(finding: Finding, places: Set[str]) -> Text:
    """Return the labels, the change, the interpretations, and the earlier mention of a finding."""
    parts = _labels(finding, places)
    parts += [Text(finding.change)] if finding.change else []
    if finding.interpretations:
        offered = [Text(interpretation(one), CERTAINTY[one.certainty].console) for one in finding.interpretations]
        parts.append(Text.assemble(("interpreted as ", "dim"), Text(" or ").join(offered)))
    parts += [Text(f"see {printable(finding.same_as)}")] if finding.same_as else []
    return Text(" · ").join(parts)


def _labels(finding: Finding, places: Set[str]) -> list[Text]:
    """Return labels and attributes by dimension, then those that the text denies of a present finding.

    Places, and labels that the name contains, have columns of their own.
    """
    labels = {key: values for key, values in details(finding).items() if key not in places}
    parts = [_dimension(key, [_marked(key, label, finding) for label in values]) for key, values in labels.items()]
    stated = {label for values in finding.all_labels.values() for label in values}
    denied = dict.fromkeys(e.label for e in finding.label_evidence if e.certainty == "absent" and e.label not in stated)
    return [*parts, *(_signed("absent", label) for label in denied)]


def _dimension(key: str, labels: list[Text]) -> Text:
    """Return labels after the name of their dimension, unless they contain its last word: `upper pole`."""
    *_, last = words = key.split("_")
    shown = Text(", ").join(labels)
    if all(last in label.plain.lower() for label in labels):
        return shown
    return Text.assemble((" ".join(words) + " ", "dim"), shown)


def _marked(dimension: str, label: str, finding: Finding) -> Text:
    certainties = {e.certainty for e in finding.evidence if (e.dimension, e.label) == (dimension, label)}
    if finding.certainty == "present" and certainties == {"possible"}:
        return _signed("possible", label)
    return Text(label, CERTAINTY[finding.certainty].console)


def _signed(certainty: Certainty, label: str) -> Text:
    return Text(f"{_SIGNS[certainty]}{label}", CERTAINTY[certainty].console)


def _loose(report: Report) -> Iterator[Text]:
    """Yield labels of the report that are in no finding, those that are present and those that are denied."""
    sets = [finding.all_labels for finding in report.findings]
    shown = {label for labels in sets for values in labels.values() for label in values}
    shown |= {evidence.label for evidence in report.evidence}
    stated: dict[Certainty, LabelSets] = {"present": report.all_labels, "absent": report.absent}
    for certainty, labels in stated.items():
        left = [(key, [label for label in values if label not in shown]) for key, values in labels.items()]
        parts = [
            _dimension(key, [Text(label, CERTAINTY[certainty].console) for label in rest]) for key, rest in left if rest
        ]
        if parts:
            yield Text.assemble(_sign(certainty), " ", Text(" · ").join(parts))


FORMAT = ReportFormat(writer, suffixes=(".txt",))
