"""The lexicon: the taxonomy's labels in every form that text may give them, ready to be matched."""
