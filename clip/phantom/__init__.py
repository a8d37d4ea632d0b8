"""Phantoms: drawn B-mode pictures of label sets, with captions."""
