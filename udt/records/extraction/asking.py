"""Decide when a caption is a case for a model: the rules found too little in it, or contradict themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum

from udt.core.report import CONCEPT, Report
from udt.lexicon.tokens import tokenize
from udt.records.extraction.instructions import clauses
from udt.records.extraction.stages import Stage, check_data

_AFFIRMED = frozenset({"present", "possible"})


class Doubt(StrEnum):
    """A reason to ask a model about a text."""

    NOT_STATED = "no label of a kind that captions usually state"
    NO_FINDING = "no finding at all"
    UNREAD = "an unread clause"
    CONTRADICTION = "a label that is affirmed and denied"
    EXCLUSIVE = "labels of one finding that exclude one another"


def doubts(report: Report, stage: Stage) -> Iterator[Doubt]:
    """Yield the reasons to ask a model for the labels of a stage.

    :param report: of the rules.
    """
    roles = {dimension.role for dimension in stage.dimensions}
    data = check_data()
    if roles & set(data.usual) and not any(report.labels[key] for key in stage.keys):
        yield Doubt.NOT_STATED
    if "diagnosis" in roles and _is_without_finding(report, stage):
        yield Doubt.NO_FINDING
    if _has_unread_clause(report, data.unread_words):
        yield Doubt.UNREAD
    if _is_contradicted(report, set(stage.keys) | ({CONCEPT} if "diagnosis" in roles else set())):
        yield Doubt.CONTRADICTION
    exclusive = [key for key in data.exclusive if key in stage.keys]
    if any(len(finding.labels[key]) > 1 for finding in report.findings for key in exclusive):
        yield Doubt.EXCLUSIVE


def _is_without_finding(report: Report, stage: Stage) -> bool:
    """Return whether no label of the stage is affirmed or denied, and nothing but organs is found."""
    labelled = any(labels[key] for labels in (report.labels, report.absent) for key in stage.keys)
    return not labelled and all(finding.kind == "organ" for finding in report.findings)


def _has_unread_clause(report: Report, words: int) -> bool:
    """Return whether a clause of at least `words` words has nothing that the rules read or excluded."""
    text = report.text
    spans = [(one.start, one.end) for one in report.evidence]
    spans += [(one.start, one.end) for one in report.excluded]
    spans += [(one.start, one.end) for finding in report.findings for one in finding.measurements]
    return any(
        not any(first < end and last > start for first, last in spans) and _words(text[start:end]) >= words
        for start, end in clauses(text)
    )


def _words(text: str) -> int:
    return sum(word[:1].isalpha() for word in tokenize(text).words)


def _is_contradicted(report: Report, keys: set[str]) -> bool:
    """Return whether a label or concept of these dimensions is affirmed in one place and denied in another."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in report.evidence:
        if one.dimension in keys:
            found[one.dimension, one.label].add(one.certainty)
    return any("absent" in certainties and certainties & _AFFIRMED for certainties in found.values())
