"""Tools for authors of extensions."""
