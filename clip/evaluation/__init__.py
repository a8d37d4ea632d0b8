"""Evaluation of a dual encoder: zero-shot classification in all tasks and retrieval."""
