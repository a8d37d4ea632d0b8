"""A table to read on a terminal: each report with its findings, their labels and sizes.

`+` is present, `?` possible, `–` absent. A label that is less certain than its finding has the sign before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rich.table import Table
from rich.text import Text

from udt.core.report import Certainty, Finding, Measurement, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY
from udt.reporting.console import printable, rendered

_SIGNS: dict[Certainty, str] = {"present": "+", "possible": "?", "absent": "–"}


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of tables with the width and colours of `settings`."""
    return text_writer(partial(_block, settings))


def _block(settings: Settings, report: Report) -> str:
    places = DimensionKeys.load(settings.extensions).places
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=2)
    grid.add_column(ratio=5)
    grid.add_column(no_wrap=True)
    for finding in report.findings:
        grid.add_row(*_cells(finding, places))
    for sign, labels in _loose(report):
        grid.add_row(_sign(sign), "", labels, "")
    if not grid.row_count:
        grid.add_row("", "nothing found", "", "")
    return rendered([Text(printable(report.id) or "(no id)", "bold"), grid, ""], settings.width, settings.color)


def _cells(finding: Finding, hidden: Sequence[str]) -> tuple[Text, Text, Text, Text]:
    places = [finding.organ] if finding.organ else []
    sides = [finding.laterality] if finding.laterality else []
    return (
        _sign(finding.certainty),
        Text(", ".join([*places, *sides]) or "(no organ)"),
        _labels(finding, hidden),
        Text("\n".join(map(_size, finding.measurements))),
    )


def _sign(certainty: Certainty) -> Text:
    return Text(f"  {_SIGNS[certainty]}", CERTAINTY[certainty].console)


def _labels(finding: Finding, hidden: Sequence[str]) -> Text:
    """Format labels and attributes by dimension, then those that the text denies of a present finding.

    :param hidden: keys of the dimensions of places, which have a column of their own.
    """
    labels = finding.all_labels
    stated = ((key, values) for key, values in labels.items() if values and key not in hidden)
    parts = [_dimension(key, [_marked(key, label, finding) for label in values]) for key, values in stated]
    shown = {label for values in labels.values() for label in values}
    denied = dict.fromkeys(e.label for e in finding.evidence if e.certainty == "absent" and e.label not in shown)
    if denied:
        parts.append(Text(" ").join(_signed("absent", label) for label in denied))
    return Text(" · ").join(parts)


def _dimension(key: str, labels: list[Text]) -> Text:
    return Text.assemble((key.replace("_", " ") + " ", "dim"), Text(", ").join(labels))


def _marked(dimension: str, label: str, finding: Finding) -> Text:
    certainties = {e.certainty for e in finding.evidence if (e.dimension, e.label) == (dimension, label)}
    if finding.certainty == "present" and certainties == {"possible"}:
        return _signed("possible", label)
    return Text(label, CERTAINTY[finding.certainty].console)


def _signed(certainty: Certainty, label: str) -> Text:
    return Text(f"{_SIGNS[certainty]}{label}", CERTAINTY[certainty].console)


def _size(measurement: Measurement) -> str:
    return " × ".join(f"{length:.4g}" for length in measurement.values_mm) + " mm"


def _loose(report: Report) -> Iterator[tuple[Certainty, Text]]:
    """Yield labels of the report that are in no finding."""
    sets = [labels for finding in report.findings for labels in (finding.labels, finding.attributes)]
    shown = {label for labels in sets for values in labels.values() for label in values}
    shown |= {evidence.label for evidence in report.evidence}
    stated = report.all_labels
    for certainty, labels in ("present", stated), ("absent", report.absent):
        sign: Certainty = "absent" if certainty == "absent" else "present"
        left = [(key, [label for label in values if label not in shown]) for key, values in labels.items()]
        parts = [
            _dimension(key, [Text(label, CERTAINTY[sign].console) for label in rest]) for key, rest in left if rest
        ]
        if parts:
            yield sign, Text(" · ").join(parts)


FORMAT = ReportFormat(writer, suffixes=(".txt",))
