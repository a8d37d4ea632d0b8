"""Labelled samples in a database: sources, cases, images, captions and labels with their evidence."""
