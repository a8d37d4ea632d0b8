"""The graph of a report, or of one of its findings, in Turtle: the same triples that `udt normalize` writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from udt.core.report import Finding, LabelSets, Report
from udt.io.writers.base import Settings
from udt.io.writers.registry import writer


def to_turtle(report: Report, extensions: Sequence[Path] = (), finding: Finding | None = None) -> bytes:
    """Write a report with its findings and their evidence as Turtle; with `finding`, that one alone.

    :raises udt.core.errors.DataError: if a label is not in the taxonomy with `extensions`.
    """
    chosen = report if finding is None else narrowed(report, finding)
    target = BytesIO()
    turtle = writer("ttl", Settings(extensions=tuple(extensions)))
    turtle.write([turtle.encode(chosen)], target)
    return target.getvalue()


def narrowed(report: Report, finding: Finding) -> Report:
    """Return a report with no other finding."""
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(finding.labels, ())
    labels = nothing if finding.certainty == "absent" else finding.labels
    attributes: LabelSets = {} if finding.certainty == "absent" else finding.attributes
    return replace(report, labels=labels, possible=nothing, absent=nothing, attributes=attributes, findings=(finding,))
