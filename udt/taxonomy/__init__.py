"""The taxonomy: concepts, labels and rules, read from the Turtle files in `udt.ontology` and a user's own."""

from udt.taxonomy.concept import CompartmentRule, Composition, Concept, Dimension, Label
from udt.taxonomy.namespaces import compress, expand
from udt.taxonomy.taxonomy import Taxonomy

__all__ = ["CompartmentRule", "Composition", "Concept", "Dimension", "Label", "Taxonomy", "compress", "expand"]
