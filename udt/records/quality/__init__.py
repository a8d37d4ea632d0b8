"""Validation, duplicates, leakage, splits and statistics of records."""
