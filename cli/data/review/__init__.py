"""`udt data review`: review of samples by persons."""
