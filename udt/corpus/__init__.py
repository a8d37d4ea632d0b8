"""Samples of a database of records, and the RDF store for SPARQL queries that is built from them."""
