"""SPARQL queries of the taxonomy and of a corpus, and the presets that come with the ontology."""
