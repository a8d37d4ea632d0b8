"""Validation of dimensions: each one that loads works in every format, table and model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from udt.core.reserved import RESERVED_KEYS, RESERVED_PREFIXES
from udt.core.texts import brief
from udt.taxonomy.model import source
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.faults import closest, where
from udt.taxonomy.model.namespaces import NS, OWL, RDF_TYPE, RDFS, compress, expand, property_iri
from udt.taxonomy.model.turtle_file import MAX_FAULTS

MAX_TASK = 1000
"""Highest number of a classification task."""

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_KEY = 60
_RANGE = RDFS + "range"
_ROLES = ("ns:PlaceRole", "ns:DiagnosisRole", "ns:AttributeRole")
_PROPERTIES = {f"{OWL}{kind}Property" for kind in ("Annotation", "Datatype", "Object")}
_DIAGNOSIS = "ns:DiagnosisRole"
_PLACE = "ns:PlaceRole"


@dataclass(slots=True)
class DeclaredTerms:
    """The terms of `ns:` that the files declare besides classes and concepts.

    :ivar profiles: CURIEs of the profiles.
    :ivar properties: IRI of a property to the local names of its OWL classes, e.g. `DatatypeProperty`.
    :ivar ranges: IRI of a property to the CURIEs of its `rdfs:range`.
    """

    profiles: set[str] = field(default_factory=set)
    properties: dict[str, set[str]] = field(default_factory=dict)
    ranges: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: Iterable[ox.Triple]) -> DeclaredTerms:
        """Collect the terms of some triples."""
        found = cls()
        for triple in triples:
            subject, predicate, target = triple.subject, triple.predicate.value, triple.object
            if not isinstance(subject, ox.NamedNode) or not isinstance(target, ox.NamedNode):
                continue
            if predicate == _RANGE:
                found.ranges.setdefault(subject.value, set()).add(compress(target.value))
            elif predicate == RDF_TYPE and target.value in _PROPERTIES:
                found.properties.setdefault(subject.value, set()).add(target.value.removeprefix(OWL))
            elif predicate == RDF_TYPE and target.value == f"{NS}Profile":
                found.profiles.add(compress(subject.value))
        return found


def faults_of_dimensions(
    concepts: Iterable[Concept], kinds: Mapping[str, str], terms: DeclaredTerms, prefixes: Mapping[str, str]
) -> list[str]:
    """Return a sentence for every fault of a dimension, in a fixed order; at most `MAX_FAULTS`.

    :param kinds: every class that the schema declares, mapped to its parent class in `ns:` (or "").
    :param prefixes: prefixes of the extensions.
    """
    found = list(concepts)
    built_in = {path.name for path in source.core_files()}
    dimensions = [concept for concept in found if concept.kind == "Dimension"]
    dimensions.sort(key=lambda concept: _is_extended(concept, built_in))
    values = Counter(f"ns:{concept.kind}" for concept in found)
    checks = (_counts, _key, _task, _role, _profiles, _prompt)
    faults = [
        *(fault for concept in dimensions for check in checks for fault in check(concept, terms)),
        *(fault for concept in dimensions for fault in _value_class(concept, kinds, values)),
        *(fault for concept in dimensions for fault in _property(concept, terms, prefixes)),
        *_shared(dimensions, prefixes),
        *_second_diagnosis(dimensions),
    ]
    return list(islice(faults, MAX_FAULTS))


def _is_extended(concept: Concept, built_in: Set[str]) -> bool:
    """Return whether an extension declares a dimension or adds to it; of two that clash, that one is named."""
    return any(name not in built_in for name in concept.source.split(", "))


def _counts(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for name in ("key", "valueClass"):
        if (count := len(concept.all(name))) != 1:
            got = f"{count} values of" if count else "no"
            yield f"{where(concept)} has {got} ns:{name}; a dimension has exactly one"
    for name in ("task", "role", "labelProperty"):
        if (count := len(concept.all(name))) > 1:
            yield f"{where(concept)} has {count} values of ns:{name}; a dimension has at most one; keep one"


def _key(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for key in concept.all("key"):
        shown = f"{where(concept)} has ns:key '{brief(key)}'"
        if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
            allowed = f"lower-case letters, digits and '_', a letter first, at most {_LONGEST_KEY} characters"
            yield f"{shown}; allowed: {allowed}"
        elif key in RESERVED_KEYS:
            yield f"{shown}, which is the name of another column of texts, records or reports; choose another key"
        elif key.startswith(RESERVED_PREFIXES):
            begin = ", ".join(map(repr, RESERVED_PREFIXES))
            yield f"{shown}; {begin} begin columns of hedged, denied and other labels; choose another key"


def _task(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for number in concept.attributes.get("task", ()):
        if isinstance(number, int) and not 1 <= number <= MAX_TASK:
            hint = "leave it out for a dimension of reports alone"
            yield f"{where(concept)} has ns:task {number}; allowed: 1 to {MAX_TASK:,}; {hint}"


def _role(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for role in concept.all("role"):
        if role not in _ROLES:
            yield f"{where(concept)} has ns:role {brief(role)}{closest(role, _ROLES)}; allowed: {', '.join(_ROLES)}"


def _profiles(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for profile in concept.all("inProfile"):
        if profile not in terms.profiles:
            hint = f"declare it as an ns:Profile, or take one of: {', '.join(sorted(terms.profiles)) or 'none'}"
            yield f"{where(concept)} has ns:inProfile {brief(profile)}, which is no profile; {hint}"


def _prompt(concept: Concept, terms: DeclaredTerms) -> Iterator[str]:
    for template in concept.all("prompt"):
        if "{label}" not in template:
            hint = "write {label} at the place of the label"
            yield f"{where(concept)} has an ns:prompt that is the same for all its values; {hint}"


def _value_class(concept: Concept, kinds: Mapping[str, str], values: Mapping[str, int]) -> Iterator[str]:
    for name in concept.all("valueClass"):
        kind = name.removeprefix("ns:")
        of_places = kinds.get(kind) == "Anatomy"
        if kind not in kinds:
            yield f"{where(concept)} has ns:valueClass {brief(name)}, an unknown class{closest(kind, kinds)}"
        elif of_places and concept.one("role") != _PLACE:
            yield f"{where(concept)} has the places of {name} as values; give it ns:role {_PLACE}"
        elif not of_places and kinds[kind] != "Value":
            hint = f"declare {name} rdfs:subClassOf ns:Value"
            yield f"{where(concept)} has ns:valueClass {name}, whose members are not read as labels; {hint}"
        elif not of_places and not kind.endswith("Value"):
            yield f"{where(concept)} has ns:valueClass {name}; name the class ns:…Value, by which values are known"
        elif not values.get(name):
            hint = f"add members of its class {name}, each with skos:broader {concept.curie}"
            yield f"{where(concept)} has no value; {hint}"


def label_property(concept: Concept, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of the property of a dimension: its own, or by its key.

    :param prefixes: prefixes of the extensions.
    """
    own = concept.one("labelProperty")
    return expand(own, prefixes) if own else property_iri(concept.one("key") or "")


def _property(concept: Concept, terms: DeclaredTerms, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield the property of a dimension that means something else."""
    iri = label_property(concept, prefixes)
    others = terms.ranges.get(iri, set()) - set(concept.all("valueClass"))
    if kinds := terms.properties.get(iri, set()) - {"ObjectProperty"}:
        got = f"is an {' and '.join(f'owl:{kind}' for kind in sorted(kinds))}"
    elif others:
        got = f"has the range {', '.join(sorted(others))}"
    elif iri in terms.properties and not terms.ranges.get(iri):
        got = "is declared without a range"
    else:
        return
    hint = "choose another key, or give the dimension an ns:labelProperty"
    yield f"{where(concept)} has the property {compress(iri)}, which {got} and means something else; {hint}"


def _shared(dimensions: Iterable[Concept], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield keys, tasks, classes and properties that several dimensions have; of equal keys, no equal properties."""
    owners: dict[tuple[str, str], Concept] = {}
    for concept in dimensions:
        own = [(f"ns:{name}", value) for name in ("key", "task", "valueClass") for value in concept.all(name)]
        taken = [(name, value, owners.setdefault((name, value), concept)) for name, value in own]
        if not any(name == "ns:key" and other is not concept for name, _, other in taken):
            name, value = "the property", compress(label_property(concept, prefixes))
            taken.append((name, value, owners.setdefault((name, value), concept)))
        for name, value, other in taken:
            if other is not concept:
                yield f"{where(concept)} has {name} {brief(value)}, as {where(other)} has; give it another"


def _second_diagnosis(dimensions: Iterable[Concept]) -> Iterator[str]:
    found = [concept for concept in dimensions if concept.one("role") == _DIAGNOSIS]
    for concept in found[1:]:
        hint = "types of finding are one dimension; make this one an ns:AttributeRole, or add its values to that one"
        yield f"{where(concept)} has ns:role {_DIAGNOSIS}, as {where(found[0])} has; {hint}"
