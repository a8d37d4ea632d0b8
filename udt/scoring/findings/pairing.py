"""Pairing of predicted findings with gold findings.

Findings are paired one to one, by the greatest total weight. Two can be paired if they are of one group and the
prediction overlaps the gold quote. After that, two kinds of gold findings without a partner of their own are served by
a prediction that has one: a restatement, if the prediction of another mention of the lesion overlaps it, and a denied
attribute, if it is kept as denied evidence inside its lesion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from udt.scoring.findings.assignment import best_assignment
from udt.scoring.findings.concepts import ConceptMatch, match_concepts
from udt.scoring.findings.documents import Document
from udt.scoring.findings.gold import GoldFinding, GoldReport
from udt.scoring.findings.groups import FLOW, Group
from udt.scoring.findings.links import groups_of, links_of
from udt.scoring.findings.names import ConceptNames
from udt.scoring.findings.predicted import PredictedFinding, predicted_findings
from udt.scoring.findings.quantities import share_value
from udt.scoring.findings.spans import overlap
from udt.scoring.findings.terms import Terms

_PAIR = 0.3
_POLARITY = 0.5
_CONCEPT = {ConceptMatch.EXACT: 1.0, ConceptMatch.BROADER: 0.5}
_ORGAN = 0.2
_SIDE = 0.2
_SIZE = 0.5
_INTERPRETATION = 0.2
_OPTIONAL = 0.9


@dataclass(frozen=True)
class FindingPairing:
    """The gold and the predicted findings of one report, and which of them belong together.

    :ivar predicted: the findings of the document, followed by their interpretations.
    :ivar pairs: index of each paired gold finding to that of its prediction, one to one.
    :ivar served: the same, with the restatements, which share the prediction of another mention.
    :ivar kept: index of a denied gold attribute to that of the finding that keeps it as denied evidence.
    """

    report: GoldReport
    document: Document
    terms: Terms
    predicted: tuple[PredictedFinding, ...]
    pairs: dict[int, int]
    served: dict[int, int]
    kept: dict[int, int]

    @property
    def gold(self) -> tuple[GoldFinding, ...]:
        """The gold findings."""
        return self.report.findings

    @cached_property
    def partner(self) -> dict[int, int]:
        """Index of each paired prediction to that of its gold finding."""
        return {predicted: gold for gold, predicted in self.pairs.items()}

    @cached_property
    def lesion(self) -> list[int]:
        """For each gold finding the lowest index of the findings of the same lesion."""
        return self.report.lesions

    @cached_property
    def predicted_links(self) -> list[tuple[int, int]]:
        """Index of each finding of the document that takes up another, and of that one."""
        return links_of(self.document.get("findings") or ())

    @cached_property
    def predicted_lesion(self) -> list[int]:
        """For each prediction the lowest index of the findings that links connect with it, or with its host."""
        group = groups_of(sum(not one.is_interpretation for one in self.predicted), self.predicted_links)
        return [group[index if one.host is None else one.host] for index, one in enumerate(self.predicted)]

    def same_lesion(self, one: int, other: int) -> bool:
        """Return whether two gold findings are of the same lesion."""
        return self.lesion[one] == self.lesion[other]

    def prediction_of(self, gold: int) -> PredictedFinding | None:
        """Return the prediction that a gold finding is compared with."""
        index = self.kept.get(gold, self.served.get(gold))
        return None if index is None else self.predicted[index]

    def mentions(self, gold: int) -> list[int]:
        """Return the gold findings of the same lesion that one prediction serves together with this one."""
        index = self.served.get(gold)
        alike = (k for k in range(len(self.gold)) if index is not None and self.served.get(k) == index)
        return [gold, *(k for k in alike if k != gold and self.same_lesion(k, gold))]

    def overlapping(self, predicted: int) -> list[int]:
        """Return the gold findings whose quote the prediction or its place overlaps."""
        one = self.predicted[predicted]
        return [k for k, x in enumerate(self.gold) if overlap(x.span, one.core) or overlap(x.span, one.place)]


def pair(report: GoldReport, document: Document, terms: Terms) -> FindingPairing:
    """Assign the findings of a document to those of a gold report."""
    predicted = tuple(predicted_findings(document, terms, report.unscored))
    weights = pair_weights(report.findings, predicted, terms.names)
    pairs = best_assignment(weights)
    served = pairs | _restatements(report, predicted, pairs)
    kept = _kept_denials(report, predicted, served)
    return FindingPairing(report, document, terms, predicted, pairs, served, kept)


def pair_weights(
    gold: tuple[GoldFinding, ...], predicted: tuple[PredictedFinding, ...], names: ConceptNames
) -> NDArray[np.float64]:
    """Return the weight of each pair, shape (gold, predicted); 0 if the two cannot be paired.

    The weight is 0.3, plus the overlap as a share of the shorter of the two in [0, 1], 0.5 for the same polarity, the
    Jaccard index of the labels, 1 for the same concept (0.5 for a broader one), 0.2 for the organ, 0.2 for the side and
    0.5 for a shared size. An interpretation loses 0.2 unless the gold is one; of optional gold, 0.9 of the sum counts.
    """
    rows = [[_weight(x, p, names) for p in predicted] for x in gold]
    return np.array(rows, dtype=np.float64).reshape(len(gold), len(predicted))


def _weight(gold: GoldFinding, predicted: PredictedFinding, names: ConceptNames) -> float:
    shared = _shared_characters(gold, predicted)
    if not shared or predicted.is_ignored or not _may_pair(gold, predicted):
        return 0.0
    match = match_concepts(gold, predicted, names)
    if predicted.is_vague and match is not ConceptMatch.EXACT:
        return 0.0
    length = min(gold.span[1] - gold.span[0], sum(end - start for start, end in predicted.core)) or 1
    # Added one by one: `sum` compensates rounding from Python 3.12 on, and equal weights have to be equal on all.
    weight = _PAIR
    weight += min(1.0, shared / length)
    weight += _POLARITY if gold.is_denied == predicted.is_denied else 0.0
    weight += _jaccard(gold, predicted)
    weight += 0.0 if gold.is_generic else _CONCEPT.get(match, 0.0)
    weight += _ORGAN if gold.organ in predicted.organs else 0.0
    weight += _SIDE if gold.laterality and gold.laterality == predicted.laterality else 0.0
    weight += _SIZE if share_value(gold.measurements, predicted.measurements) else 0.0
    weight -= _INTERPRETATION if predicted.is_interpretation and not gold.interpretation else 0.0
    return weight * _OPTIONAL if gold.optional else weight


def _shared_characters(gold: GoldFinding, predicted: PredictedFinding) -> int:
    """Count the shared characters; the place of a prediction counts unless both are abnormal findings."""
    shared = overlap(gold.span, predicted.core)
    if not shared and (predicted.group in (Group.ANY, Group.ORGAN) or gold.group is not Group.ABNORMAL):
        return overlap(gold.span, predicted.place)
    return shared


def _may_pair(gold: GoldFinding, predicted: PredictedFinding) -> bool:
    """Return whether the groups of two findings allow to pair them."""
    if gold.group == predicted.group or gold.any_kind:
        return True
    if predicted.group is Group.ANY:
        return not predicted.is_denied or gold.group is Group.ABNORMAL
    is_bare_flow = predicted.kind is None and predicted.affirmed == {FLOW} and not predicted.denied
    return gold.group is Group.NORMAL and is_bare_flow


def _jaccard(gold: GoldFinding, predicted: PredictedFinding) -> float:
    labels = predicted.labels(denied=gold.is_denied)
    either = gold.labels | labels
    return len(gold.labels & labels) / len(either) if either else 0.0


def _restatements(report: GoldReport, predicted: tuple[PredictedFinding, ...], pairs: dict[int, int]) -> dict[int, int]:
    """Return the gold findings without a pair that the prediction of another mention of the lesion also overlaps."""
    found: dict[int, int] = {}
    lesions = report.lesions
    for index, gold in enumerate(report.findings):
        if index in pairs:
            continue
        others = (k for k, lesion in enumerate(lesions) if lesion == lesions[index] and k != index)
        partners = (pairs.get(k, found.get(k)) for k in others)
        partner = next((j for j in partners if j is not None and _restates(gold, predicted[j])), None)
        if partner is not None:
            found[index] = partner
    return found


def _restates(gold: GoldFinding, predicted: PredictedFinding) -> bool:
    is_alike = not predicted.is_interpretation and gold.is_denied == predicted.is_denied
    return is_alike and overlap(gold.span, predicted.core) > 0


def _kept_denials(
    report: GoldReport, predicted: tuple[PredictedFinding, ...], served: dict[int, int]
) -> dict[int, int]:
    """Return the denied gold attributes without a denied prediction, and the last finding that keeps each of them."""
    found: dict[int, int] = {}
    for index, gold in enumerate(report.findings):
        has_denial = index in served and predicted[served[index]].is_denied
        if gold.is_denied and gold.labels and not has_denial:
            found.update((index, j) for j, p in enumerate(predicted) if _keeps(p, gold))
    return found


def _keeps(predicted: PredictedFinding, gold: GoldFinding) -> bool:
    """Return whether a finding has denied evidence for all labels of a denied gold finding within its quote."""
    evidence = () if predicted.is_interpretation else predicted.stated.get("evidence") or ()
    denied = {
        (part.get("dimension"), part.get("label"))
        for part in evidence
        if part.get("certainty") == "absent" and part["start"] < gold.span[1] and part["end"] > gold.span[0]
    }
    return gold.labels <= denied
