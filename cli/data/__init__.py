"""`udt data`: records in a database, from import to bundle."""
