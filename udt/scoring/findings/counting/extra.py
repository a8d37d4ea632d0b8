"""Counts of the predictions: false positives, split and merged lesions, evidence, and predictions of no account."""

from __future__ import annotations

from collections.abc import Sequence

from udt.scoring.findings.concepts import ConceptMatch, match_concepts
from udt.scoring.findings.gold import GoldFinding
from udt.scoring.findings.groups import Group
from udt.scoring.findings.outcomes import Fate, Outcome
from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.predicted import PredictedFinding
from udt.scoring.findings.quantities import quantity_text, same_value
from udt.scoring.findings.spans import overlap
from udt.scoring.findings.tally import FindingTally

_NAMES = {
    Fate.IGNORED: "ignored",
    Fate.OPTIONAL: "optional_matched",
    Fate.NAMED_ORGAN: "organs_only_named",
    Fate.FRAGMENT: "fragments",
}


def count_predictions(pairing: FindingPairing, outcomes: Sequence[Outcome], tally: FindingTally) -> None:
    """Count each prediction by its outcome, and the lesions that are split or merged."""
    for index, (predicted, outcome) in enumerate(zip(pairing.predicted, outcomes, strict=True)):
        if name := _NAMES.get(outcome.fate):
            tally.add(name)
            continue
        if outcome.group is Group.ABNORMAL:
            tally.add("concept_stated", _states_concept(pairing, index, predicted))
        if outcome.fate is Fate.EXTRA:
            _count_extra(pairing, index, outcome.group, tally)
    _count_merged(pairing, tally)
    _count_evidence(pairing, tally)


def _states_concept(pairing: FindingPairing, index: int, predicted: PredictedFinding) -> bool:
    """Return whether the concept of an abnormal prediction counts; not if gold has the same without a name."""
    partner = pairing.partner.get(index)
    if predicted.is_generic:
        return False
    if partner is None or not pairing.gold[partner].is_generic:
        return True
    return match_concepts(pairing.gold[partner], predicted, pairing.terms.names) is not ConceptMatch.EXACT


def _count_extra(pairing: FindingPairing, index: int, group: Group, tally: FindingTally) -> None:
    """Count a false positive; the labels of an abnormal one are false, too."""
    predicted = pairing.predicted[index]
    tally.add(f"{group}_fp")
    if group is Group.ABNORMAL:
        is_denied = predicted.is_denied or predicted.denies_labels_alone
        tally.add("denied_fp" if is_denied else "affirmed_fp")
        tally.add("labels_fp", len(predicted.labels(denied=predicted.is_denied)))
    tally.differ(f"extra, {group}", "", described(predicted), _words(pairing, predicted))
    if group is Group.ABNORMAL:
        _count_split(pairing, index, tally)


def _count_split(pairing: FindingPairing, index: int, tally: FindingTally) -> None:
    """Count a lesion as split if an extra finding has a label, concept or size of it that its prediction lacks."""
    predicted = pairing.predicted[index]
    for k in pairing.overlapping(index):
        gold = pairing.gold[k]
        if gold.optional or gold.group is not Group.ABNORMAL or k not in pairing.served:
            continue
        if overlap(gold.span, predicted.core) and _is_split(gold, predicted, pairing.predicted[pairing.served[k]]):
            tally.add("split")
            tally.differ("split", gold.concept, described(predicted), gold.quote)
            return


def _is_split(gold: GoldFinding, extra: PredictedFinding, paired: PredictedFinding) -> bool:
    """Return whether `extra` has a gold label, concept or size that `paired` lacks."""
    labels = extra.labels(denied=gold.is_denied) & gold.labels - paired.labels(denied=gold.is_denied)
    if labels or (gold.names & extra.concept.names and not gold.names & paired.concept.names):
        return True
    sizes = [size for _, size in gold.measurements if not any(same_value(size, y) for _, y in paired.measurements)]
    return any(same_value(size, got) for size in sizes for _, got in extra.measurements)


def _count_merged(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count a missed affirmed lesion as merged if the prediction of another lesion overlaps its quote."""
    for index, gold in enumerate(pairing.gold):
        is_found = index in pairing.served or index in pairing.kept
        if gold.optional or gold.is_denied or gold.group is not Group.ABNORMAL or is_found:
            continue
        others = (pairing.predicted[j] for j, k in pairing.partner.items() if _is_other_lesion(pairing, index, k))
        if other := next((one for one in others if overlap(gold.span, one.core)), None):
            tally.add("merged")
            tally.differ("merged", gold.concept, described(other), gold.quote)


def _is_other_lesion(pairing: FindingPairing, gold: int, other: int) -> bool:
    return not pairing.same_lesion(gold, other) and pairing.gold[other].group is Group.ABNORMAL


def _count_evidence(pairing: FindingPairing, tally: FindingTally) -> None:
    """Count the findings whose evidence has the words of its span; those without evidence have none."""
    text = pairing.report.text
    for predicted in pairing.predicted:
        if not predicted.is_interpretation:
            evidence = predicted.stated.get("evidence") or ()
            exact = all(text[e["start"] : e["end"]] == e["text"] for e in evidence if "text" in e)
            tally.judge("evidence", bool(evidence) and exact)


def _words(pairing: FindingPairing, predicted: PredictedFinding) -> str:
    if not predicted.core:
        return ""
    return pairing.report.text[min(start for start, _ in predicted.core) : max(end for _, end in predicted.core)]


def described(predicted: PredictedFinding) -> str:
    """Return a prediction in a few words: certainty, organ, side, concept, labels and sizes."""
    words = [predicted.certainty, *sorted(predicted.organs), predicted.laterality or ""]
    words += sorted(predicted.concept.names)[:1]
    words += [f"+{label}" for _, label in sorted(predicted.affirmed)]
    words += [f"-{label}" for _, label in sorted(predicted.denied)]
    words += [quantity_text(size) for _, size in predicted.measurements if size]
    return ", ".join(word for word in words if word)
