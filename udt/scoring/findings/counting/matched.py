"""Counts of the gold findings: found or missed, and the fields of those that are found."""

from __future__ import annotations

from udt.scoring.findings.concepts import ConceptMatch, match_concepts
from udt.scoring.findings.details import has_detail
from udt.scoring.findings.gold import GoldFinding
from udt.scoring.findings.groups import Group
from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.predicted import PredictedFinding
from udt.scoring.findings.tally import FindingTally
from udt.scoring.findings.terms import DIAGNOSIS


def count_gold(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count each gold finding that is not optional."""
    for index, gold in enumerate(pairing.gold):
        if not gold.optional:
            predicted = pairing.prediction_of(index)
            tally.add("concept_gold", _has_concept_to_find(pairing, index))
            if predicted is None:
                _count_missed(gold, tally)
            else:
                _count_found(pairing, index, predicted, tally)


def _polarity(gold: GoldFinding) -> str:
    return "denied" if gold.is_denied else "affirmed"


def _count_missed(gold: GoldFinding, tally: FindingTally) -> None:
    """Count a missed finding; the labels of an abnormal one are missed, too."""
    tally.add(f"{gold.group}_fn")
    name = str(gold.group)
    if gold.group is Group.ABNORMAL:
        name = _polarity(gold)
        tally.add(f"{name}_fn")
        tally.add("labels_fn", len(gold.labels))
        tally.add("labels_of_missed", len(gold.labels))
    tally.differ(f"missed, {name}", f"{gold.concept or 'no concept'} ({gold.organ or 'no organ'})", "", gold.quote)


def _count_found(pairing: FindingPairing, index: int, predicted: PredictedFinding, tally: FindingTally) -> None:
    gold = pairing.gold[index]
    tally.add(f"{gold.group}_tp")
    if gold.group is Group.ABNORMAL:
        tally.add(f"{_polarity(gold)}_tp")
    if _has_concept_to_find(pairing, index):
        _count_concept(pairing, index, predicted, tally)
    _count_organ(gold, predicted, tally)
    _count_site(gold, predicted, tally)
    _count_side(pairing, index, predicted, tally)
    _count_certainty(gold, "absent" if index in pairing.kept else predicted.certainty, tally)
    _count_time(gold, predicted, tally)
    if gold.group is Group.ABNORMAL and not predicted.is_interpretation:
        _count_labels(pairing, index, predicted, tally)
    for key, value in gold.details.items():
        right = has_detail(key, value, predicted)
        tally.judge("details", right)
        if not right:
            tally.differ("detail", f"{key}: {value}", None, gold.quote)


def _has_concept_to_find(pairing: FindingPairing, index: int) -> bool:
    """Return whether the concept of a gold finding counts: that of an abnormal finding that is not a kept denial."""
    gold = pairing.gold[index]
    is_named = gold.has_concept and not gold.is_generic
    return is_named and gold.group is Group.ABNORMAL and index not in pairing.kept


def _count_concept(pairing: FindingPairing, index: int, predicted: PredictedFinding, tally: FindingTally) -> None:
    """Count a concept; of several mentions that one prediction serves, the best counts."""
    gold = pairing.gold[index]
    named = [pairing.gold[k] for k in pairing.mentions(index) if not pairing.gold[k].is_generic]
    match = min(match_concepts(one, predicted, pairing.terms.names) for one in named)
    tally.judge("concept", match is ConceptMatch.EXACT)
    tally.add("concept_right_or_broader", match <= ConceptMatch.BROADER)
    if match is not ConceptMatch.EXACT:
        got = ", ".join(sorted(predicted.concept.names)[:3])
        tally.differ(f"concept, {match.name.lower()}", gold.concept, got or None, gold.quote)


def _count_organ(gold: GoldFinding, predicted: PredictedFinding, tally: FindingTally) -> None:
    right = gold.organ in predicted.organs if gold.organ else not predicted.organs
    tally.judge("organ", right)
    tally.judge("organ_exactly", predicted.organs == ({gold.organ} if gold.organ else set()))
    if not right:
        tally.differ("organ", gold.organ, predicted.organs, gold.quote)


def _count_site(gold: GoldFinding, predicted: PredictedFinding, tally: FindingTally) -> None:
    """Count a stated site; it is right if a gold name is one of the predicted names, or whole words of one."""
    if not gold.sites or predicted.is_interpretation:
        return
    right = any(f" {site} " in f" {name} " for site in gold.sites for name in predicted.sites)
    tally.judge("site", right)
    if not right:
        tally.differ("site", gold.sites, ", ".join(sorted(predicted.sites)[:3]) or None, gold.quote)


def _count_side(pairing: FindingPairing, index: int, predicted: PredictedFinding, tally: FindingTally) -> None:
    """Count a side; if gold states none, that of another mention of the lesion is right, too."""
    gold = pairing.gold[index]
    others = {x.laterality for k, x in enumerate(pairing.gold) if k != index and pairing.same_lesion(k, index)}
    right = (gold.laterality or None) == (predicted.laterality or None)
    right = right or (not gold.laterality and predicted.laterality in others)
    tally.judge("laterality", right)
    if gold.laterality:
        tally.judge("laterality_stated", right)
    if not right:
        tally.differ("laterality", gold.laterality, predicted.laterality, gold.quote)


def _count_certainty(gold: GoldFinding, certainty: str, tally: FindingTally) -> None:
    tally.judge("certainty", gold.certainty == certainty)
    tally.add("denied_as_present", gold.is_denied and certainty != "absent")
    if gold.certainty != certainty:
        tally.differ("certainty", gold.certainty, certainty, gold.quote)


def _count_time(gold: GoldFinding, predicted: PredictedFinding, tally: FindingTally) -> None:
    if not gold.time:
        return
    tally.judge("time", gold.time == predicted.time)
    if gold.time != predicted.time:
        tally.differ("time", gold.time, predicted.time, gold.quote)


def _count_labels(pairing: FindingPairing, index: int, predicted: PredictedFinding, tally: FindingTally) -> None:
    """Count the labels of an abnormal finding.

    A prediction that serves several mentions gets no false positive for labels of another mention; of a restatement
    only the labels that it has count.
    """
    gold = pairing.gold[index]
    got = gold.labels if index in pairing.kept else predicted.labels(denied=gold.is_denied)
    others = frozenset().union(*(pairing.gold[k].labels for k in pairing.mentions(index))) - gold.labels
    got = got - others if index in pairing.pairs else got & gold.labels
    tally.compare("labels", gold.labels, got)
    for name, is_diagnosis in (("diagnosis", True), ("attributes", False)):
        stated, found = ({x for x in labels if (x[0] == DIAGNOSIS) is is_diagnosis} for labels in (gold.labels, got))
        tally.compare(name, stated, found)
    tally.differ_in_labels("labels", gold.labels, got, gold.quote)
