"""SHACL shapes of the dimensions, generated from a loaded taxonomy.

They complete those of records and findings in `ontology/schema/shapes.ttl`. Their published form for the built-in
taxonomy is `ontology/generated/dimension-shapes.ttl`.
"""

from __future__ import annotations

import pyoxigraph as ox

from udt.taxonomy.export import turtle
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

_SHAPES = "https://w3id.org/udt/shapes#"


def dimension_shapes(taxonomy: Taxonomy) -> str:
    """Write the shapes in Turtle: values are of the taxonomy, and an inner place needs the outer one beside it."""
    comment = "Generated from the taxonomy by `make regenerate`; see udt/taxonomy/export/shapes.py."
    prefixes = f"@prefix : <{_SHAPES}> .\n"
    dimensions = taxonomy.dimensions
    names = turtle.wrapped((_shape(dimension) for dimension in dimensions), separator=" ,", indent=8)
    blocks = [
        turtle.header(("ns", "sh"), comment) + prefixes,
        f":LabelledRecord sh:property\n{names} .\n\n:Finding sh:property\n{names} .\n",
        *map(_property_shape, dimensions),
        *(_nesting_shape(inner, outer) for inner in dimensions if (outer := taxonomy.enclosing(inner)) is not None),
    ]
    return "\n".join(blocks)


def _shape(dimension: Dimension) -> str:
    return f":dimension-{dimension.key}"


def _property_shape(dimension: Dimension) -> str:
    value_class, path = dimension.concept.one("valueClass") or "", turtle.term(dimension.label_property)
    message = (
        f"The value of {path} has to be one of the dimension '{dimension.concept.label}' of the taxonomy (class "
        f"{value_class}); correct it, or add it in an extension."
    )
    return f"""{_shape(dimension)} a sh:PropertyShape ;
    sh:path {path} ;
    sh:nodeKind sh:IRI ;
    sh:class {value_class} ;
    sh:message {_text(message)}@en .
"""


def _nesting_shape(inner: Dimension, outer: Dimension) -> str:
    name = f"{_shape(inner)}-within-{outer.key}"
    paths = [turtle.term(dimension.label_property) for dimension in (inner, outer)]
    nouns = [dimension.concept.label.lower() for dimension in (inner, outer)]
    message = f"The {nouns[0]} {{?value}} needs its {nouns[1]} {{?outer}} beside it in {paths[1]}."
    return f""":LabelledRecord sh:sparql {name} .

{name} a sh:SPARQLConstraint ;
    sh:prefixes <{_SHAPES.removesuffix("#")}> ;
    sh:message {_text(message)}@en ;
    sh:select \"\"\"
        SELECT $this ?value ?outer WHERE {{
            $this {paths[0]} ?value .
            ?value skos:broader ?outer .
            ?outer a {outer.concept.one("valueClass")} .
            FILTER NOT EXISTS {{ $this {paths[1]} ?outer }}
        }}\"\"\" .
"""


def _text(text: str) -> str:
    return str(ox.Literal(text))
