"""Closing axioms of the ontology: value partitions and `owl:AllDifferent`, generated from a loaded taxonomy.

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
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

_COMMENT = "Generated from the other files by `make regenerate`; see udt/taxonomy/export/closure.py."


def closing_axioms(taxonomy: Taxonomy) -> str:
    """Write the axioms in Turtle: each value class is the list of its members, which all differ; in task order.

    Body systems and organs are the values of the first two dimensions, so they are included. Deprecated values are
    members too: their individuals are still declared.
    """
    blocks = [turtle.header(("ns", "owl", "udaf", "uhat"), _COMMENT)]
    for dimension in taxonomy.dimensions:
        value_class = dimension.concept.one("valueClass") or ""
        old = [value for value in taxonomy.deprecated.values() if f"ns:{value.kind}" == value_class]
        blocks += _closed(value_class, [*dimension.values, *old])
    return "\n".join(blocks)


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
