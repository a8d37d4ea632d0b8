"""What closes the ontology's world: value partitions and `owl:AllDifferent`, made from the taxonomy that was loaded.

These axioms cannot stand among the files that the loader reads. `owl:oneOf` over five echogenicities says that a
sixth, which an extension adds, *is* one of the five. The sixth would be merged with one of them in silence or, where it
is said to differ from all five, be a contradiction; OWL is monotonic, so that nothing in the extension could take that
back. So the axioms are generated over every value there is: `ontology/closure.ttl` is their published form for the
built-in taxonomy, which the loader leaves out; check, reasoner and export make them anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from udt.taxonomy.export import turtle
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.taxonomy import Taxonomy

_COMMENT = "Generated from the other files by `python -m udt.taxonomy.quality.regenerate`. See udt/taxonomy/closure.py."


def closing_axioms(taxonomy: Taxonomy) -> str:
    """Turtle that closes each dimension's value class and sets its members apart, in task order.

    Body systems and organs are the values of the first two dimensions, so they are covered too.
    """
    blocks = [turtle.header(("ns", "owl", "udaf", "uhat"), _COMMENT)]
    for dimension in taxonomy.dimensions:
        blocks += _closed(dimension.concept.one("valueClass") or "", dimension.values)
    return "\n".join(blocks)


def _closed(value_class: str, values: Sequence[Concept]) -> Iterator[str]:
    members = turtle.wrapped((turtle.term(value.iri) for value in values), indent=8)
    yield f"{value_class} owl:equivalentClass [\n    a owl:Class ;\n    owl:oneOf (\n{members}\n    )\n] .\n"
    if len(values) > 1:
        yield f"[] a owl:AllDifferent ;\n    owl:distinctMembers (\n{members}\n    ) .\n"


def closed_store(taxonomy: Taxonomy) -> ox.Store:
    """All triples of `taxonomy` and its closing axioms in one store: the ontology as it is published."""
    store = taxonomy.store()
    store.load(closing_axioms(taxonomy).encode(), format=ox.RdfFormat.TURTLE)
    return store
