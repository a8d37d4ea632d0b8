"""Phantoms: synthetic B-mode images of label sets, with captions."""
