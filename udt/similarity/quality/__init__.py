"""Checks, repair and comparison of similarity matrices."""
