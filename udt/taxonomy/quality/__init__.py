"""Checks of the taxonomy: queries, SHACL, a reasoner, and files that have to be regenerated."""
