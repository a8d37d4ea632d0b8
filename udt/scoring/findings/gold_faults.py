"""Faults of gold reports, each a sentence with its place in the record and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udt.core.texts import brief
from udt.io.rows import Row, Skipped
from udt.scoring.findings.links import links_of, targets_of
from udt.scoring.findings.shapes import GOLD, shape_faults
from udt.scoring.findings.terms import DIAGNOSIS, ORGAN, Terms
from udt.scoring.gold import closest, faults_of_labels

_CHOICES: Mapping[str, Sequence[str | None]] = {
    "certainty": ("present", "possible", "absent"),
    "kind": ("lesion", "state", "organ", None),
    "laterality": ("left", "right", "bilateral", "midline", None),
    "time": ("current", "previous", "planned", None),
}


def faults_of_report(row: Row, terms: Terms) -> Iterator[str]:
    """Yield each fault of a gold report; if it has faults of types, those alone."""
    shape = list(shape_faults(row.cells, GOLD))
    text, name = row.text("text"), row.name("id")
    shape += [part.reason for part in (text, name) if isinstance(part, Skipped)]
    yield from shape
    if not shape and isinstance(text, str):
        yield from _faults_of_values(row.cells, text, terms)


def _faults_of_values(record: Mapping[str, Any], text: str, terms: Terms) -> Iterator[str]:
    for name in ("labels", "absent"):
        for key, labels in record.get(name, {}).items():
            yield from (f"'{name}': {fault}" for fault in faults_of_labels(key, labels, terms.dimensions))
    if not all(len(span) == 2 and 0 <= span[0] < span[1] <= len(text) for span in record.get("unscored") or ()):
        yield "'unscored' has a part that is no [start, end] within the text"
    findings = record["findings"]
    linked = {source for source, _ in links_of(findings)}
    for number, finding in enumerate(findings):
        yield from (f"'findings[{number}]': {fault}" for fault in _faults_of_finding(finding, text, terms))
        if targets_of(finding) and number not in linked:
            yield f"'findings[{number}].same_as' is the id, index or quote of no other finding"


def _faults_of_finding(finding: Mapping[str, Any], text: str, terms: Terms) -> Iterator[str]:
    yield from _faults_of_quote(finding, text)
    for key, allowed in _CHOICES.items():
        if (value := finding.get(key)) not in allowed:
            choices = ", ".join(choice for choice in allowed if choice)
            yield f"'{key}' is '{brief(str(value))}'; allowed: {choices}"
    labels = {**(finding.get("attributes") or {}), DIAGNOSIS: finding.get("diagnosis") or []}
    for key, some in labels.items():
        yield from faults_of_labels(key, some, terms.dimensions)
    organ = finding.get("organ")
    organs = next((dimension.labels for dimension in terms.dimensions if dimension.key == ORGAN), ())
    if organ is not None and organ not in organs:
        yield f"the taxonomy has no organ '{brief(organ)}'{closest(organ, organs)}"
    for number, measurement in enumerate(finding.get("measurements") or ()):
        if not measurement.get("values_mm") and not measurement.get("values"):
            yield f"'measurements[{number}]' has neither 'values_mm' nor 'values'"


def _faults_of_quote(finding: Mapping[str, Any], text: str) -> Iterator[str]:
    quote, start = finding["quote"], finding.get("start")
    if not quote or quote not in text:
        yield "its 'quote' is not in the text; give the words of the text that name it"
    elif start is not None and (start < 0 or not text.startswith(quote, start)):
        yield f"its 'quote' is not at its 'start', {start}; its first place in the text is {text.find(quote)}"
