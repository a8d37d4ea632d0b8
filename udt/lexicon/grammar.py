"""The kinds of concepts whose words are grammar of one language, and mean something else or nothing in another."""

from __future__ import annotations

from typing import Final

GRAMMAR_KINDS: Final = frozenset(
    {
        *("FunctionWord", "NegationCue", "HedgeCue", "PseudoCue", "ScopeBreak", "ComparisonCue", "LandmarkCue"),
        *("InstrumentTerm", "HistoryCue", "PatientTerm", "LegendMarker", "AgeUnit", "NonPatientTerm", "NeutralPhrase"),
    }
)
