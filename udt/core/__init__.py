"""Plain data and helpers that all other packages use; imports nothing else of `udt`."""
