"""Plain data and helpers that everything else builds on; imports nothing else of `udt`."""
