"""Agreement of the concept of a predicted finding with that of gold."""

from __future__ import annotations

from enum import IntEnum

from udt.scoring.findings.gold import GoldFinding
from udt.scoring.findings.names import ConceptNames
from udt.scoring.findings.predicted import PredictedFinding


class ConceptMatch(IntEnum):
    """Agreement of two concepts, the best first."""

    EXACT = 0
    BROADER = 1
    WRONG = 2
    MISSING = 3


def match_concepts(gold: GoldFinding, predicted: PredictedFinding, names: ConceptNames) -> ConceptMatch:
    """Compare two concepts.

    EXACT if a gold name is one of the names of the predicted concept, or both have none that distinguishes them.
    BROADER if the predicted concept is among the broader names of the gold, or an ancestor of its concept in the
    taxonomy. MISSING if the prediction states none.
    """
    stated = predicted.concept
    if not stated.names:
        return ConceptMatch.MISSING
    if gold.names & stated.names:
        return ConceptMatch.EXACT
    if gold.is_generic:
        return ConceptMatch.EXACT if predicted.is_generic else ConceptMatch.WRONG
    of_gold = names.concepts_called(gold.names)
    above = names.ancestors(of_gold) - of_gold
    is_broader = bool(gold.broader & stated.names or above & stated.curies)
    return ConceptMatch.BROADER if is_broader else ConceptMatch.WRONG
