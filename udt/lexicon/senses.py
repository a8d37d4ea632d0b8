"""The senses of concepts: the values, places and roles that a mention may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "anatomy",
    "value",
    "finding",
    "head",
    "modifier",
    "negation",
    "hedge",
    "pseudo",
    "break",
    "comparison",
    "landmark",
    "instrument",
    "history",
    "patient",
    "legend",
    "section",
    "age unit",
    "side",
    "length unit",
    "non patient",
    "modality",
    "neutral",
    "function",
]
"""What a mention does for the rules. Strings, because sets of them are constants to the compiler."""

KINDS: Mapping[str, Kind] = {
    "BodySystem": "anatomy",
    "Organ": "anatomy",
    "Component": "anatomy",
    "Region": "anatomy",
    "FindingTerm": "finding",
    "Head": "head",
    "Modifier": "modifier",
    "NegationCue": "negation",
    "HedgeCue": "hedge",
    "PseudoCue": "pseudo",
    "ScopeBreak": "break",
    "ComparisonCue": "comparison",
    "LandmarkCue": "landmark",
    "InstrumentTerm": "instrument",
    "HistoryCue": "history",
    "PatientTerm": "patient",
    "LegendMarker": "legend",
    "SectionHeading": "section",
    "AgeUnit": "age unit",
    "LateralityTerm": "side",
    "LengthUnit": "length unit",
    "NonPatientTerm": "non patient",
    "OtherModalityTerm": "modality",
    "NeutralPhrase": "neutral",
    "FunctionWord": "function",
}


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One label of one dimension.

    :ivar dimension: index of the dimension in task order; `key` is its key.
    :ivar order: place of the label among those of all dimensions.
    """

    dimension: int
    key: str
    order: int
    label: str
    concept: str


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What a mention of anatomy labels: an organ with its system, a system alone, or (both None) nothing.

    The lexicon makes one for each concept, so that places are the same where their concepts are.

    :ivar values: the system and the organ, as far as there are any.
    """

    concept: str
    organ: Value | None
    system: Value | None
    values: tuple[Value, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(v for v in (self.system, self.organ) if v is not None))


@dataclass(slots=True)
class Sense:
    """What one concept means to the rules.

    :ivar values: labels that a mention gives by itself.
    :ivar places: anatomy that a mention names, or that a finding implies.
    :ivar heads: names under which a composition may use the mention as its head, the most specific first.
    :ivar line: for anatomy, the concept and everything above it.
    :ivar specificity: how definite a place is: `Structure`, `TissueLayer`, `JointRegion` or `BodyRegion`.
    :ivar pediatric: what replaces the place under 18 years.
    :ivar female: what the place means in a woman, or None.
    :ivar role: what a cue or function word does: its direction, scope or function.
    :ivar weak: `faint` where what it implies only counts if the text says nothing else.
    :ivar compartments: (concept, place) pairs: with a mention below the concept, the place holds instead.
    """

    curie: str
    kind: Kind
    values: tuple[Value, ...] = ()
    places: tuple[Place, ...] = ()
    heads: tuple[str, ...] = ()
    line: frozenset[str] = frozenset()
    specificity: str = ""
    pediatric: Place | None = None
    female: Place | None = None
    compartments: tuple[tuple[str, Place], ...] = ()
    role: str = ""
    weak: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def one(self, attribute: str) -> Any:
        """The first value of an attribute, or None."""
        found = self.attributes.get(attribute)
        return found[0] if found else None
