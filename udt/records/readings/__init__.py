"""Readings in the database: reports of `udt.core.report` to rows, and back."""
