"""Concepts of the ontology, with their labels and rules, and dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from udt.core.vocabulary import DimensionRole
from udt.taxonomy.model.namespaces import NS, SKOS

Role = Literal["pref", "alt", "hidden", "abbreviation", "adjective"]
PatternKind = Literal["any", "final", "bare"]
Value = str | int | bool

LABEL_PROPERTIES: Mapping[Role, str] = {
    "pref": SKOS + "prefLabel",
    "alt": SKOS + "altLabel",
    "hidden": SKOS + "hiddenLabel",
    "abbreviation": NS + "abbreviation",
    "adjective": NS + "adjective",
}
"""IRI of the property of a label by its role, in the order in which the labels of a concept are listed."""
ANATOMY_KINDS = frozenset({"BodySystem", "Organ", "Component", "Region"})
"""Kinds of concepts that are places of the body."""
Reading = Literal["label", "attribute", "none"]
"""How values are matched in text: with anatomy, findings and cues, as attributes apart from them, or not at all."""


@dataclass(frozen=True, slots=True)
class Label:
    """One name of a concept.

    :ivar language: BCP 47 tag, lower case (`en`, `zh-hant`).
    """

    text: str
    language: str
    role: Role


@dataclass(frozen=True, slots=True)
class LabelPattern:
    """Many names of a concept written as one text; they are matched in text and shown nowhere.

    :ivar text: the pattern, as `expand` reads it.
    :ivar language: BCP 47 tag, lower case.
    :ivar kind: whether the names count only at the end of a noun phrase (`final`), or name the concept without what it
        implies (`bare`).
    """

    text: str
    language: str
    kind: PatternKind = "any"


@dataclass(frozen=True, slots=True)
class Composition:
    """A value that is named by a modifier and a head (`irregular` + `margin`).

    :ivar modifier: CURIE of the modifier, or None if the head alone names the value.
    :ivar head: CURIE of the head.
    :ivar negated: whether the head has to be negated instead (`no` + `flow`).
    """

    modifier: str | None
    head: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class CompartmentRule:
    """A mention of the concept together with `within`, or a concept below it, labels `resolves_to` instead."""

    within: str
    resolves_to: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One individual of the ontology.

    :ivar curie: CURIE, e.g. `uhat:liver`; the full IRI if no prefix matches.
    :ivar kind: local name of its class in `ns:`, e.g. `Organ`, `ShapeValue`, `FindingTerm`, `NegationCue`.
    :ivar label: English preferred label.
    :ivar patterns: the patterns of further names.
    :ivar broader: CURIEs of its parents.
    :ivar order: position among its siblings, from 1; 0 if the ontology gives none.
    :ivar mappings: (SKOS predicate, CURIE) pairs, e.g. `("exactMatch", "UBERON:0002107")`.
    :ivar attributes: every other `ns:` property: local name to its values (CURIEs, numbers or strings).
    :ivar source: names of the files that declare or extend it, joined by `, `.
    :ivar deprecated: whether it is no longer used: not matched in text, and no value of a dimension.
    :ivar replaced_by: CURIEs of the concepts to use instead of a deprecated one.
    """

    curie: str
    iri: str
    kind: str
    label: str
    labels: tuple[Label, ...]
    broader: tuple[str, ...] = ()
    notation: str | None = None
    order: int = 0
    definition: str | None = None
    scope_note: str | None = None
    mappings: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    compositions: tuple[Composition, ...] = ()
    compartment_rules: tuple[CompartmentRule, ...] = ()
    source: str = ""
    deprecated: bool = False
    replaced_by: tuple[str, ...] = ()
    patterns: tuple[LabelPattern, ...] = ()

    @property
    def exact_matches(self) -> tuple[str, ...]:
        """CURIEs of the concepts of other terminologies with the same meaning, sorted."""
        return tuple(sorted(code for match, code in self.mappings if match == "exactMatch"))

    def all(self, attribute: str) -> tuple[str, ...]:
        """Return the values of `attribute` as strings; empty if there are none."""
        return tuple(str(value) for value in self.attributes.get(attribute, ()))

    def one(self, attribute: str) -> str | None:
        """Return the first value of `attribute` as a string, or None."""
        values = self.attributes.get(attribute, ())
        return str(values[0]) if values else None

    def is_true(self, attribute: str) -> bool:
        """Return whether `attribute` is stated as true; it is not if it is missing or false."""
        return any(value is True for value in self.attributes.get(attribute, ()))

    def number(self, attribute: str) -> int | None:
        """Return the first value of `attribute` if it is a number, or None."""
        values = self.attributes.get(attribute, ())
        return values[0] if values and isinstance(values[0], int) else None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of description, with its values in their fixed order.

    :ivar key: field name in JSON, e.g. `internal_characteristics`.
    :ivar role: whether its values are places, types of finding, or attributes of a finding.
    :ivar task: number of the classification task, from 1; None for a dimension of reports alone, on which no model is
        trained.
    :ivar profiles: local names of the profiles that it belongs to, e.g. `PaperProfile`.
    :ivar us365k_field: name of the field in the US-365K files; empty for a dimension that they lack.
    :ivar label_property: IRI of the property from a record to its values of the dimension.
    :ivar reading: how its values are matched in text.
    """

    key: str
    role: DimensionRole
    task: int | None
    profiles: tuple[str, ...]
    us365k_field: str
    label_property: str
    concept: Concept
    values: tuple[Concept, ...]
    reading: Reading = "label"

    @property
    def labels(self) -> tuple[str, ...]:
        """Exact label strings, in order."""
        return tuple(value.label for value in self.values)

    def prompt(self, value: Concept) -> str:
        """Return the zero-shot prompt of a value: its own, or the template of the dimension with its label."""
        template = value.one("prompt") or self.concept.one("prompt") or "{label}"
        return template.replace("{label}", value.label)
