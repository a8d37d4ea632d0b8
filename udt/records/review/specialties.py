"""The fields of ultrasound in which reviewers state how confident they are, as declared in the ontology."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from udt.taxonomy.model.namespaces import NS, RDF_TYPE, SKOS
from udt.taxonomy.model.taxonomy import Taxonomy

_CLASS, _COVERS, _ORDER, _LABEL = NS + "Specialty", NS + "covers", NS + "order", SKOS + "prefLabel"

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Specialty:
    """A specialty.

    :ivar key: its name in decisions, e.g. `lymph-nodes`: the IRI after its last dot.
    :ivar label: English label.
    :ivar organs: IRIs of the organ classes that it covers.
    """

    key: str
    label: str
    organs: frozenset[str]


def specialties(taxonomy: Taxonomy) -> tuple[Specialty, ...]:
    """Return the specialties in their order.

    >>> [one.key for one in specialties(Taxonomy.load())][:3]
    ['liver', 'kidney', 'bladder']
    """
    facts: dict[str, dict[str, list[_Term]]] = defaultdict(lambda: defaultdict(list))
    named = {triple.subject for triple in taxonomy.triples if _is_specialty(triple)}
    for triple in taxonomy.triples:
        if triple.subject in named and isinstance(triple.subject, ox.NamedNode):
            facts[triple.subject.value][triple.predicate.value].append(triple.object)
    return tuple(_specialty(iri, facts[iri]) for iri in sorted(facts, key=lambda iri: (_order(facts[iri]), iri)))


def covering(found: Sequence[Specialty], organs: Collection[str]) -> tuple[Specialty, ...]:
    """Return those of the specialties that cover one of the organs, given by their IRIs."""
    return tuple(one for one in found if not one.organs.isdisjoint(organs))


def _is_specialty(triple: ox.Triple) -> bool:
    return triple.predicate.value == RDF_TYPE and triple.object == ox.NamedNode(_CLASS)


def _specialty(iri: str, facts: dict[str, list[_Term]]) -> Specialty:
    labels = [one.value for one in facts[_LABEL] if isinstance(one, ox.Literal) and one.language == "en"]
    organs = frozenset(one.value for one in facts[_COVERS] if isinstance(one, ox.NamedNode))
    key = iri.rpartition(".")[2]
    return Specialty(key, labels[0] if labels else key, organs)


def _order(facts: dict[str, list[_Term]]) -> float:
    return min((float(one.value) for one in facts[_ORDER] if isinstance(one, ox.Literal)), default=float("inf"))
