"""The outcome of each prediction: paired, of no account, a piece of gold, or extra."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from udt.scoring.findings.groups import Group
from udt.scoring.findings.pairing import FindingPairing
from udt.scoring.findings.predicted import PredictedFinding
from udt.scoring.findings.quantities import share_value
from udt.scoring.findings.spans import overlap


class Fate(StrEnum):
    """The way in which a prediction is counted.

    PAIRED: with its gold finding. OPTIONAL: not, since its gold finding is optional. IGNORED: not, since it is planned,
    of another person or in text without scores. NAMED_ORGAN: not, since it only names an organ. FRAGMENT: not, since
    gold has it as part of a finding. EXTRA: as a false positive.
    """

    PAIRED = "paired"
    OPTIONAL = "optional"
    IGNORED = "ignored"
    NAMED_ORGAN = "named_organ"
    FRAGMENT = "fragment"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of a prediction.

    :ivar group: the group in which it counts: of a bare finding that of its gold finding, else organ.
    :ivar part_of: index of the gold organ or normal state that it is a piece of, or None.
    """

    fate: Fate
    group: Group
    part_of: int | None = None


def outcomes_of(pairing: FindingPairing) -> list[Outcome]:
    """Return the outcome of each prediction, interpretations included."""
    return [_outcome(pairing, index, predicted) for index, predicted in enumerate(pairing.predicted)]


def _outcome(pairing: FindingPairing, index: int, predicted: PredictedFinding) -> Outcome:
    partner = pairing.partner.get(index)
    group = predicted.group
    if group is Group.ANY:
        group = Group.ORGAN if partner is None else pairing.gold[partner].group
    if predicted.is_ignored:
        return Outcome(Fate.IGNORED, group)
    if partner is not None:
        return Outcome(Fate.OPTIONAL if pairing.gold[partner].optional else Fate.PAIRED, group)
    if group is Group.ORGAN:
        return _of_organ(pairing, index, predicted)
    if group is Group.NORMAL:
        return _of_normal(pairing, index, predicted)
    repeats = _repeats_gold(pairing, predicted) or _repeats_kept_denial(pairing, index, predicted)
    return Outcome(Fate.FRAGMENT if repeats else Fate.EXTRA, group)


def _of_organ(pairing: FindingPairing, index: int, predicted: PredictedFinding) -> Outcome:
    """Decide on an organ: without size it is only named, with a size of the gold finding around it a piece of that."""
    if not predicted.measurements:
        return Outcome(Fate.NAMED_ORGAN, Group.ORGAN)
    around = [k for k in pairing.overlapping(index) if _may_be_organ_of(pairing, k, predicted)]
    if around and share_value(pairing.gold[around[0]].measurements, predicted.measurements):
        return Outcome(Fate.FRAGMENT, Group.ORGAN, around[0])
    return Outcome(Fate.EXTRA, Group.ORGAN)


def _of_normal(pairing: FindingPairing, index: int, predicted: PredictedFinding) -> Outcome:
    """Decide on a normal state: within a gold normal state or organ it is a piece of that."""
    for k in pairing.overlapping(index):
        if pairing.gold[k].group in (Group.NORMAL, Group.ORGAN) and _may_be_organ_of(pairing, k, predicted):
            return Outcome(Fate.FRAGMENT, Group.NORMAL, k)
    return Outcome(Fate.EXTRA, Group.NORMAL)


def _may_be_organ_of(pairing: FindingPairing, gold: int, predicted: PredictedFinding) -> bool:
    organ = pairing.gold[gold].organ
    return not organ or organ in predicted.organs


def _repeats_gold(pairing: FindingPairing, predicted: PredictedFinding) -> bool:
    """Return whether an interpretation names the concept of a gold finding that its host overlaps."""
    if predicted.host is None:
        return False
    core = pairing.predicted[predicted.host].core
    return any(predicted.concept.names & gold.names and overlap(gold.span, core) for gold in pairing.gold)


def _repeats_kept_denial(pairing: FindingPairing, index: int, predicted: PredictedFinding) -> bool:
    """Return whether a denied attribute overlaps every gold denial near it that its lesion keeps, and there is one."""
    if not predicted.denies_labels_alone or predicted.concept.names:
        return False
    near = [k for k in pairing.overlapping(index) if k in pairing.kept]
    return bool(near) and all(overlap(pairing.gold[k].span, predicted.core) for k in near)
