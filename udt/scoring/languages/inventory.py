"""The words that the ontology holds of a language: names of concepts by kind, and words of its grammar by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.patterns import expand
from udt.taxonomy.model.taxonomy import Taxonomy

# The kinds of concepts with names, by what they are called here; the values of dimensions are counted apart.
_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "body systems": frozenset({"BodySystem"}),
    "organs": frozenset({"Organ"}),
    "regions": frozenset({"Region"}),
    "components": frozenset({"Component"}),
    "findings": frozenset({"FindingTerm"}),
}
# The grammar: kinds of concepts, and whether a language with words of denial is incomplete without one.
_GRAMMAR: Final[Mapping[str, tuple[str, bool]]] = {
    "denial": ("NegationCue", True),
    "uncertainty": ("HedgeCue", True),
    "empty denial": ("PseudoCue", True),
    "end of a scope": ("ScopeBreak", True),
    "history": ("HistoryCue", True),
    "comparison": ("ComparisonCue", True),
    "landmark": ("LandmarkCue", True),
    "other subject": ("NonPatientTerm", False),
    "other modality": ("OtherModalityTerm", False),
    "instrument": ("InstrumentTerm", False),
    "side": ("LateralityTerm", True),
    "heading": ("SectionHeading", True),
    "patient": ("PatientTerm", False),
    "age": ("AgeUnit", False),
    "length unit": ("LengthUnit", False),
    "word beside a number": ("MeasurementTerm", False),
    "function word": ("FunctionWord", True),
    "phrase without meaning": ("NeutralPhrase", False),
}


@dataclass(frozen=True, slots=True)
class NameCount:
    """The concepts of a kind that have a label in a language.

    :ivar labels: labels, those of patterns included.
    """

    kind: str
    named: int
    concepts: int
    labels: int


@dataclass(frozen=True, slots=True)
class WordCount:
    """The words of a kind of grammar in a language, those of patterns included."""

    kind: str
    words: int
    needed: bool


@dataclass(frozen=True, slots=True)
class Inventory:
    """The words of a language.

    :ivar name: its English name.
    """

    tag: str
    name: str
    names: tuple[NameCount, ...]
    words: tuple[WordCount, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The kinds of grammar without which reports in the language are read wrongly, and which it lacks."""
        return tuple(count.kind for count in self.words if count.needed and not count.words)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "language": self.tag,
            "name": self.name,
            "names": {c.kind: {"named": c.named, "concepts": c.concepts, "labels": c.labels} for c in self.names},
            "words": {c.kind: c.words for c in self.words},
            "missing": list(self.missing),
        }


def known_languages(taxonomy: Taxonomy) -> dict[str, str]:
    """Return the tags of the languages with a profile and at least one label, with their English names."""
    used = {tag for concept in taxonomy for tag in _tags(concept)}
    profiles = [c for c in taxonomy if c.kind == "LanguageProfile" and c.one("languageTag") in used]
    return {str(c.one("languageTag")): c.label for c in sorted(profiles, key=lambda c: (c.order, c.curie))}


def inventory(taxonomy: Taxonomy, tag: str) -> Inventory:
    """Return the words that the ontology holds of a language.

    :param tag: one of `known_languages`.
    """
    tasks = {value.curie for d in taxonomy.dimensions if d.task is not None and d.role != "place" for value in d.values}
    others = {value.curie for d in taxonomy.dimensions if d.task is None for value in d.values}
    groups: dict[str, list[Concept]] = {
        kind: [concept for concept in taxonomy if concept.kind in kinds] for kind, kinds in _NAMES.items()
    }
    groups["values of the tasks"] = [concept for concept in taxonomy if concept.curie in tasks]
    groups["values of further dimensions"] = [concept for concept in taxonomy if concept.curie in others]
    return Inventory(
        tag,
        known_languages(taxonomy)[tag],
        tuple(_count(kind, concepts, tag) for kind, concepts in groups.items()),
        tuple(
            WordCount(name, sum(_labels(concept, tag) for concept in taxonomy if concept.kind == kind), needed)
            for name, (kind, needed) in _GRAMMAR.items()
        ),
    )


def _count(kind: str, concepts: Iterable[Concept], tag: str) -> NameCount:
    counts = [_labels(concept, tag) for concept in concepts]
    return NameCount(kind, sum(count > 0 for count in counts), len(counts), sum(counts))


def _labels(concept: Concept, tag: str) -> int:
    own = sum(_primary(label.language) == tag for label in concept.labels)
    return own + sum(len(list(expand(p.text))) for p in concept.patterns if _primary(p.language) == tag)


def _tags(concept: Concept) -> set[str]:
    languages = [*(label.language for label in concept.labels), *(pattern.language for pattern in concept.patterns)]
    return {_primary(language) for language in languages}


def _primary(language: str) -> str:
    return language.partition("-")[0]
