"""The evidence of a report that readers are shown."""

from __future__ import annotations

from collections.abc import Sequence

from udt.core.report import Evidence, Report


def visible_evidence(report: Report, places: Sequence[str]) -> list[Evidence]:
    """Return the evidence of labels without repeats, and without a body system that has the words of its organ.

    :param places: keys of the dimensions of places, an outer one before an inner one.
    """
    depths = {key: depth for depth, key in enumerate(places)}
    innermost: dict[tuple[int, int], int] = {}
    evidence = dict.fromkeys(report.label_evidence)
    for one in evidence:
        if one.dimension in depths:
            span = (one.start, one.end)
            innermost[span] = max(depths[one.dimension], innermost.get(span, 0))
    return [e for e in evidence if e.dimension not in depths or depths[e.dimension] == innermost[e.start, e.end]]
