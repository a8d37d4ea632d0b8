"""Counts of the label sets of the whole document."""

from __future__ import annotations

from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.tally import FindingTally
from udt.scoring.findings.terms import labels_in


def count_document(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count the labels of the sets that gold states, and the contradictions: labels both affirmed and denied."""
    keys = pairing.terms.keys
    for name, stated in (("labels", pairing.report.labels), ("absent", pairing.report.absent)):
        if stated is not None:
            gold, got = labels_in(stated, keys), labels_in(pairing.document.get(name), keys)
            tally.compare(f"document_{name}", gold, got)
            tally.differ_in_labels(f"document, {name}", gold, got, "")
    both = labels_in(pairing.document.get("labels"), keys) & labels_in(pairing.document.get("absent"), keys)
    tally.add("contradictions", len(both))
    for key, label in sorted(both):
        tally.differ("contradiction", None, f"{key}: {label}", "")
