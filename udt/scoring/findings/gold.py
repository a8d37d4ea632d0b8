"""Gold findings: reports with the findings that a careful reader states, read from JSON Lines and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from udt.core.errors import DataError
from udt.io.rows import Row, Skipped
from udt.scoring.findings.gold_faults import faults_of_report
from udt.scoring.findings.groups import Group, group_of
from udt.scoring.findings.links import Link, first_links, groups_of, links_of
from udt.scoring.findings.names import GENERIC_NAMES, normalized_name
from udt.scoring.findings.quantities import Measured, measured
from udt.scoring.findings.spans import Span
from udt.scoring.findings.terms import Label, Terms, labels_in
from udt.scoring.gold import raise_faults, rows_of


@dataclass(frozen=True, slots=True, eq=False)
class GoldFinding:
    """A finding of a gold report.

    :ivar span: of its quote in the text.
    :ivar concept: name as stated, or None.
    :ivar has_concept: whether the gold states a concept, even if it states that there is none.
    :ivar names: normalized names that are right for its concept.
    :ivar broader: normalized names of its concept that are less specific, but not wrong.
    :ivar sites: normalized names, of which any is right.
    :ivar labels: its type and attributes; those of a denied finding are denied.
    :ivar details: key to value of everything else that is stated of it.
    :ivar interpretation: whether it is an interpretation that the text offers for another finding.
    :ivar optional: whether it counts neither when found nor when missed.
    :ivar any_kind: whether a prediction of any group may be paired with it.
    """

    quote: str
    span: Span
    kind: str
    certainty: str
    time: str | None
    organ: str | None
    laterality: str | None
    concept: str | None
    has_concept: bool
    names: frozenset[str]
    broader: frozenset[str]
    sites: frozenset[str]
    labels: frozenset[Label]
    measurements: tuple[Measured, ...]
    details: Mapping[str, Any]
    interpretation: bool
    optional: bool
    any_kind: bool

    @property
    def is_denied(self) -> bool:
        """Whether the text denies it."""
        return self.certainty == "absent"

    @property
    def is_generic(self) -> bool:
        """Whether it has no concept, or one that distinguishes no finding, such as *lesion*."""
        return not self.concept or normalized_name(self.concept) in GENERIC_NAMES

    @property
    def group(self) -> Group:
        """The group in which it is counted."""
        none: frozenset[Label] = frozenset()
        affirmed, denied = (none, self.labels) if self.is_denied else (self.labels, none)
        return group_of(self.kind, self.certainty, affirmed, denied, not self.is_generic)


@dataclass(frozen=True, slots=True, eq=False)
class GoldReport:
    """A text and its gold.

    :ivar links: index of each finding that takes up another, and index of that one, in the order of the file.
    :ivar labels: label sets of the report, or None if the file has none.
    :ivar absent: label sets that the report denies, or None.
    :ivar unscored: spans in which predictions are not counted.
    """

    id: str
    text: str
    findings: tuple[GoldFinding, ...]
    links: tuple[Link, ...]
    labels: Mapping[str, Sequence[str]] | None
    absent: Mapping[str, Sequence[str]] | None
    unscored: tuple[Span, ...]

    @property
    def lesions(self) -> list[int]:
        """For each finding the lowest index of those of the same lesion; of several targets the first makes it."""
        return groups_of(len(self.findings), first_links(self.links))


@dataclass(frozen=True, slots=True)
class GoldReports:
    """The reports to score, and the number of those left out: marked `"skip": true`, or without findings."""

    reports: tuple[GoldReport, ...]
    skipped: int


def read_gold_reports(path: Path, terms: Terms, only: Collection[str] = ()) -> GoldReports:
    """Read the gold reports of a JSON Lines file and check them against the taxonomy.

    :param only: identifiers of the reports to take; all if it is empty.
    :raises DataError: listing the first 20 faults with their lines, or if there is no report to score, an identifier
        is used twice, or one of `only` is missing.
    """
    faults: list[Skipped] = []
    reports: list[GoldReport] = []
    skipped = 0
    for row in rows_of(path):
        if isinstance(row, Skipped):
            faults.append(row)
        elif row.cells.get("skip") is True or "findings" not in row.cells:
            skipped += 1
        elif found := list(faults_of_report(row, terms)):
            faults += [Skipped(row.place, fault) for fault in found]
        else:
            reports.append(_report(row, terms))
    raise_faults(faults)
    _check_identifiers(path, [report.id for report in reports], only)
    return GoldReports(tuple(report for report in reports if not only or report.id in only), skipped)


def _check_identifiers(path: Path, found: Sequence[str], only: Collection[str]) -> None:
    if not found:
        raise DataError(f'{path}: no report to score; give at least one with "findings" that is not marked "skip"')
    if twice := [name for name, times in Counter(found).items() if times > 1]:
        raise DataError(f"{path}: several reports have the id '{twice[0]}'; give each report an id of its own")
    if missing := sorted(set(only) - set(found)):
        raise DataError(f"{path}: no report has the id '{missing[0]}'; its first ids: {', '.join(found[:5])}")


def _report(row: Row, terms: Terms) -> GoldReport:
    cells: Mapping[str, Any] = row.cells
    spans = _spans(cells["text"], cells["findings"])
    return GoldReport(
        id=str(cells["id"]),
        text=cells["text"],
        findings=tuple(_finding(f, s, terms) for f, s in zip(cells["findings"], spans, strict=True)),
        links=tuple(links_of(cells["findings"])),
        labels=cells.get("labels"),
        absent=cells.get("absent"),
        unscored=tuple((start, end) for start, end in cells.get("unscored") or ()),
    )


def _spans(text: str, findings: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    """Yield the span of each quote; of equal quotes without `start`, the first is the first one in the text."""
    last: dict[str, int] = {}
    for finding in findings:
        quote, start = finding["quote"], finding.get("start")
        if start is None:
            following = text.find(quote, last.get(quote, -1) + 1)
            start = last[quote] = following if following >= 0 else last[quote]
        yield start, start + len(quote)


def _finding(finding: Mapping[str, Any], span: Span, terms: Terms) -> GoldFinding:
    labels = {**(finding.get("attributes") or {}), "diagnosis": finding.get("diagnosis") or []}
    concept = finding.get("concept")
    return GoldFinding(
        quote=finding["quote"],
        span=span,
        kind=finding.get("kind") or "lesion",
        certainty=finding["certainty"],
        time=finding.get("time"),
        organ=finding.get("organ"),
        laterality=finding.get("laterality"),
        concept=concept,
        has_concept="concept" in finding,
        names=_names([concept, *finding.get("concept_also", ())]),
        broader=_names(finding.get("concept_broader", ())),
        sites=_names(site if isinstance(site := finding.get("site"), list) else [site]),
        labels=labels_in(labels, terms.finding_keys),
        measurements=_measurements(finding),
        details=finding.get("extra") or {},
        interpretation=bool(finding.get("interpretation_of")),
        optional=finding.get("optional") is True,
        any_kind=finding.get("kind_any") is True,
    )


def _names(names: Sequence[str | None]) -> frozenset[str]:
    return frozenset(normalized_name(name) for name in names if name)


def _measurements(finding: Mapping[str, Any]) -> tuple[Measured, ...]:
    stated = finding.get("measurements")
    if stated is None:
        stated = [{"values_mm": values} for values in finding.get("measurements_mm") or ()]
    return tuple(measured(measurement) for measurement in stated)
