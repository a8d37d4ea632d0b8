"""Concepts and dimensions, read from Turtle."""
