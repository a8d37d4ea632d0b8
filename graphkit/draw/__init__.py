"""Drawings of what a report states and of a corpus: pictures, one HTML page, and files for graph tools."""
