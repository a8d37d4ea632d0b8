"""Counts and differences, collected while the reports of a gold file are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sized
from typing import NamedTuple


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

    def compare(self, name: str, gold: Sized, both: Sized, predicted: Sized) -> None:
        """Count the sizes of two sets and their intersection as true positives, false positives, false negatives."""
        self.counts[f"{name}_tp"] += len(both)
        self.counts[f"{name}_fp"] += len(predicted) - len(both)
        self.counts[f"{name}_fn"] += len(gold) - len(both)

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
