"""Samples of a bundle as batches."""
