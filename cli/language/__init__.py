"""The commands `udt language`."""
