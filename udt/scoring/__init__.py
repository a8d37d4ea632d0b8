"""Compare predictions with gold labels."""
