"""A tenth classification task, *orientation*, added by one Turtle file, for the tests of every stage."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.turtle import HEADER
from udt.core.vocabulary import DimensionLabels, Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

KEY = "orientation"

DIMENSION = """
ns:OrientationValue a owl:Class ; rdfs:subClassOf ns:Value ; rdfs:label "orientation value"@en .

udaf:orientation a ns:Dimension , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "Orientation"@en ; skos:notation "D10" ;
    skos:definition "The direction of the long axis of a lesion against the skin."@en ;
    ns:key "orientation" ; ns:role ns:AttributeRole ; ns:valueClass ns:OrientationValue ;
    ns:prompt "an ultrasound image of a lesion that is {label} to the skin" ;
    skos:inScheme <https://w3id.org/udt/udaf> .

udaf:orientation.parallel a ns:OrientationValue , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "parallel"@en ; skos:altLabel "horizontally oriented"@en , "parallel orientation"@en ;
    skos:notation "OR-PAR" ; skos:definition "The long axis runs along the skin."@en ;
    skos:broader udaf:orientation ; skos:inScheme <https://w3id.org/udt/udaf> ; ns:order 1 .

udaf:orientation.not-parallel a ns:OrientationValue , skos:Concept , owl:NamedIndividual ;
    skos:prefLabel "not parallel"@en ; skos:altLabel "vertically oriented"@en , "non-parallel orientation"@en ;
    skos:notation "OR-NOT" ; skos:definition "The long axis runs across the skin layers."@en ;
    skos:broader udaf:orientation ; skos:inScheme <https://w3id.org/udt/udaf> ; ns:order 2 .
"""

TASK = "\nudaf:orientation ns:task 10 .\n"


@cache
def extension() -> str:
    """Return the Turtle of the tenth task: one statement if the built-in taxonomy has the dimension, else all of it."""
    built_in = any(dimension.key == KEY for dimension in Taxonomy.load().dimensions)
    return HEADER + ("" if built_in else DIMENSION) + TASK


def write_extension(folder: Path) -> Path:
    """Write `orientation.ttl` into a folder and return its path."""
    path = folder / f"{KEY}.ttl"
    path.write_text(extension(), "utf-8")
    return path


def with_tenth(vocabulary: Vocabulary) -> Vocabulary:
    """Return a vocabulary with a tenth dimension of two labels, without a taxonomy."""
    labels = ("parallel", "not parallel")
    iris = tuple(f"https://w3id.org/udt/udaf/{KEY}.{label.replace(' ', '-')}" for label in labels)
    tenth = DimensionLabels(KEY, 10, "", labels, iris, tuple(f"a lesion {label} to the skin" for label in labels))
    return Vocabulary((*vocabulary.dimensions, tenth), vocabulary.version, "0" * 64)
