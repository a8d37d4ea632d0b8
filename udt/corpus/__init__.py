"""What is made from a database of records: an RDF store to ask in SPARQL, and the bundle that training reads."""
