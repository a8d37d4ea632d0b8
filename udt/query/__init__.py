"""SPARQL queries of the taxonomy and of a corpus, and the built-in preset queries."""
