"""The commands of `udt taxonomy`."""
