"""`udt evaluate`: how well predictions agree with gold."""
