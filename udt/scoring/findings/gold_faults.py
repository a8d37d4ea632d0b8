"""Faults of gold reports, each a sentence with its place in the record, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from udt.core.texts import brief
from udt.io.rows import Row, Skipped
from udt.scoring.findings.links import links_of, targets_of
from udt.scoring.findings.terms import DIAGNOSIS, ORGAN, Terms
from udt.scoring.gold import closest, faults_of_labels

_KINDS = ("lesion", "state", "organ")
_CERTAINTIES = ("present", "possible", "absent")
_SIDES = ("left", "right", "bilateral", "midline")
_TIMES = ("current", "previous", "planned")
_FLAGS = ("optional", "kind_any")


def faults_of_report(row: Row, terms: Terms) -> Iterator[str]:
    """Yield each fault of a gold report."""
    text, name, findings = row.text("text"), row.name("id"), row.cells["findings"]
    yield from (part.reason for part in (text, name) if isinstance(part, Skipped))
    for key in ("labels", "absent"):
        yield from _faults_of_sets(key, row.cells.get(key), terms)
    if isinstance(text, str):
        yield from _faults_of_spans(row.cells.get("unscored"), text)
        yield from _faults_of_findings(findings, text, terms)


def _faults_of_sets(name: str, value: object, terms: Terms) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield f"'{name}' is no object; give each dimension with a list of labels"
        return
    for key, labels in value.items():
        yield from (f"'{name}': {fault}" for fault in faults_of_labels(key, labels, terms.dimensions))


def _faults_of_spans(value: object, text: str) -> Iterator[str]:
    for span in value if isinstance(value, list) else [] if value is None else [value]:
        if not _is_span(span, text):
            yield "'unscored' is no list of [start, end] within the text"


def _is_span(span: object, text: str) -> bool:
    if not isinstance(span, list) or len(span) != 2 or not all(type(part) is int for part in span):
        return False
    return bool(0 <= span[0] < span[1] <= len(text))


def _faults_of_findings(findings: object, text: str, terms: Terms) -> Iterator[str]:
    if not isinstance(findings, list) or not all(isinstance(finding, Mapping) for finding in findings):
        yield "'findings' is no list of objects"
        return
    for number, finding in enumerate(findings):
        for fault in _faults_of_finding(finding, text, terms):
            yield f"findings[{number}]: {fault}"
    linked = {source for source, _ in links_of(findings)}
    for number, finding in enumerate(findings):
        if targets_of(finding) and number not in linked:
            yield f"findings[{number}]: 'same_as' is the id, index or quote of no other finding"


def _faults_of_finding(finding: Mapping[str, Any], text: str, terms: Terms) -> Iterator[str]:
    yield from _faults_of_quote(finding, text)
    yield from _fault_of_choice(finding, "certainty", _CERTAINTIES, required=True)
    yield from _fault_of_choice(finding, "kind", _KINDS)
    yield from _fault_of_choice(finding, "laterality", _SIDES)
    yield from _fault_of_choice(finding, "time", _TIMES)
    yield from (f"'{key}' is not true or false" for key in _FLAGS if not isinstance(finding.get(key, False), bool))
    yield from _faults_of_names(finding)
    yield from _faults_of_labels(finding, terms)
    yield from _faults_of_measurements(finding.get("measurements"))
    lengths = finding.get("measurements_mm", [])
    if not isinstance(lengths, list) or not all(map(_are_numbers, lengths)):
        yield "'measurements_mm' is no list of lists of numbers"


def _faults_of_quote(finding: Mapping[str, Any], text: str) -> Iterator[str]:
    quote, start = finding.get("quote"), finding.get("start")
    if not isinstance(quote, str) or not quote:
        yield "has no 'quote'; give the words of the text that name it"
    elif quote not in text:
        yield f"the quote '{brief(quote)}' is not in the text"
    elif start is not None and (type(start) is not int or start < 0 or not text.startswith(quote, start)):
        yield f"the quote '{brief(quote)}' is not at its 'start' {start}; its first place is {text.find(quote)}"


def _fault_of_choice(
    finding: Mapping[str, Any], key: str, allowed: Sequence[str], *, required: bool = False
) -> Iterator[str]:
    value = finding.get(key)
    if (value is not None or required) and value not in allowed:
        yield f"'{key}' is '{brief(str(value))}'; allowed: {', '.join(allowed)}"


def _faults_of_names(finding: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(finding.get("concept"), str | None):
        yield "'concept' is no name"
    for key in ("concept_also", "concept_broader"):
        if not _are_names(finding.get(key, [])):
            yield f"'{key}' is no list of names"
    site = finding.get("site")
    if not isinstance(site, str | None) and not _are_names(site):
        yield "'site' is no name and no list of names"
    if not isinstance(finding.get("extra"), Mapping | None):
        yield "'extra' is no object"


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _faults_of_labels(finding: Mapping[str, Any], terms: Terms) -> Iterator[str]:
    attributes = finding.get("attributes") or {}
    if not isinstance(attributes, Mapping):
        yield "'attributes' is no object; give each dimension with a list of labels"
        return
    for key, labels in {**attributes, DIAGNOSIS: finding.get("diagnosis") or []}.items():
        yield from faults_of_labels(key, labels, terms.dimensions)
    organ = finding.get("organ")
    organs = next((dimension.labels for dimension in terms.dimensions if dimension.key == ORGAN), ())
    if organ is not None and organ not in organs:
        yield f"the taxonomy has no organ '{brief(str(organ))}'{closest(str(organ), organs)}"


def _faults_of_measurements(value: object) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(measurement, Mapping) for measurement in value):
        yield "'measurements' is no list of objects"
        return
    for number, measurement in enumerate(value):
        values = measurement.get("values_mm") or measurement.get("values")
        if not _are_numbers(values):
            yield f"measurements[{number}] has no 'values_mm' and no 'values', lists of numbers"


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and all(type(number) in (int, float) for number in value)
