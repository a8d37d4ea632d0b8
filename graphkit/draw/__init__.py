"""Drawings of what a report says and of what a corpus shows: pictures, one HTML page, and files for graph tools."""
