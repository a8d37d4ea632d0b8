"""Counts of lesions: links between their mentions, and the number of affirmed lesions of each report."""

from __future__ import annotations

from collections.abc import Sequence

from udt.scoring.findings.groups import Group
from udt.scoring.findings.links import first_links, groups_of
from udt.scoring.findings.outcomes import Outcome
from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.tally import FindingTally


def count_lesions(pairing: FindingPairing, outcomes: Sequence[Outcome], tally: FindingTally) -> None:
    """Count gold and predicted links, and gold and predicted lesions."""
    _count_gold_links(pairing, tally)
    _count_predicted_links(pairing, tally)
    gold, predicted = _gold_lesions(pairing), _predicted_lesions(pairing, outcomes)
    tally.add("lesions_gold", gold)
    tally.add("lesions_predicted", predicted)
    tally.add("lesions_difference", abs(gold - predicted))
    tally.judge("reports_with_right_number", gold == predicted)


def _count_gold_links(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count the first link of each abnormal gold finding; a prediction that links it with another target is right."""
    for source, target in first_links(pairing.report.links):
        one, other = pairing.gold[source], pairing.gold[target]
        if one.optional or other.optional or one.group is not Group.ABNORMAL:
            continue
        targets = [k for first, k in pairing.report.links if first == source]
        right = (
            any(_are_linked(pairing, source, k) for k in targets)
            if _is_finding(pairing, source)
            else (_are_linked(pairing, source, target))
        )
        tally.judge("links", right)
        if not right:
            tally.differ("link, missing", other.quote, None, one.quote)


def _is_finding(pairing: FindingPairing, gold: int) -> bool:
    index = pairing.served.get(gold)
    return index is not None and not pairing.predicted[index].is_interpretation


def _are_linked(pairing: FindingPairing, one: int, other: int) -> bool:
    """Return whether the predictions of two gold findings are of one lesion: two findings, or two interpretations."""
    first, second = pairing.served.get(one), pairing.served.get(other)
    if first is None or second is None:
        return False
    alike = pairing.predicted[first].is_interpretation == pairing.predicted[second].is_interpretation
    return alike and pairing.predicted_lesion[first] == pairing.predicted_lesion[second]


def _count_predicted_links(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count the links between paired findings; one is right if gold has it, or both are of one lesion."""
    stated = {frozenset(link) for link in pairing.report.links}
    for source, target in pairing.predicted_links:
        one, other = pairing.partner.get(source), pairing.partner.get(target)
        if one is None or other is None or pairing.gold[one].optional or pairing.gold[other].optional:
            continue
        if pairing.gold[one].group is Group.ABNORMAL:
            right = pairing.same_lesion(one, other) or frozenset((one, other)) in stated
            tally.judge("links_predicted", right)
            if not right:
                tally.differ("link, wrong", None, pairing.gold[other].quote, pairing.gold[one].quote)


def _gold_lesions(pairing: FindingPairing) -> int:
    """Count the affirmed abnormal lesions without an optional mention; interpretations are none."""
    optional = {pairing.lesion[k] for k, gold in enumerate(pairing.gold) if gold.optional}
    return len(
        {
            pairing.lesion[k]
            for k, gold in enumerate(pairing.gold)
            if gold.group is Group.ABNORMAL and not gold.is_denied and not gold.interpretation
        }
        - optional
    )


def _predicted_lesions(pairing: FindingPairing, outcomes: Sequence[Outcome]) -> int:
    """Count the affirmed abnormal lesions of the document, without those paired with lesions that do not count."""
    skipped = {pairing.lesion[k] for k, gold in enumerate(pairing.gold) if gold.optional or gold.interpretation}
    findings = sum(not predicted.is_interpretation for predicted in pairing.predicted)
    lesion = groups_of(findings, first_links(pairing.predicted_links))
    found = set()
    for index in range(findings):
        partner = pairing.partner.get(index)
        is_skipped = partner is not None and pairing.lesion[partner] in skipped
        if not is_skipped and outcomes[index].part_of is None and _is_affirmed_lesion(pairing, index):
            found.add(lesion[index])
    return len(found)


def _is_affirmed_lesion(pairing: FindingPairing, index: int) -> bool:
    predicted, partner = pairing.predicted[index], pairing.partner.get(index)
    if predicted.is_ignored or predicted.is_denied:
        return False
    if predicted.group is Group.ANY:
        return partner is not None and pairing.gold[partner].group is Group.ABNORMAL
    is_bare_denial = predicted.denies_labels_alone and not predicted.concept.names
    return predicted.group is Group.ABNORMAL and not is_bare_denial
