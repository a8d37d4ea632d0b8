"""Axioms of the ontology that are generated from a loaded taxonomy: properties of dimensions, and closing axioms.

A dimension without a declared property, as a module or an extension adds it, gets an object property of its labels.
Closing axioms are value partitions and `owl:AllDifferent`.

The loader must not read these axioms from a file. `owl:oneOf` over five echogenicities implies that a sixth, which an
extension adds, *is* one of the five. A reasoner would merge the sixth with one of them without a warning or, if it is
declared to differ from all five, find a contradiction; OWL is monotonic, so the extension could not retract the axiom.
Therefore the axioms are generated over all values that are loaded. `ontology/generated/closure.ttl` is their published
form for the built-in taxonomy, which the loader skips; check, reasoner and export generate them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from udt.taxonomy.export import turtle
from udt.taxonomy.model.concept import Concept, Dimension
from udt.taxonomy.model.namespaces import OWL, RDF_TYPE
from udt.taxonomy.model.taxonomy import Taxonomy

_OBJECT_PROPERTY = ox.NamedNode(OWL + "ObjectProperty")
_COMMENT = "Generated from the other files by `make regenerate`; see udt/taxonomy/export/closure.py."


def closing_axioms(taxonomy: Taxonomy) -> str:
    """Write the axioms in Turtle: each value class is the list of its members, which all differ; in task order.

    Places are values of dimensions, so they are included. Deprecated values are members too: their individuals are
    still declared.
    """
    blocks = [turtle.header(("ns", "owl", "rdfs", "udaf", "uhat"), _COMMENT)]
    declared = declared_properties(taxonomy)
    for dimension in taxonomy.dimensions:
        if dimension.label_property not in declared:
            blocks.append(_property(dimension))
        value_class = dimension.concept.one("valueClass") or ""
        old = [value for value in taxonomy.deprecated.values() if f"ns:{value.kind}" == value_class]
        blocks += _closed(value_class, [*dimension.values, *old])
    return "\n".join(blocks)


def declared_properties(taxonomy: Taxonomy) -> frozenset[str]:
    """Return the IRIs of the object properties that the files declare."""
    triples = (t for t in taxonomy.triples if t.predicate.value == RDF_TYPE and t.object == _OBJECT_PROPERTY)
    return frozenset(triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode))


def _property(dimension: Dimension) -> str:
    name, value_class = turtle.term(dimension.label_property), dimension.concept.one("valueClass")
    label = ox.Literal(dimension.concept.label.lower(), language="en")
    head = f"{name} a owl:ObjectProperty ; rdfs:label {label} ;"
    return f"{head}\n    rdfs:domain ns:Labelled ; rdfs:range {value_class} .\n"


def _closed(value_class: str, values: Sequence[Concept]) -> Iterator[str]:
    members = turtle.wrapped((turtle.term(value.iri) for value in values), indent=8)
    yield f"{value_class} owl:equivalentClass [\n    a owl:Class ;\n    owl:oneOf (\n{members}\n    )\n] .\n"
    if len(values) > 1:
        yield f"[] a owl:AllDifferent ;\n    owl:distinctMembers (\n{members}\n    ) .\n"


def closed_store(taxonomy: Taxonomy) -> ox.Store:
    """Load all triples of `taxonomy` and its closing axioms into one store: the ontology as it is published."""
    store = taxonomy.store()
    store.load(closing_axioms(taxonomy).encode(), format=ox.RdfFormat.TURTLE)
    return store
