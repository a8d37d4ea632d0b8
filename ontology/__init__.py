"""The ontology, its lexicon, shapes, mappings and queries: data only."""
