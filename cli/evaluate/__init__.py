"""`udt evaluate`: agreement of predictions with gold labels."""
