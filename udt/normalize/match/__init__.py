"""Matches of the lexicon in a text: mentions, sentences, compositions, legends and measurements."""
