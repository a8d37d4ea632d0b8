"""Comparison of two states of the taxonomy."""
