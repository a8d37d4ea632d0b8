"""Score the findings of documents against gold findings.

The rules of counting:

- Predicted and gold findings are paired one to one (`pairing`) within three groups (`groups`): abnormal findings,
  normal states, and observations of organs. Figures of fields are over pairs.
- Interpretations that a finding offers may be paired as findings of their own.
- One prediction may serve a gold finding and its restatement, and a finding may keep a denied attribute as evidence.
- Optional gold counts neither when found nor when missed. Organs that are only named, pieces of gold observations,
  and findings that are planned, of other persons or in unscored text are no errors (`outcomes`).
- A concept is right if a gold name is one of its English labels (`names`, `concepts`). A measurement is right if its
  value and its owner are (`quantities`, `counting.sizes`).
- A document without a field, such as the concepts that `udt-report/1` lacks, gets no credit for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from udt.scoring.findings.counting.document import count_document
from udt.scoring.findings.counting.extra import count_predictions
from udt.scoring.findings.counting.lesions import count_lesions
from udt.scoring.findings.counting.matched import count_gold
from udt.scoring.findings.counting.sizes import count_measurements
from udt.scoring.findings.documents import Document
from udt.scoring.findings.figures import Figure, figures_of
from udt.scoring.findings.gold import GoldReport
from udt.scoring.findings.outcomes import outcomes_of
from udt.scoring.findings.pairing import pair
from udt.scoring.findings.tally import FindingDifference, FindingTally
from udt.scoring.findings.terms import Terms


@dataclass(frozen=True, slots=True)
class FindingEvaluation:
    """Agreement of documents with gold.

    :ivar reports: number of reports.
    :ivar differences: in the order of the reports.
    """

    reports: int
    figures: tuple[Figure, ...]
    counts: Counter[str]
    differences: tuple[FindingDifference, ...]

    def value(self, name: str) -> float | int | None:
        """Return the value of a figure, or None if there is nothing to count.

        :raises KeyError: if no figure has this name.
        """
        return {figure.name: figure.value for figure in self.figures}[name]

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {
            "reports": self.reports,
            "figures": {figure.name: figure.value for figure in self.figures},
            "counts": dict(sorted(self.counts.items())),
            "errors": [difference._asdict() for difference in self.differences],
        }


def evaluate_findings(
    reports: Sequence[GoldReport], documents: Mapping[str, Document], terms: Terms
) -> FindingEvaluation:
    """Score the document of each gold report.

    :param documents: by the identifier of the report.
    :param terms: of the taxonomy that concepts are resolved by.
    :raises KeyError: if a report has no document.
    """
    tally = FindingTally()
    for report in reports:
        _count(report, documents[report.id], terms, tally)
    return FindingEvaluation(len(reports), figures_of(tally.counts), tally.counts, tuple(tally.differences))


def _count(report: GoldReport, document: Document, terms: Terms, tally: FindingTally) -> None:
    tally.begin(report.id)
    pairing = pair(report, document, terms)
    outcomes = outcomes_of(pairing)
    count_gold(pairing, tally)
    count_predictions(pairing, outcomes, tally)
    count_measurements(pairing, outcomes, tally)
    count_lesions(pairing, outcomes, tally)
    count_document(pairing, tally)
