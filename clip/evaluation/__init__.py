"""Evaluation of a dual encoder: nine-task zero-shot classification and retrieval."""
