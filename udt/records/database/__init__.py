"""The tables of the database, connections to it, and shared queries."""
