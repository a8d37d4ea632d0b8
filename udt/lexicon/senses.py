"""The senses of concepts: the values, places and roles that a mention may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

from udt.core.vocabulary import DimensionRole

Kind = Literal[
    "anatomy",
    "value",
    "attribute",
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
    "unit",
    "measurement term",
    "non patient",
    "modality",
    "neutral",
    "function",
]
"""The kind of a mention. The rules test it in their inner loops, so it is a string instead of an enum."""

KINDS: Final[Mapping[str, Kind]] = {
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
    "Unit": "unit",
    "MeasurementTerm": "measurement term",
    "NonPatientTerm": "non patient",
    "OtherModalityTerm": "modality",
    "NeutralPhrase": "neutral",
    "FunctionWord": "function",
}


class Weight(Enum):
    """When the labels of a mention count as labels of the text."""

    FULL = "full"
    """Always."""
    FALLBACK = "fallback"
    """If the text gives no other label of their dimension."""
    PRIOR = "prior"
    """If the text examines their place: a diagnosis known beforehand, from the history or from another modality."""


# The members as constants for the rules: in Python 3.11 each access by `Weight.…` takes as long as a call.
FULL, FALLBACK, PRIOR = Weight


@dataclass(frozen=True, slots=True)
class AttributeRules:
    """How the values of a dimension are read if they are read as attributes.

    :ivar stands_alone: whether they describe a structure or an examination too, so that a sentence with one is a
        finding.
    :ivar inside_names: whether they are read inside the names of anatomy and findings too.
    :ivar adjacent_only: whether they are read only in the noun phrase of their finding or as its predicate.
    :ivar named_only: whether they describe what a noun names, and not the other attributes beside it.
    :ivar of_neighbour: whether they are signs with names of their own, which mark the finding beside them.
    :ivar location_key: key of their words in the location of the finding, or None.
    :ivar structure: CURIE of the structure that a line is about if it opens with one of them (*level II*), or None.
    :ivar qualifies: CURIEs of the concepts that their finding has to name or to lie in; if empty, any will do.
    :ivar rated: whether they are the numbered categories of a scheme (*BI-RADS 4*).
    :ivar graded: whether they form a scale, so that an adverb of one grades the word after it (*mildly hypoechoic*).
    """

    stands_alone: bool = False
    inside_names: bool = False
    adjacent_only: bool = False
    named_only: bool = False
    of_neighbour: bool = False
    location_key: str | None = None
    structure: str | None = None
    qualifies: frozenset[str] = frozenset()
    rated: bool = False
    graded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One label of one dimension.

    :ivar dimension: index of the dimension: tasks in their order, then the dimensions without a task.
    :ivar key: key of the dimension.
    :ivar role: role of the dimension.
    :ivar order: position of the label among the labels of all dimensions.
    :ivar concept: CURIE of the label's concept.
    """

    dimension: int
    key: str
    role: DimensionRole
    order: int
    label: str
    concept: str


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The labels of an anatomical concept: an organ with its body system, a body system alone, or (both None) nothing.

    The lexicon creates one place for each concept, so that places can be compared by identity.

    :ivar values: the system and the organ that are not None.
    """

    concept: str
    organ: Value | None
    system: Value | None
    values: tuple[Value, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(v for v in (self.system, self.organ) if v is not None))


@dataclass(slots=True)
class Sense:
    """The properties of one concept that the rules use.

    :ivar values: labels that a mention gives without a composition.
    :ivar places: the place of anatomy, or the places that a finding implies.
    :ivar heads: names under which a composition may use the mention as its head, the most specific first.
    :ivar line: for anatomy, the CURIEs of the concept and its ancestors.
    :ivar specificity: how definite a place is: `Structure`, `TissueLayer`, `JointRegion` or `BodyRegion`.
    :ivar pediatric: the place that replaces this one in patients under 18 years, or None.
    :ivar female: the place that replaces this one in women, or None.
    :ivar role: direction, scope or function of a cue or function word.
    :ivar reach: the most words between a cue and what it acts on; 0 for other senses.
    :ivar weight: when the values of a mention count.
    :ivar compartments: (concept, place) pairs: a mention of the concept, or of one below it, selects the place.
    :ivar rules: how an attribute is read; None for other senses.
    :ivar opposite: for an attribute, the value that its denial means, or None.
    :ivar of_structures: for an attribute, whether it describes structures and never a finding.
    :ivar names: for anatomy, the CURIEs of the concept, of what its name calls it (*vein*), and of all above it, in
        order.
    :ivar paired: for anatomy, whether it is one of a pair.
    :ivar own_side: for one of a pair, the side that its name has (*left kidney*), or None.
    :ivar attributes: what the concept states, by the names of the attributes; those that many rules ask for are
        fields as well.
    :ivar concept_kind: the kind of the concept: `Organ`, `Component`, `FindingTerm`.
    :ivar counted: for anatomy, whether it is a finding itself if the text speaks of it.
    :ivar focal: whether a finding is something focal.
    :ivar vague: whether a finding is no more than a *focus* or *area*.
    :ivar by_context: whether it means something else in some texts, or denies what it names.
    :ivar above: for a finding, the CURIEs of the concepts above it.
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
    reach: int = 0
    weight: Weight = Weight.FULL
    rules: AttributeRules | None = None
    opposite: Value | None = None
    of_structures: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    paired: bool = False
    own_side: str | None = None
    concept_kind: str = field(init=False)
    counted: bool = field(init=False)
    focal: bool = field(init=False)
    vague: bool = field(init=False)
    by_context: bool = field(init=False)
    above: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        stated = self.attributes
        self.concept_kind = str(stated.get("kind", ""))
        self.counted = bool(stated.get("counted"))
        self.focal = bool(stated.get("focal"))
        self.vague = bool(stated.get("vague"))
        self.by_context = "denies" in stated or "namesStructure" in stated
        self.above = tuple(stated.get("above", ()))

    def one(self, attribute: str) -> Any:
        """Return the first value of an attribute, or None."""
        found = self.attributes.get(attribute)
        return found[0] if found else None
