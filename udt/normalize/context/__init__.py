"""Decide what a mention asserts, and of whom."""
