"""The taxonomy: concepts, labels and rules, read from the Turtle files in `udt.ontology` and from extensions."""
