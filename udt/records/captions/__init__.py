"""Captions made from labels, by a grammar or a language model, and accepted only if the labels are read back."""
