"""Counts of measurements: a gold measurement is found if a prediction that may own it has its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from udt.scoring.findings.counting.extra import described
from udt.scoring.findings.gold import GoldFinding
from udt.scoring.findings.groups import Group
from udt.scoring.findings.names import normalized_name
from udt.scoring.findings.outcomes import Outcome
from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.predicted import PredictedFinding
from udt.scoring.findings.quantities import Measured, quantity_text, same_kind, same_value
from udt.scoring.findings.spans import is_within, spans_of
from udt.scoring.findings.tally import FindingTally

_NOT_COUNTED_IF_EXTRA = ("count", "distance", "depth", "fraction")
_ALSO_RIGHT: Mapping[str, Sequence[str]] = {"≤": ("<=", "<", "up to"), "~": ("≈", "approximately")}


def count_measurements(pairing: FindingPairing, outcomes: Sequence[Outcome], tally: FindingTally) -> None:
    """Count the gold measurements that are found, and the predicted ones that are right."""
    for index, gold in enumerate(pairing.gold):
        for measurement in () if gold.optional else gold.measurements:
            if measurement.quantity is not None:
                _count_gold(pairing, outcomes, index, measurement, tally)
    for index, predicted in enumerate(pairing.predicted):
        partner = pairing.partner.get(index)
        if predicted.is_ignored or (partner is not None and pairing.gold[partner].optional):
            continue
        for measurement in predicted.measurements:
            if _counts(pairing, measurement):
                _count_predicted(pairing, outcomes, index, measurement, tally)


def _count_gold(
    pairing: FindingPairing, outcomes: Sequence[Outcome], index: int, gold: Measured, tally: FindingTally
) -> None:
    """Count a gold measurement; of several predicted ones that are right, the last of the same kind is compared."""
    quote = pairing.gold[index].quote
    holding = [
        (j, stated)
        for j, predicted in enumerate(pairing.predicted)
        for stated, quantity in predicted.measurements
        if same_value(gold.quantity, quantity)
    ]
    right = [stated for j, stated in holding if _may_own(pairing, outcomes, j, index)]
    tally.judge("measurements", bool(right))
    if not right:
        tally.add("measurements_elsewhere", bool(holding))
        got = described(pairing.predicted[holding[0][0]]) if holding else None
        kind = "measurement, wrong owner" if holding else "measurement, missing"
        tally.differ(kind, quantity_text(gold.quantity), got, quote)
        return
    kind = gold.stated.get("quantity") or ""
    alike = [stated for stated in right if (stated.get("quantity") or "") == kind]
    _count_fields(gold, (alike or right[:1])[-1], quote, tally)


def _count_fields(gold: Measured, got: Mapping[str, Any], quote: str, tally: FindingTally) -> None:
    """Count the role, quantity and comparator that gold states of a measurement."""
    stated, size = gold.stated, gold.quantity
    numbers = len(size.values) if size else 0
    checks = {
        "role": got.get("role") == stated.get("role"),
        "quantity": same_kind(stated.get("quantity"), got.get("quantity"), numbers),
        "comparator": _same_comparator(stated.get("comparator"), got),
    }
    for name, right in checks.items():
        if stated.get(name):
            tally.judge(name, right)
            if not right:
                tally.differ(name, f"{stated[name]} ({quantity_text(size)})", got.get(name), quote)


def _same_comparator(gold: str | None, got: Mapping[str, Any]) -> bool:
    """Return whether a comparator is right; a range has one in its ends."""
    comparator = got.get("comparator")
    return comparator == gold or bool(got.get("range")) or comparator in _ALSO_RIGHT.get(gold or "", ())


def _counts(pairing: FindingPairing, measurement: Measured) -> bool:
    """Return whether a predicted measurement counts: a quantity that gold always gives, and in text with scores."""
    if measurement.quantity is None or measurement.quantity.unit == "%":
        return False
    kind = normalized_name(measurement.stated.get("quantity") or "")
    is_unscored = any(is_within(span, pairing.report.unscored) for span in spans_of(measurement.stated))
    return kind not in _NOT_COUNTED_IF_EXTRA and not is_unscored


def _count_predicted(
    pairing: FindingPairing, outcomes: Sequence[Outcome], index: int, measurement: Measured, tally: FindingTally
) -> None:
    """Count a predicted measurement; it is right if a gold finding that it may be owned by has its value."""
    right = any(
        _may_own(pairing, outcomes, index, k)
        for k, gold in enumerate(pairing.gold)
        if any(same_value(quantity, measurement.quantity) for _, quantity in gold.measurements)
    )
    tally.judge("measurements_predicted", right)
    if not right:
        predicted = pairing.predicted[index]
        tally.differ("measurement, extra", None, quantity_text(measurement.quantity), described(predicted))


def _may_own(pairing: FindingPairing, outcomes: Sequence[Outcome], index: int, gold: int) -> bool:
    """Return whether a prediction may hold the measurements of a gold finding.

    It may if it serves a mention of the same lesion or is a piece of that finding. The sizes of organs and states may
    also be held by another observation of the same organ, side and site that is not paired with a lesion.
    """
    if any(j == index and pairing.same_lesion(k, gold) for k, j in pairing.served.items()):
        return True
    return outcomes[index].part_of == gold or _observes_same(pairing, index, pairing.gold[gold])


def _observes_same(pairing: FindingPairing, index: int, gold: GoldFinding) -> bool:
    predicted = pairing.predicted[index]
    partner = pairing.partner.get(index)
    if gold.kind == "lesion" or not _is_observation(predicted):
        return False
    if partner is not None and pairing.gold[partner].kind == "lesion":
        return False
    same_organ = not gold.organ or gold.organ in predicted.organs
    same_side = not gold.laterality or not predicted.laterality or gold.laterality == predicted.laterality
    same_site = not gold.sites or not predicted.sites or bool(gold.sites & predicted.sites)
    return same_organ and same_side and same_site


def _is_observation(predicted: PredictedFinding) -> bool:
    return predicted.group is not Group.ABNORMAL or predicted.kind == "state"
