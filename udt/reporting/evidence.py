"""The evidence of a report that readers are shown."""

from __future__ import annotations

from udt.core.report import Evidence, Report


def visible_evidence(report: Report) -> list[Evidence]:
    """Return the evidence without repeats, and without a body system that has the words of its organ."""
    organs = {(e.start, e.end) for e in report.evidence if e.dimension == "organ"}
    evidence = dict.fromkeys(report.evidence)
    return [e for e in evidence if e.dimension != "body_system" or (e.start, e.end) not in organs]
