"""Counts and differences, collected while the reports of a gold file are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Any, NamedTuple

from udt.scoring.findings.terms import Label


class FindingDifference(NamedTuple):
    """One disagreement of a document with gold.

    :ivar record: identifier of the report.
    :ivar kind: the part that differs, e.g. `missed` or `laterality`.
    :ivar gold: the gold value; empty for an extra finding.
    :ivar got: the predicted value; empty for a missed finding.
    :ivar quote: words of the text, or of a concept, that identify the finding.
    """

    record: str
    kind: str
    gold: str
    got: str
    quote: str


class FindingTally:
    """Counts over all reports, and the differences of each."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.differences: list[FindingDifference] = []
        self._record = ""

    def begin(self, record: str) -> None:
        """Set the report that differences are noted for."""
        self._record = record

    def add(self, name: str, number: int = 1) -> None:
        """Add to a count."""
        self.counts[name] += number

    def judge(self, name: str, right: bool) -> None:
        """Count one decision in the counts `name_total` and, if it is right, `name_right`."""
        self.counts[f"{name}_total"] += 1
        self.counts[f"{name}_right"] += right

    def compare(self, name: str, gold: Set[Any], predicted: Set[Any]) -> None:
        """Count the members of two sets as true positives, false positives, false negatives."""
        both = len(gold & predicted)
        self.counts[f"{name}_tp"] += both
        self.counts[f"{name}_fp"] += len(predicted) - both
        self.counts[f"{name}_fn"] += len(gold) - both

    def differ_in_labels(self, kind: str, gold: Set[Label], got: Set[Label], quote: str) -> None:
        """Note the labels that are missing, and those that are too many."""
        if gold != got:
            missing, extra = ({label for _, label in some} for some in (gold - got, got - gold))
            self.differ(kind, missing, extra, quote)

    def differ(self, kind: str, gold: object, got: object, quote: str) -> None:
        """Note a difference; None is shown as `none`."""
        self.differences.append(
            FindingDifference(self._record, kind, _shown(gold), _shown(got), " ".join(quote.split()))
        )


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, set | frozenset):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value)
