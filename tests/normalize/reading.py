"""Parts of a report, and marks of test cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from udt.core.report import Finding, Report

Read = Callable[[str], Report]
Attributes = dict[str, set[str]]


def attributes_of(finding: Finding) -> Attributes:
    """Return the labels of a finding by dimension, without those of its place and without empty dimensions."""
    labels = {key: set(labels) for key, labels in finding.labels.items() if labels}
    return {key: found for key, found in labels.items() if key not in {"body_system", "organ"}}


def places(report: Report) -> set[str]:
    """Return the organs of a report, or its body systems if it has no organ."""
    return set(report.labels["organ"]) or set(report.labels["body_system"])


def exclusion_reasons(report: Report) -> dict[str, str]:
    """Return the excluded words, in lower case, with their reasons."""
    return {one.text.lower(): one.reason for one in report.excluded}


def summaries(report: Report) -> list[str]:
    """Return each finding in one line.

    That is its certainty and time, unless present and current, its name, organ and side, count, sites, labels and
    attributes, sizes, what is offered for it, and the finding that it takes up.
    """
    return [_summary(finding) for finding in report.findings]


def _summary(finding: Finding) -> str:
    stated = [word for word in (finding.time, finding.certainty) if word not in {"current", "present"}]
    stated += [finding.concept.label if finding.concept is not None else "observation"]
    stated += [f"({finding.organ})"] if finding.organ is not None else []
    stated += [finding.laterality] if finding.laterality is not None else []
    parts = [" ".join(stated)]
    parts += [str(finding.count)] if finding.count is not None else []
    parts += [f"at {site.label}" for site in finding.sites]
    described = [*attributes_of(finding).items(), *finding.attributes.items()]
    parts += sorted({label for key, labels in described for label in labels if key not in {"diagnosis", "count"}})
    for one in finding.measurements:
        size = " x ".join(f"{value:g}" for value in one.values)
        parts.append(" ".join([*([one.role] if one.role != "current" else []), size, one.unit]))
    parts += [f"or {one.concept.label}" for one in finding.interpretations]
    parts += [f"= {finding.same_as}"] if finding.same_as is not None else []
    return ", ".join(parts)


def named(findings: Iterable[Finding], label: str) -> Finding:
    """Return the first finding whose concept has a label."""
    return next(f for f in findings if f.concept is not None and f.concept.label == label)


def known_fault(*values: object, id: str) -> object:
    """Mark a case with a wrong result that is known; the test fails as soon as the result is right."""
    return pytest.param(*values, id=id, marks=pytest.mark.xfail(strict=True, reason="known fault"))


def certainties(report: Report) -> str:
    """Return the words that name or describe findings, in order, each after the sign of its certainty, with its cue."""
    signs = {"present": "+", "possible": "?", "absent": "-", "unknown": "~"}
    places = {"body_system", "organ", "site", "laterality"}
    pieces = [piece for finding in report.findings for piece in finding.evidence if piece.dimension not in places]
    pieces.sort(key=lambda piece: (piece.start, piece.end))
    cues = (f" by {piece.cue}" if piece.cue else "" for piece in pieces)
    found = (signs[piece.certainty] + piece.text.lower() + cue for piece, cue in zip(pieces, cues, strict=True))
    return ", ".join(dict.fromkeys(found))
