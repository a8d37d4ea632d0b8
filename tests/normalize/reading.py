"""Short ways to ask what a report says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from udt.core.report import Finding, Report

Read = Callable[[str], Report]
Said = dict[str, set[str]]


def said(finding: Finding) -> Said:
    """What a finding says beside its place: dimension to labels, without the empty ones."""
    told = finding.labels.items()
    return {key: set(labels) for key, labels in told if labels and key not in {"body_system", "organ"}}


def places(report: Report) -> set[str]:
    """The organs of a report, or its body systems where it has no organ."""
    return set(report.labels["organ"]) or set(report.labels["body_system"])


def left_out(report: Report) -> dict[str, str]:
    """The words that gave no label, in lower case, and why."""
    return {one.text.lower(): one.reason for one in report.excluded}


def wrong_yet(*values: object, id: str) -> object:
    """A row that the normaliser is known to read wrongly; the test fails as soon as it reads it well."""
    return pytest.param(*values, id=id, marks=pytest.mark.xfail(strict=True, reason="known fault"))
